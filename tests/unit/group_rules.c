/* group_rules.c - task groups: rules 99-116 of asyncio's TaskGroup, aiot_group_cancel() of asyncio 3.15, and the ways out of the block. */
#include "check.h"
#include "job.h"

#define SPAWN(i, ...) CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[i], job, &self->job[i], __VA_ARGS__), 0)

/* Checks the errors of a group, first to last; 0 ends the list. */
static void check_errors(const aiot_group *g, int first, int second, int third)
{
    const int expected[3] = { first, second, third };
    unsigned count = 0;
    while (count < 3 && expected[count] != 0) { CHECK_EQUAL(aiot_group_error(g, count).code, expected[count]); count++; }
    CHECK_EQUAL(aiot_group_error_count(g), count);
}

struct r99_waits_for_all { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; };
static AIOT_CORO(r99_waits_for_all)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        SPAWN(0, .delay = AIOT_S(2));
        SPAWN(1, .delay = AIOT_S(1));
        SPAWN(2, .delay = 0);
        say("body ");
    }
    CHECK_SAID("body ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_EQUAL(self->job[0].value + self->job[1].value + self->job[2].value, 3 * 42);
    CHECK_EQUAL(aiot_result(&self->t[0]), AIOT_OK);
    CHECK_EQUAL(aiot_group_error_count(&self->g), 0);
    AIOT_GROUP(&self->g) { }                                    /* an empty one */
    AIOT_GROUP(&self->g) { SPAWN(0, .delay = 0); AIOT_JOIN(&self->t[0]); }  /* all done at the end of the body */
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* 100: a task adds others while the block waits. */
struct adds { AIOT_FRAME; aiot_group *g; aiot_group_task *t; struct job *job; };
static AIOT_CORO(adds)
{
    AIOT_BEGIN();
    AIOT_SLEEP(1);
    CHECK_EQUAL(aiot_group_spawn(self->g, self->t, job, self->job, .delay = 5), 0);
    AIOT_END();
}
struct r100_tasks_added_while_it_waits { AIOT_FRAME; aiot_group g; aiot_group_task t[2]; struct adds adds; struct job job; };
static AIOT_CORO(r100_tasks_added_while_it_waits)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], adds, &self->adds, .g = &self->g, .t = &self->t[1], .job = &self->job), 0);
    }
    CHECK_EQUAL(self->job.value, 42);
    CHECK_EQUAL(aiot_now(task->loop), 6);
    CHECK_END();
}

struct r101_the_first_error_cancels_the_others { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; };
static AIOT_CORO(r101_the_first_error_cancels_the_others)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_GROUP(&self->g) {
            SPAWN(0, .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
            SPAWN(1, .name = "b", .delay = AIOT_S(1), .error = 7);
            SPAWN(2, .name = "c", .delay = AIOT_S(9));
            AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); NOT_REACHED(); }
            AIOT_EXCEPT(AIOT_ECANCELED) { say("body! "); CHECK_EQUAL(aiot_task_cancelling(task), 1); AIOT_RERAISE(); }
        }
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_EGROUP) {
        CHECK(aiot_caught(task).info == &self->g);
    }
    CHECK_SAID("a! c! body! ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));               /* clean-up included */
    check_errors(&self->g, 7, 0, 0);
    CHECK(aiot_group_error_task(&self->g, 0) == &self->t[1]);
    CHECK(aiot_cancelled(&self->t[0]) && aiot_cancelled(&self->t[2]));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);                 /* the group took its own request back */
    AIOT_SLEEP(1);

    AIOT_GROUP(&self->g) {                                      /* the body had ended: the holder is not cancelled, its wait goes on */
        SPAWN(0, .name = "a", .delay = AIOT_S(9));
        SPAWN(1, .delay = AIOT_S(1), .error = 8);
    } AIOT_EXCEPT(AIOT_EGROUP) { CHECK(aiot_caught(task).code == AIOT_EGROUP && aiot_caught(task).info == &self->g); say("group "); }
    CHECK_SAID("a! group ");
    check_errors(&self->g, 8, 0, 0);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

