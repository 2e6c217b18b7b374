/* many_ticks.c - ticks that are shorter than a nanosecond: converted exactly over their whole range. */
#define AIOT_TICKS_PER_S 5000000000
#include "check.h"

int main(void)
{
    static volatile int64_t n;                                  /* no constant: converted at run time */
    CHECK_EQUAL(AIOT_NS(999999999), INT64_C(4999999995));
    CHECK_EQUAL(AIOT_S(1800000000), INT64_C(9000000000000000000));
    n = 999999999;              CHECK_EQUAL(AIOT_NS(n), INT64_C(4999999995));
    n = -999999999;             CHECK_EQUAL(AIOT_NS(n), INT64_C(-4999999995));
    n = 1800000000;             CHECK_EQUAL(AIOT_S(n), INT64_C(9000000000000000000));
    n = -1800000000;            CHECK_EQUAL(AIOT_S(n), INT64_C(-9000000000000000000));
    return 0;
}
