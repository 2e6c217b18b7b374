/* clock_goes_back.c - a clock that goes backwards: no time comes early, and debug builds say so once, and by how much. */
#define AIOT_DEBUG 1
#include "check.h"

static aiot_time shown;
static aiot_time clock_by_hand(aiot_loop *loop) { (void)loop; return shown; }
static void idle_by_hand(aiot_loop *loop, aiot_time until) { (void)loop; if (until != AIOT_FOREVER) shown = until; }
static int note(void *argument) { (void)argument; say("ran "); return 0; }

int main(void)
{
    static aiot_loop loop;
    static aiot_handle handle;
    char amount[40];
    shown = 1000;
    for (int i = 0; i < 2; i++) {                               /* once for each loop */
        aiot_loop_init_clock(&loop, clock_by_hand, idle_by_hand);
        CHECK_EQUAL(aiot_now(&loop), 1000);
        CHECK_EQUAL(aiot_call_later(&loop, &handle, 50, note, NULL), AIOT_OK);
        shown = 300;
        aiot_clock_refresh(&loop);
        CHECK_EQUAL(complaints, i + 1);
        snprintf(amount, sizeof amount, "went back by 700%s:", AIOT_TICKS_PER_S == 1000000000 ? " ns" : " ticks");
        CHECK(strstr(check_complaint, amount) != NULL);
        shown = 200;
        aiot_clock_refresh(&loop);
        CHECK_EQUAL(complaints, i + 1);
        CHECK_SAID("");
        shown = 1000;
        CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
        CHECK_SAID("ran ");
        CHECK_EQUAL(shown, 1050);
        shown = 1000;
    }
#if AIOT_TIME_BITS != 64                                        /* without a timer the loop may be away for as long as it likes */
    aiot_loop_init_clock(&loop, clock_by_hand, idle_by_hand);
    shown = AIOT_FOREVER - 5;
    aiot_clock_refresh(&loop);
    shown = -10;
    aiot_clock_refresh(&loop);
    CHECK_EQUAL(complaints, 2);
#endif
    return 0;
}