struct r102_more_errors_in_order { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; };
static AIOT_CORO(r102_more_errors_in_order)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        SPAWN(0, .delay = 9, .late_error = 8, .cleanup = 2);
        SPAWN(1, .delay = 9, .late_error = 9, .cleanup = 1);
        SPAWN(2, .delay = 1, .error = 7);
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("group ");
    check_errors(&self->g, 7, 9, 8);                            /* of completion */
    CHECK(aiot_group_error_task(&self->g, 0) == &self->t[2] && aiot_group_error_task(&self->g, 1) == &self->t[1]);
    CHECK(aiot_group_error_task(&self->g, 2) == &self->t[0] && aiot_group_error_task(&self->g, 3) == NULL);
    CHECK_EQUAL(aiot_now(task->loop), 3);
    AIOT_GROUP(&self->g) {                                      /* in the same turn: in the order of their ends */
        SPAWN(0, .error = 1);
        SPAWN(1, .error = 2);
        SPAWN(2, .error = 3);
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("group ");
    check_errors(&self->g, 1, 2, 3);
    CHECK(aiot_group_error_task(&self->g, 2) == &self->t[2] && aiot_group_error_task(&self->g, 3) == NULL);
    CHECK_END();
}

struct r103_an_error_of_the_body_comes_last { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; };
static AIOT_CORO(r103_an_error_of_the_body_comes_last)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        SPAWN(0, .name = "a", .delay = 9);
        SPAWN(1, .name = "b", .delay = 9, .late_error = 8);
        AIOT_SLEEP(1);
        AIOT_RAISE_INFO(7, "seven");
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("a! b! group ");
    check_errors(&self->g, 8, 7, 0);
    CHECK(aiot_group_error_task(&self->g, 0) == &self->t[1] && aiot_group_error_task(&self->g, 1) == NULL);
    CHECK(strcmp((const char *)aiot_group_error(&self->g, 1).info, "seven") == 0);
    AIOT_GROUP(&self->g) { AIOT_RAISE(7); } AIOT_EXCEPT(AIOT_EGROUP) { say("alone "); }     /* without any task, too */
    check_errors(&self->g, 7, 0, 0);
    AIOT_GROUP(&self->g) {                                      /* the body answers its cancel with an error */
        SPAWN(0, .error = 1);
        AIOT_TRY { AIOT_SLEEP(9); } AIOT_EXCEPT(AIOT_ECANCELED) { AIOT_RAISE(2); }
    } AIOT_EXCEPT(AIOT_EGROUP) { say("both "); }
    check_errors(&self->g, 1, 2, 0);
    CHECK_SAID("alone both ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* 104: one that is cancelled by itself, or cancels itself, is no error. */
struct r104_a_task_cancelled_alone { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; };
static AIOT_CORO(r104_a_task_cancelled_alone)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        SPAWN(0, .name = "a", .delay = AIOT_S(5));
        SPAWN(1, .name = "b", .delay = AIOT_S(1));
        SPAWN(2, .name = "c");
        aiot_cancel(&self->t[2]);                               /* before it begins */
        AIOT_YIELD();
        aiot_cancel(&self->t[0]);
    }
    CHECK_SAID("a! ");
    CHECK(aiot_cancelled(&self->t[0]) && aiot_cancelled(&self->t[2]) && self->job[1].value == 42);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_END();
}

/* A task that holds a group, to be cancelled from outside. */
struct holder { AIOT_FRAME; struct job a, b; bool body_waits, wait_again; aiot_group g; aiot_group_task t[2]; int code; const void *info; };
static AIOT_CORO(holder)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_GROUP(&self->g) {
            CHECK_EQUAL(aiot_group_spawn_frame(&self->g, &self->t[0], job, &self->a), 0);
            CHECK_EQUAL(aiot_group_spawn_frame(&self->g, &self->t[1], job, &self->b), 0);
            if (self->body_waits) AIOT_SLEEP(AIOT_S(9));
        }
    } AIOT_EXCEPT_ALL {
        self->code = aiot_caught(task).code;
        self->info = aiot_caught(task).info;
        if (!self->wait_again) AIOT_RERAISE();
        say("again ");
        AIOT_SLEEP(1);
        NOT_REACHED();
    }
    say("on ");
    AIOT_END();
}

struct r105_cancelled_from_outside { AIOT_FRAME; struct holder h; aiot_task t; bool body_waits; };
static AIOT_CORO(r105_cancelled_from_outside)
{
    AIOT_BEGIN();
    do {
        AIOT_SPAWN(&self->t, holder, &self->h, .body_waits = self->body_waits,
            .a = { .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(1) }, .b = { .name = "b", .delay = AIOT_S(9), .swallows = true });
        AIOT_SLEEP(AIOT_S(1));
        aiot_cancel_msg(&self->t, "enough");
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        CHECK_SAID("a! b! ");
        CHECK_EQUAL(self->h.code, AIOT_ECANCELED);
        CHECK(self->h.info && strcmp((const char *)self->h.info, "enough") == 0);
        CHECK(aiot_cancelled(&self->h.t[0]) && !aiot_cancelled(&self->h.t[1]));
        CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);         /* the count is kept */
        self->body_waits = !self->body_waits;
    } while (self->body_waits);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(4));
    CHECK_END();
}

