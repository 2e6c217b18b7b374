/* ring_in_place.c - A ring in which tasks merely yield is left as it is, and the tasks' memory, too; until one is cancelled, waits, ends,
 * awaits, or adds something.  All of it in the order in which the list has it. */
static const void *traced;                      /* the task that is about to be stepped: never a callback */
#define AIOT_RING 1
#define AIOT_TRACE(task) (traced = (task))
#include "check.h"

enum { TASKS = 6 };
static aiot_loop loop;
static aiot_ready_place ring[8];

/* From each place in the ring on: so the array's end comes in between, too. */
static void nothing(aiot_loop *of, aiot_i_call *call) { (void)of; (void)call; }
static void begin_at(size_t place)
{
    static aiot_i_call calls[8];
    aiot_loop_init_virtual(&loop);
    CHECK_EQUAL(aiot_loop_use_ring(&loop, ring, 8), AIOT_OK);
    for (size_t k = 0; k < place; k++) {
        memset(&calls[k], 0, sizeof calls[k]);
        calls[k].entry.kind = AIOT_I_CALL;
        calls[k].run = nothing;
        aiot_i_make_ready(&loop, &calls[k].entry);
    }
    aiot_run_once(&loop);
    aiot_run_once(&loop);                       /* these places are free from here on */
    traced = NULL;
}

struct child { AIOT_FRAME; int yields; };
static AIOT_CORO(child) { AIOT_BEGIN(); while (self->yields-- > 0) AIOT_YIELD(); AIOT_END(); }

/* What one of the tasks does in its third step; the others only yield. */
enum deed { YIELDS, CANCELS_NEXT, CANCELS_BEFORE, CANCELS_ITSELF, TAKES_IT_BACK, ENDS, AWAITS, SLEEPS, CALLS, SPAWNS, FAILS, DEEDS };
struct one { AIOT_FRAME; int number, step; enum deed deed; aiot_handle handle; struct child child; aiot_task *others; };
static struct one frames[TASKS + 1];
static aiot_task tasks[TASKS + 1];

static int call(void *argument)
{
    struct one *self = (struct one *)argument;
    say("call%d ", self->number);
    CHECK(traced != &self->handle && aiot_current_task(&loop) == NULL);
    return 0;
}

static AIOT_CORO(one)
{
    AIOT_BEGIN();
    AIOT_TRY {
        for (self->step = 1; self->step <= 5; self->step++) {
            CHECK(traced == task && aiot_current_task(task->loop) == task);
            say("%d ", self->number);
            if (self->step == 3) {
                if (self->deed == CANCELS_NEXT) CHECK(aiot_task_cancel(&tasks[(self->number + 1) % TASKS]));
                if (self->deed == CANCELS_BEFORE) CHECK(aiot_task_cancel(&tasks[(self->number + TASKS - 1) % TASKS]));
                if (self->deed == CANCELS_ITSELF || self->deed == TAKES_IT_BACK) CHECK(aiot_task_cancel(task));
                if (self->deed == TAKES_IT_BACK) CHECK_EQUAL(aiot_task_uncancel(task), 0);
                if (self->deed == CALLS) aiot_call_soon(task->loop, &self->handle, call, self);
                if (self->deed == SPAWNS) CHECK_EQUAL(aiot_spawn(&tasks[TASKS], one, &frames[TASKS], .number = 9), AIOT_OK);
                if (self->deed == FAILS) AIOT_RAISE(7);
                if (self->deed == ENDS) AIOT_RETURN();
                if (self->deed == AWAITS) { AIOT_AWAIT(child, &self->child, .yields = 2); say("awaited "); }
                if (self->deed == SLEEPS) { AIOT_SLEEP(1); say("slept "); }
            }
            AIOT_YIELD();
        }
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        say("%d! ", self->number);
        AIOT_YIELD();
        say("%d? ", self->number);
    } AIOT_EXCEPT(7) {
        say("7 ");
    }
    AIOT_END();
}

static void run_all(enum deed deed, int who)
{
    for (int k = 0; k < TASKS; k++)
        CHECK_EQUAL(aiot_spawn_on(&loop, &tasks[k], one, &frames[k], .number = k, .deed = k == who ? deed : YIELDS), AIOT_OK);
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    for (int k = 0; k < TASKS; k++) CHECK(aiot_task_done(&tasks[k]));
}

static void order_is_that_of_the_list(void)
{
    static char in_list[sizeof check_notes];
    for (int deed = YIELDS; deed < DEEDS; deed++)
        for (int who = 0; who < TASKS; who++)
            for (size_t place = 0; place < 8; place++) {
                aiot_loop_init_virtual(&loop);
                run_all((enum deed)deed, who);
                memcpy(in_list, check_notes, sizeof check_notes);
                check_notes[0] = 0;
                begin_at(place);
                run_all((enum deed)deed, who);
                CHECK_SAID(in_list);
            }
}

/* Turn after turn, nothing of a task that yields is written, and the ring stays as it is; some turns after a cancel, too. */
static void nothing_is_written(void)
{
    static struct child yielders[TASKS];
    static aiot_task before[TASKS];
    static aiot_ready_place places[8];
    begin_at(5);
    for (int k = 0; k < TASKS; k++) CHECK_EQUAL(aiot_spawn_on(&loop, &tasks[k], child, &yielders[k], .yields = 10), AIOT_OK);
    for (int turn = 0; turn < 10; turn++) {
        if (turn == 4) CHECK(aiot_task_cancel(&tasks[TASKS - 1]));
        if (turn == 0 || turn == 6) {
            memcpy(before, tasks, sizeof before);
            memcpy(places, ring, sizeof places);
        }
        aiot_run_once(&loop);
        if (turn < 4 || turn >= 6) {
            CHECK(memcmp(before, tasks, sizeof before) == 0);
            CHECK(memcmp(places, ring, sizeof places) == 0);
        }
        for (int k = 0; k < TASKS - 1; k++) CHECK_EQUAL(yielders[k].yields, 9 - turn);
    }
    CHECK(aiot_task_cancelled(&tasks[TASKS - 1]));
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
}

/* A cancel from outside, between two turns, is delivered in the next. */
static void cancelled_between_turns(void)
{
    static struct one frame;
    begin_at(7);
    CHECK_EQUAL(aiot_spawn_on(&loop, &tasks[0], one, &frame, .number = 4), AIOT_OK);
    CHECK_EQUAL(aiot_spawn_on(&loop, &tasks[1], one, &frames[1], .number = 5), AIOT_OK);
    aiot_run_once(&loop);
    aiot_run_once(&loop);
    CHECK(aiot_task_cancel(&tasks[0]));
    aiot_run_once(&loop);
    CHECK_SAID("4 5 4 5 4! 5 ");
    CHECK_EQUAL(aiot_run_forever(&loop), AIOT_OK);
    CHECK_SAID("4? 5 5 ");
}

int main(void)
{
    nothing_is_written();
    cancelled_between_turns();
    order_is_that_of_the_list();
    return 0;
}
