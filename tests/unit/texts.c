/* texts.c - each error, reason and canceller has a text of its own; so has what is none of them. */
#include "check.h"

enum { LAST = -13 };                            /* AIOT_EBADF */

static void of_errors(void)
{
    for (int a = LAST - 1; a <= 1; a++) {
        CHECK(aiot_error_name(a)[0] != '\0' && aiot_strerror(a)[0] != '\0');
        CHECK_EQUAL(aiot_i_is_known(a), a >= LAST);
        for (int b = LAST - 1; b < a; b++) CHECK(strcmp(aiot_error_name(a), aiot_error_name(b)) != 0 && strcmp(aiot_strerror(a), aiot_strerror(b)) != 0);
    }
    CHECK_EQUAL(AIOT_EBADF, LAST);
    CHECK(strcmp(aiot_error_name(7), aiot_error_name(1)) == 0);                 /* the program's own */
    CHECK(strcmp(aiot_strerror(-1000), aiot_strerror(LAST - 1)) == 0);
}
static void of_reasons(void)
{
    for (int a = AIOT_REPORT_CALLBACK; a <= AIOT_REPORT_STILL_RUNS; a++) {
        CHECK(aiot_reason_text((enum aiot_reason)a)[0] != '\0');
        for (int b = AIOT_REPORT_CALLBACK; b < a; b++) CHECK(strcmp(aiot_reason_text((enum aiot_reason)a), aiot_reason_text((enum aiot_reason)b)) != 0);
    }
    CHECK(aiot_reason_text((enum aiot_reason)(AIOT_REPORT_STILL_RUNS + 1))[0] == '\0');
}
static void of_cancellers(void)
{
    for (int a = AIOT_BY_NOBODY; a <= AIOT_BY_CALL; a++)
        for (int b = AIOT_BY_NOBODY; b < a; b++)
            CHECK(strcmp(aiot_canceller_text((enum aiot_canceller_kind)a), aiot_canceller_text((enum aiot_canceller_kind)b)) != 0);
}

int main(void)
{
    of_errors();
    of_reasons();
    of_cancellers();
    return 0;
}