/* A group whose holder was cancelled is a new one when it is entered again. */
struct r105_entered_again { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; aiot_handle later; int i; };
static int cancels_holder(void *holder) { aiot_task_cancel((aiot_task *)holder); return 0; }
static AIOT_CORO(r105_entered_again)
{
    AIOT_BEGIN();
    aiot_call_later(task->loop, &self->later, 1, cancels_holder, task);
    for (self->i = 0; self->i < 2; self->i++) {
        AIOT_GROUP(&self->g) { SPAWN(0, .delay = 9); }
        AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); aiot_task_uncancel(task); continue; }
        say("well ");
    }
    CHECK_SAID("cancelled well well ");
    CHECK_EQUAL(aiot_now(task->loop), 10);
    CHECK_END();
}

/* 106: a second cancel while it waits for the clean-up disturbs neither; the first one goes on. */
struct r106_a_second_cancel { AIOT_FRAME; struct holder h; aiot_task t; };
static AIOT_CORO(r106_a_second_cancel)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, holder, &self->h, .a = { .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(3) }, .b = { .delay = AIOT_S(9) });
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel_msg(&self->t, "first");
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel_msg(&self->t, "second");
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("a! ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(4));
    CHECK(strcmp((const char *)self->h.info, "first") == 0);
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 2);
    CHECK_END();
}

/* 107, 108: errors and a cancel from outside: the errors come out, and the cancel is asked again, for the next wait. */
struct r107_errors_and_an_outside_cancel { AIOT_FRAME; struct holder h; aiot_task t; };
static AIOT_CORO(r107_errors_and_an_outside_cancel)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->t, holder, &self->h, .wait_again = true, .a = { .delay = AIOT_S(9), .late_error = 7 }, .b = { .delay = AIOT_S(9) });
    AIOT_SLEEP(AIOT_S(1));
    aiot_cancel(&self->t);                                      /* the cancel first */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("again ");
    CHECK_EQUAL(self->h.code, AIOT_EGROUP);
    CHECK(self->h.info == &self->h.g);
    check_errors(&self->h.g, 7, 0, 0);
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);

    AIOT_SPAWN(&self->t, holder, &self->h, .wait_again = true, .body_waits = true,
        .a = { .delay = AIOT_S(9), .cleanup = AIOT_S(2) }, .b = { .delay = AIOT_S(1), .error = 8 });
    AIOT_SLEEP(AIOT_S(2));
    CHECK(!aiot_done(&self->t));
    aiot_cancel(&self->t);                                      /* the error first */
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
    CHECK_SAID("again ");
    CHECK_EQUAL(self->h.code, AIOT_EGROUP);
    check_errors(&self->h.g, 8, 0, 0);
    CHECK_EQUAL(aiot_task_cancelling(&self->t), 1);
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(4));

    AIOT_SPAWN(&self->t, holder, &self->h, .a = { .delay = AIOT_S(9), .late_error = 7 }, .b = { .delay = AIOT_S(9) });
    AIOT_YIELD();
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_EGROUP) { }           /* it does not wait again: it ends with them */
    CHECK(!aiot_cancelled(&self->t));
    CHECK_END();
}

