/* odd_ticks.c - ticks that are no round part of a second: each unit is rounded up to whole ticks, over its whole range. */
#define AIOT_TICKS_PER_S 32768
#define AIOT_SMALL 1
#include "check.h"

int main(void)
{
    static volatile int64_t n;                                  /* no constant: converted at run time */
    static int calls;
    CHECK_EQUAL(AIOT_S(2), 65536);
    CHECK_EQUAL(AIOT_MS(1), 33);
    CHECK_EQUAL(AIOT_MS(125), 4096);
    CHECK_EQUAL(AIOT_US(31), 2);
    CHECK_EQUAL(AIOT_US(30), 1);
    CHECK_EQUAL(AIOT_NS(1), 1);
    CHECK_EQUAL(AIOT_MS(0.5), 17);
    CHECK_EQUAL(AIOT_S(0.1), 3277);
    CHECK_EQUAL(AIOT_MS(-125), -4096);                          /* "125 ms before": exact, and what is not is rounded up, too */
    CHECK_EQUAL(AIOT_S(-0.5), -16384);
    CHECK_EQUAL(AIOT_MS(-1), -32);
    n = 1;                      CHECK_EQUAL(AIOT_MS(n), 33);
    n = -1000;                  CHECK_EQUAL(AIOT_MS(n), -32768);
    n = -125;                   CHECK_EQUAL(AIOT_MS(n), -4096);
    n = -1;                     CHECK_EQUAL(AIOT_MS(n), -32);
    n = INT64_C(300000000000);  CHECK_EQUAL(AIOT_NS(n), 300 * 32768);               /* 300 s */
    n = 80 * INT64_C(3600000000); CHECK_EQUAL(AIOT_US(n), 80 * INT64_C(3600) * 32768);
    n = INT64_MAX;              CHECK_EQUAL(AIOT_NS(n), INT64_C(302231454903658));  /* 292 years */
    CHECK_EQUAL(AIOT_MS(n), AIOT_FOREVER);                      /* more ticks than there are */
    CHECK(AIOT_MS(-n) < 0);
    CHECK_EQUAL(AIOT_MS(++calls), 33);                          /* evaluated once */
    CHECK_EQUAL(calls, 1);
    return 0;
}