/* 109: nested. */
struct r109_nested { AIOT_FRAME; aiot_group g, h; aiot_group_task t[3], u[2]; struct job job[3], k[2]; };
static AIOT_CORO(r109_nested)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {                                      /* an error inside comes out of both, as a group in a group */
        SPAWN(0, .name = "a", .delay = AIOT_S(9));
        AIOT_GROUP(&self->h) {
            aiot_group_spawn(&self->h, &self->u[0], job, &self->k[0], .name = "x", .delay = AIOT_S(9));
            aiot_group_spawn(&self->h, &self->u[1], job, &self->k[1], .delay = AIOT_S(1), .error = 7);
            AIOT_SLEEP(AIOT_S(9));
            NOT_REACHED();
        }
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_EGROUP) { CHECK(aiot_caught(task).info == &self->g); say("group "); }
    CHECK_SAID("x! a! group ");
    check_errors(&self->g, AIOT_EGROUP, 0, 0);
    CHECK(aiot_group_error(&self->g, 0).info == &self->h && aiot_group_error_task(&self->g, 0) == NULL);
    check_errors(&self->h, 7, 0, 0);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);

    AIOT_GROUP(&self->g) {                                      /* an error outside cancels the inner one, which raises nothing of its own */
        SPAWN(0, .delay = AIOT_S(1), .error = 8);
        AIOT_TRY {
            AIOT_GROUP(&self->h) { aiot_group_spawn(&self->h, &self->u[0], job, &self->k[0], .name = "x", .delay = AIOT_S(9)); }
            NOT_REACHED();
        } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); AIOT_RERAISE(); }
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("x! cancelled group ");
    check_errors(&self->g, 8, 0, 0);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);

    AIOT_GROUP(&self->g) {                                      /* both at once */
        SPAWN(0, .delay = AIOT_S(1), .error = 8);
        AIOT_GROUP(&self->h) {
            aiot_group_spawn(&self->h, &self->u[0], job, &self->k[0], .delay = AIOT_S(1), .error = 7);
            AIOT_SLEEP(AIOT_S(9));
        }
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("group ");
    check_errors(&self->g, 8, AIOT_EGROUP, 0);
    check_errors(&self->h, 7, 0, 0);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_SLEEP(1);                                              /* nothing is left of the cancels */

    AIOT_GROUP(&self->g) {                                      /* caught between them: the outer one goes on */
        SPAWN(0, .delay = AIOT_S(2));
        AIOT_GROUP(&self->h) {
            aiot_group_spawn(&self->h, &self->u[0], job, &self->k[0], .error = 7);
            AIOT_SLEEP(AIOT_S(9));
        } AIOT_EXCEPT(AIOT_EGROUP) { say("inner "); }
        AIOT_SLEEP(AIOT_S(1));
    }
    CHECK_SAID("inner ");
    CHECK_EQUAL(self->job[0].value, 42);
    CHECK_END();
}

/* 110-112: when a group takes no tasks. */
struct late { AIOT_FRAME; aiot_group *g; aiot_group_task *t; struct job *job; int answer; };
static AIOT_CORO(late)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); }
    AIOT_EXCEPT(AIOT_ECANCELED) { self->answer = aiot_group_spawn(self->g, self->t, job, self->job); }
    AIOT_END();
}
struct r110_closed { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; struct late late; };
static AIOT_CORO(r110_closed)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], job, &self->job[0]), AIOT_ERUNTIME);         /* not entered */
    CHECK_EQUAL(aiot_group_spawn_frame(&self->g, &self->t[0], job, &self->job[0]), AIOT_ERUNTIME);
    AIOT_GROUP(&self->g) {
        aiot_group_spawn(&self->g, &self->t[1], late, &self->late, .g = &self->g, .t = &self->t[0], .job = &self->job[0]);
        SPAWN(2, .delay = 1, .error = 7);
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); }
        AIOT_EXCEPT(AIOT_ECANCELED) {                                                                /* shutting down */
            CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], job, &self->job[0]), AIOT_ERUNTIME);
            AIOT_RERAISE();
        }
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("group ");
    CHECK_EQUAL(self->late.answer, AIOT_ERUNTIME);
    CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], job, &self->job[0]), AIOT_ERUNTIME);         /* over */
    CHECK_EQUAL(aiot_loop_task_count(task->loop), 1);
    AIOT_GROUP(&self->g) {
        SPAWN(0, .delay = 5);
        AIOT_TRY { AIOT_GROUP(&self->g) { NOT_REACHED(); } } AIOT_EXCEPT(AIOT_ERUNTIME) { say("twice "); }    /* nothing is disturbed */
        AIOT_TRY { AIOT_GROUP(&self->g) { NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { say("twice "); } } AIOT_FINALLY { }
        SPAWN(1, .delay = 0);
    }
    CHECK_EQUAL(self->job[0].value + self->job[1].value, 2 * 42);
    CHECK_SAID("twice twice ");
    CHECK_COMPLAINED(3);
    CHECK_END();
}

/* 113: one that refuses its cancel is waited for. */
struct stubborn { AIOT_FRAME; int refused; };
static AIOT_CORO(stubborn)
{
    AIOT_BEGIN();
    while (self->refused < 1) { AIOT_TRY { AIOT_SLEEP(AIOT_S(50)); } AIOT_EXCEPT(AIOT_ECANCELED) { self->refused++; AIOT_SLEEP(AIOT_S(5)); } }
    AIOT_END();
}
struct r113_a_stubborn_task { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; struct stubborn stubborn; };
static AIOT_CORO(r113_a_stubborn_task)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        aiot_group_spawn(&self->g, &self->t[0], stubborn, &self->stubborn);
        SPAWN(1, .delay = AIOT_S(1), .error = 7);
        AIOT_SLEEP(AIOT_S(9));
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("group ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(6));
    CHECK_EQUAL(aiot_result(&self->t[0]), AIOT_OK);
    check_errors(&self->g, 7, 0, 0);
    AIOT_GROUP(&self->g) {                                      /* a body that refuses: the group raises all the same */
        SPAWN(1, .delay = AIOT_S(1), .error = 8);
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); } AIOT_EXCEPT(AIOT_ECANCELED) { say("refused "); AIOT_SLEEP(AIOT_S(2)); say("body done "); }
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("refused body done group ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(9));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* 114, 115: within a limit. */
struct r114_within_a_limit { AIOT_FRAME; aiot_timeout limit, inner; aiot_group g; aiot_group_task t[3]; struct job job[3]; };
static AIOT_CORO(r114_within_a_limit)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {
        AIOT_GROUP(&self->g) {
            SPAWN(0, .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
            SPAWN(1, .name = "b", .delay = AIOT_S(9));
        } AIOT_EXCEPT(AIOT_EGROUP) { NOT_REACHED(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK(aiot_caught(task).info == &self->limit); say("timeout "); }
    CHECK_SAID("a! b! timeout ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {                     /* while the body waits */
        AIOT_GROUP(&self->g) { SPAWN(0, .name = "a", .delay = AIOT_S(9)); AIOT_SLEEP(AIOT_S(9)); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { say("timeout "); }
    CHECK_SAID("a! timeout ");
    AIOT_TIMEOUT(&self->limit, AIOT_S(1)) {                     /* an error of the clean-up comes out instead */
        AIOT_GROUP(&self->g) { SPAWN(0, .delay = AIOT_S(9), .late_error = 7); }
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK(aiot_timeout_expired(&self->limit));
    check_errors(&self->g, 7, 0, 0);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_YIELD();                                               /* the cancel that the group asked again went with the limit */
    AIOT_TIMEOUT(&self->limit, AIOT_S(2)) {                     /* an error before the limit */
        AIOT_GROUP(&self->g) { SPAWN(0, .delay = AIOT_S(1), .error = 8); AIOT_SLEEP(AIOT_S(9)); }
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK(!aiot_timeout_expired(&self->limit));
    AIOT_GROUP(&self->g) {                                      /* a limit inside is an error of the body */
        SPAWN(0, .name = "a", .delay = AIOT_S(9));
        AIOT_TIMEOUT(&self->inner, AIOT_S(1)) { AIOT_SLEEP(AIOT_S(9)); }
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK(aiot_group_error(&self->g, 0).info == &self->inner);
    check_errors(&self->g, AIOT_ETIMEDOUT, 0, 0);
    CHECK_SAID("group group a! group ");
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* The end of the last task is nothing to a holder whose body still waits for something else. */
struct holder_waits_on { AIOT_FRAME; aiot_group g; aiot_group_task t[1]; struct job job[1]; aiot_timeout limit; };
static AIOT_CORO(holder_waits_on)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, AIOT_S(5)) {
        AIOT_GROUP(&self->g) { SPAWN(0, .delay = AIOT_S(1)); AIOT_SLEEP(AIOT_FOREVER); NOT_REACHED(); }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) { CHECK_EQUAL(self->job[0].value, 42); }
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(5));
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------- aiot_group_cancel() */
static int cancel_group(void *group) { aiot_group_cancel((aiot_group *)group); return 0; }
struct group_cancel { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; aiot_handle later, again; bool body; };
static AIOT_CORO(group_cancel)
{
    AIOT_BEGIN();
    aiot_group_cancel(&self->g);                                /* before it is entered: acts on entry */
    AIOT_GROUP(&self->g) {
        self->body = true;
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], job, &self->job[0]), AIOT_ERUNTIME);
        AIOT_SLEEP(1);
        NOT_REACHED();
    }
    CHECK(self->body);
    CHECK_EQUAL(aiot_now(task->loop), 0);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_YIELD();
    aiot_group_cancel(&self->g);                                /* after its end: nothing */
    AIOT_GROUP(&self->g) { SPAWN(0, .delay = 0); AIOT_YIELD(); say("entered "); }
    CHECK_SAID("entered ");
    aiot_group_cancel(&self->g);                                /* the same of one that ended well */
    AIOT_YIELD();

    AIOT_GROUP(&self->g) {                                      /* in the body, by the body */
        SPAWN(0, .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(1));
        AIOT_YIELD();
        aiot_group_cancel(&self->g);
        aiot_group_cancel(&self->g);                            /* twice is once */
        CHECK_EQUAL(aiot_task_cancelling(task), 1);
        say("on ");
        AIOT_TRY { AIOT_SLEEP(AIOT_S(9)); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { say("body! "); AIOT_RERAISE(); }
    }
    CHECK_SAID("on a! body! ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(1));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_GROUP(&self->g) { aiot_group_cancel(&self->g); }       /* and no wait follows */
    AIOT_YIELD();

    aiot_call_later(task->loop, &self->later, AIOT_S(1), cancel_group, &self->g);
    AIOT_GROUP(&self->g) {                                      /* from outside, while the body waits */
        SPAWN(0, .name = "a", .delay = AIOT_S(9));
        AIOT_SLEEP(AIOT_S(9));
        NOT_REACHED();
    }
    CHECK_SAID("a! ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(2));

    aiot_call_later(task->loop, &self->later, AIOT_S(1), cancel_group, &self->g);
    aiot_call_later(task->loop, &self->again, AIOT_S(2), cancel_group, &self->g);
    AIOT_GROUP(&self->g) { SPAWN(0, .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(2)); }       /* while it waits for its tasks, twice */
    CHECK_SAID("a! ");
    CHECK_EQUAL(aiot_now(task->loop), AIOT_S(5));
    CHECK_EQUAL(aiot_task_cancelling(task), 0);

    AIOT_GROUP(&self->g) {                                      /* errors come out all the same */
        SPAWN(0, .delay = AIOT_S(9), .late_error = 7);
        AIOT_YIELD();
        aiot_group_cancel(&self->g);
        AIOT_SLEEP(AIOT_S(9));
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    check_errors(&self->g, 7, 0, 0);
    AIOT_GROUP(&self->g) {
        SPAWN(0, .name = "a", .delay = AIOT_S(9));
        AIOT_YIELD();
        aiot_group_cancel(&self->g);
        AIOT_RAISE(8);
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    check_errors(&self->g, 8, 0, 0);
    CHECK_SAID("group a! group ");
    AIOT_GROUP(&self->g) {                                      /* after an error: nothing more */
        SPAWN(0, .delay = 1, .error = 7);
        SPAWN(1, .delay = AIOT_S(9), .cleanup = AIOT_S(2));
        aiot_call_later(task->loop, &self->later, AIOT_S(1), cancel_group, &self->g);
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("group ");
    check_errors(&self->g, 7, 0, 0);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    AIOT_YIELD();
    CHECK_END();
}

/* The group's own cancel and one from outside: the outside one goes on. */
struct group_cancel_and_outside_cancel { AIOT_FRAME; struct holder h; aiot_task t; int order; };
static AIOT_CORO(group_cancel_and_outside_cancel)
{
    AIOT_BEGIN();
    for (self->order = 0; self->order < 5; self->order++) {
        AIOT_SPAWN(&self->t, holder, &self->h, .body_waits = self->order < 4,
            .a = { .name = "a", .delay = AIOT_S(9), .cleanup = AIOT_S(2) }, .b = { .delay = AIOT_S(9) });
        AIOT_SLEEP(AIOT_S(1));
        if (self->order == 1) aiot_cancel(&self->t);
        if (self->order != 3) aiot_group_cancel(&self->h.g);
        if (self->order == 2) aiot_cancel(&self->t);
        if (self->order == 3) { aiot_cancel(&self->t); AIOT_SLEEP(AIOT_S(1)); aiot_group_cancel(&self->h.g); }
        AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
        CHECK_SAID(self->order == 0 || self->order == 4 ? "a! on " : "a! cancelled ");
        CHECK_EQUAL(aiot_task_cancelling(&self->t), self->order == 0 || self->order == 4 ? 0 : 1);
    }
    CHECK_END();
}

/* ------------------------------------------------------------------------------------------------- ways out of the block */
enum way { BY_RETURN, BY_RETURN_AND_ERROR, BY_BREAK, BY_CONTINUE, WAYS };
struct leaves { AIOT_FRAME; int way; aiot_group g; aiot_group_task t; struct job job; };
static AIOT_CORO(leaves)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_GROUP(&self->g) {
            aiot_group_spawn(&self->g, &self->t, job, &self->job, .name = "a", .delay = 5, .error = self->way == BY_RETURN_AND_ERROR ? 7 : 0);
            if (self->way == BY_BREAK) break;
            if (self->way == BY_CONTINUE) continue;
            AIOT_RETURN();
        }
        say("behind ");
    } AIOT_FINALLY {
        say("finally ");
    }
    AIOT_END();
}
struct ways_out { AIOT_FRAME; struct leaves leaves; };
static AIOT_CORO(ways_out)
{
    AIOT_BEGIN();
    AIOT_AWAIT(leaves, &self->leaves, .way = BY_RETURN);        /* it waits for its tasks and cancels none */
    CHECK_SAID("finally ");
    CHECK_EQUAL(self->leaves.job.value, 42);
    CHECK_EQUAL(aiot_now(task->loop), 5);
    AIOT_TRY { AIOT_AWAIT(leaves, &self->leaves, .way = BY_RETURN_AND_ERROR); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_EGROUP) { CHECK(aiot_caught(task).info == &self->leaves.g); }
    CHECK_SAID("finally ");
    check_errors(&self->leaves.g, 7, 0, 0);
    AIOT_AWAIT(leaves, &self->leaves, .way = BY_BREAK);         /* the block only */
    CHECK_SAID("behind finally ");
    CHECK_EQUAL(self->leaves.job.value, 42);
    AIOT_AWAIT(leaves, &self->leaves, .way = BY_CONTINUE);
    CHECK_SAID("behind finally ");
    CHECK_EQUAL(aiot_now(task->loop), 20);
    CHECK_END();
}

struct in_a_loop { AIOT_FRAME; int i, groups; aiot_group g; aiot_group_task t[3]; struct job job[3]; };
static AIOT_CORO(in_a_loop)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 100; self->i++) {
        AIOT_GROUP(&self->g) {
            SPAWN(0, .delay = 1);
            SPAWN(1, .delay = 2, .error = self->i % 3 == 0 ? 7 : 0);
            SPAWN(2, .delay = 3);
            if (self->i % 4 == 0) AIOT_SLEEP(9);
        } AIOT_EXCEPT(AIOT_EGROUP) {
            self->groups++;
            CHECK_EQUAL(self->i % 3, 0);
            CHECK(aiot_cancelled(&self->t[2]));
            check_errors(&self->g, 7, 0, 0);
        }
        CHECK_EQUAL(aiot_group_error_count(&self->g), self->i % 3 == 0);
        CHECK_EQUAL(self->job[0].value, 42);
    }
    CHECK_EQUAL(self->groups, 34);
    CHECK_EQUAL(aiot_task_cancelling(task), 0);
    CHECK_END();
}

/* One that fails, and is started again as a plain task before the group has heard of it: the error is the group's all the same. */
struct starts_it { AIOT_FRAME; aiot_group_task *t; struct job *job; };
static AIOT_CORO(starts_it)
{
    AIOT_BEGIN();
    AIOT_SLEEP(1);
    CHECK(aiot_done(self->t));
    CHECK_EQUAL(aiot_spawn(&self->t->task, job, self->job, .delay = 5), AIOT_OK);
    AIOT_END();
}
struct taken_away { AIOT_FRAME; aiot_group g; aiot_group_task t; struct job job, again; struct starts_it starts; aiot_task other; };
static AIOT_CORO(taken_away)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        aiot_group_spawn(&self->g, &self->t, job, &self->job, .delay = 1, .error = 7);
        AIOT_SPAWN(&self->other, starts_it, &self->starts, .t = &self->t, .job = &self->again);
    } AIOT_EXCEPT(AIOT_EGROUP) {
        say("group ");
    }
    CHECK_SAID("group ");
    CHECK_EQUAL(aiot_group_error_count(&self->g), 1);
    AIOT_JOIN(&self->t);
    CHECK_EQUAL(aiot_now(task->loop), 6);
    CHECK_END();
}

/* A task is used again in one group: once its end has been noticed, which is in the turn after; before that it is refused. */
struct task_used_again { AIOT_FRAME; aiot_group g; aiot_group_task t[3]; struct job job[3]; };
static AIOT_CORO(task_used_again)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        SPAWN(0, .delay = 5);
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], job, &self->job[1]), AIOT_ERUNTIME);     /* has not begun */
        AIOT_YIELD();
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], job, &self->job[1]), AIOT_ERUNTIME);     /* runs */
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[1], job, &self->job[0]), AIOT_ERUNTIME);     /* the frame is in use */
        CHECK_EQUAL(aiot_group_spawn_frame(&self->g, &self->t[1], job, &self->job[0]), AIOT_ERUNTIME);
        CHECK_COMPLAINED(4);
        AIOT_SLEEP(5);                                          /* armed after the task's own: wakes when that has just ended */
        CHECK_EQUAL(aiot_now(task->loop), 5);
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t[0], job, &self->job[0]), AIOT_ERUNTIME);     /* too early */
        CHECK_EQUAL(aiot_group_spawn_frame(&self->g, &self->t[0], job, &self->job[0]), AIOT_ERUNTIME);
        CHECK_COMPLAINED(2);
        AIOT_YIELD();
        SPAWN(0, .delay = 5);
        AIOT_JOIN(&self->t[0]);
        SPAWN(0, .delay = 5);
    }
    CHECK_EQUAL(aiot_now(task->loop), 15);
    CHECK_EQUAL(aiot_loop_task_count(task->loop), 1);
    CHECK_END();
}

/* Thousands: the errors in order, and nothing but the list to keep them. */
enum { MANY = 2000 };
static aiot_group_task many_tasks[MANY];
static struct job many_jobs[MANY];
struct many { AIOT_FRAME; aiot_group g; int i; };
static AIOT_CORO(many)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->g) {
        for (self->i = 0; self->i < MANY; self->i++)
            CHECK_EQUAL(aiot_group_spawn(&self->g, &many_tasks[self->i], job, &many_jobs[self->i], .delay = AIOT_S(1) + (self->i == 0 ? 0 : 1),
                .error = self->i == 0 ? 1 : 0, .late_error = self->i % 2 ? self->i + 1 : 0), 0);
    } AIOT_EXCEPT(AIOT_EGROUP) { say("group "); }
    CHECK_SAID("group ");
    CHECK_EQUAL(aiot_group_error_count(&self->g), 1 + MANY / 2);
    for (self->i = 1; self->i <= MANY / 2; self->i++) CHECK_EQUAL(aiot_group_error(&self->g, (unsigned)self->i).code, 2 * self->i);
    CHECK_END();
}

/* Behind the end of the last task nothing is taken, though the holder has still to hear of it. */
struct closes { AIOT_FRAME; aiot_group g; aiot_group_task t, late; struct job job, late_job; aiot_handle handle; };
static struct closes *closing;
static int spawns_late(void *unused)
{
    (void)unused;
    CHECK(aiot_done(&closing->t));
    say("%d ", aiot_group_spawn(&closing->g, &closing->late, job, &closing->late_job));
    return 0;
}
static AIOT_CORO(closes)
{
    AIOT_BEGIN();
    closing = self;
    AIOT_GROUP(&self->g) {
        CHECK_EQUAL(aiot_group_spawn(&self->g, &self->t, job, &self->job, .delay = 5), 0);
        aiot_add_done_callback(&self->t, &self->handle, spawns_late, NULL);
    }
    CHECK_SAID("-6 ");
    CHECK(aiot_task_idle(&self->late.task));
    CHECK_END();
}

int main(void)
{
    RUN(r99_waits_for_all);
    RUN(r100_tasks_added_while_it_waits);
    RUN(r101_the_first_error_cancels_the_others);
    RUN(r102_more_errors_in_order);
    RUN(r103_an_error_of_the_body_comes_last);
    RUN(r104_a_task_cancelled_alone);
    RUN(r105_cancelled_from_outside);
    RUN(r105_entered_again);
    RUN(r106_a_second_cancel);
    RUN(r107_errors_and_an_outside_cancel);
    RUN(r109_nested);
    RUN(r110_closed);
    RUN(r113_a_stubborn_task);
    RUN(r114_within_a_limit);
    RUN(holder_waits_on);
    RUN(group_cancel);
    RUN(group_cancel_and_outside_cancel);
    RUN(ways_out);
    RUN(in_a_loop);
    RUN(taken_away);
    RUN(task_used_again);
    RUN(many);
    RUN(closes);
    return 0;
}
