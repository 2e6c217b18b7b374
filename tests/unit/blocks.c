/* blocks.c - try / except / finally: every way in and out, with and without waits in every part.  What is noted is what Python does. */
#include "check.h"

#define MAYBE_WAIT() do { if (self->waits) AIOT_YIELD(); } while (0)

struct thrower { AIOT_FRAME; int code; };
static AIOT_CORO(thrower) { AIOT_BEGIN(); AIOT_RAISE_INFO(self->code, "thrown"); AIOT_END(); }

enum what { END, RETURN, BREAK, CONTINUE, RAISE, RERAISE };

/* One block: how its body ends (RAISE: `code`), how its EXCEPT parts end, how its FINALLY part ends. */
struct one_block { AIOT_FRAME; bool waits; enum what body, except, finally; int code; bool in_child; struct thrower child; };
static AIOT_CORO(one_block)
{
    AIOT_BEGIN();
    MAYBE_WAIT();
    AIOT_TRY {
        MAYBE_WAIT();
        say("body ");
        if (self->in_child) AIOT_AWAIT(thrower, &self->child, .code = self->code);
        if (self->body == RAISE) AIOT_RAISE(self->code);
        if (self->body == RERAISE) AIOT_RERAISE();
        if (self->body == RETURN) AIOT_RETURN();
        if (self->body == BREAK) break;
        if (self->body == CONTINUE) continue;
        say("end ");
    } AIOT_EXCEPT(3, 4) {
        MAYBE_WAIT();
        say("3,4:%d ", aiot_caught(task).code);
        MAYBE_WAIT();
        if (self->except == RAISE) AIOT_RAISE(33);
        if (self->except == RERAISE) AIOT_RERAISE();
        if (self->except == RETURN) AIOT_RETURN();
        if (self->except == BREAK) break;
        if (self->except == CONTINUE) continue;
        say("handled ");
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        say("cancelled ");
    } AIOT_EXCEPT_IF(aiot_caught(task).code > 100) {
        say("if ");
    } AIOT_EXCEPT(3) {
        NOT_REACHED();                          /* the first part that fits is it */
    } AIOT_FINALLY {
        MAYBE_WAIT();
        say("finally:%d ", aiot_caught(task).code);
        MAYBE_WAIT();
        if (self->finally == RAISE) AIOT_RAISE(44);
        if (self->finally == RERAISE) AIOT_RERAISE();
        if (self->finally == RETURN) AIOT_RETURN();
        if (self->finally == BREAK) break;      /* leaves the part; what was on its way goes on */
    }
    MAYBE_WAIT();
    CHECK_EQUAL(aiot_caught(task).code, 0);
    say("after");
    AIOT_END();
}

struct every_way_in_and_out { AIOT_FRAME; struct one_block one; int i; };
static const struct { enum what body; int code; enum what except, finally; const char *said; int result; } WAYS[] = {
    { END,      0,   END,      END,     "body end finally:0 after", 0 },
    { RETURN,   0,   END,      END,     "body finally:0 ", 0 },
    { BREAK,    0,   END,      END,     "body finally:0 after", 0 },
    { CONTINUE, 0,   END,      END,     "body finally:0 after", 0 },
    { RAISE,    3,   END,      END,     "body 3,4:3 handled finally:0 after", 0 },
    { RAISE,    4,   END,      END,     "body 3,4:4 handled finally:0 after", 0 },
    { RAISE,    AIOT_ECANCELED, END, END, "body cancelled finally:0 after", 0 },
    { RAISE,    101, END,      END,     "body if finally:0 after", 0 },
    { RAISE,    9,   END,      END,     "body finally:9 ", 9 },
    { RERAISE,  0,   END,      END,     "body finally:-6 ", AIOT_ERUNTIME },                /* nothing to raise again */
    { RAISE,    0,   END,      END,     "body finally:-4 ", AIOT_EINVAL },                  /* 0 is no error */
    { RAISE, INT16_MIN, END,   END,     "body finally:-4 ", AIOT_EINVAL },                  /* nor is this: AIOT_RETURN() is known by it */
    { RAISE,    3,   RETURN,   END,     "body 3,4:3 finally:0 ", 0 },
    { RAISE,    3,   BREAK,    END,     "body 3,4:3 finally:0 after", 0 },
    { RAISE,    3,   CONTINUE, END,     "body 3,4:3 finally:0 after", 0 },
    { RAISE,    3,   RAISE,    END,     "body 3,4:3 finally:33 ", 33 },
    { RAISE,    4,   RERAISE,  END,     "body 3,4:4 finally:4 ", 4 },
    { END,      0,   END,      RAISE,   "body end finally:0 ", 44 },
    { RETURN,   0,   END,      RAISE,   "body finally:0 ", 44 },                            /* an error in FINALLY replaces a return, */
    { RAISE,    9,   END,      RAISE,   "body finally:9 ", 44 },                            /*   an error, */
    { RAISE,    3,   RAISE,    RAISE,   "body 3,4:3 finally:33 ", 44 },                     /*   and one of an EXCEPT part */
    { RAISE,    9,   END,      RETURN,  "body finally:9 ", 0 },                             /* a return there swallows it */
    { RETURN,   0,   END,      RETURN,  "body finally:0 ", 0 },
    { RAISE,    9,   END,      RERAISE, "body finally:9 ", 9 },
    { END,      0,   END,      RERAISE, "body end finally:0 ", AIOT_ERUNTIME },
    { RAISE,    9,   END,      BREAK,   "body finally:9 ", 9 },
    { RETURN,   0,   END,      BREAK,   "body finally:0 ", 0 },
    { END,      0,   END,      BREAK,   "body end finally:0 after", 0 },
};
static AIOT_CORO(every_way_in_and_out)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 4 * (int)(sizeof WAYS / sizeof WAYS[0]); self->i++) {       /* waits or not; raised here or in a child */
        AIOT_TRY {
            AIOT_AWAIT(one_block, &self->one, .waits = self->i & 1, .body = WAYS[self->i / 4].body, .code = WAYS[self->i / 4].code,
                       .except = WAYS[self->i / 4].except, .finally = WAYS[self->i / 4].finally,
                       .in_child = (self->i & 2) && WAYS[self->i / 4].body == RAISE);
            CHECK_EQUAL(WAYS[self->i / 4].result, 0);
        } AIOT_EXCEPT_ALL {
            CHECK_EQUAL(aiot_caught(task).code, WAYS[self->i / 4].result);
        }
        CHECK_SAID(WAYS[self->i / 4].said);
    }
    CHECK_COMPLAINED(8);
    CHECK_END();
}

/* Which errors the parts take. */
struct selects { AIOT_FRAME; int code; };
static AIOT_CORO(selects)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_TRY {
            AIOT_TRY {
                AIOT_TRY { AIOT_RAISE(self->code); } AIOT_EXCEPT(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16) { say("16 "); }
            } AIOT_EXCEPT_APP { say("app "); }
        } AIOT_EXCEPT_ANY { say("any "); }
    } AIOT_EXCEPT_ALL { say("all "); }
    AIOT_END();
}
struct parts_select { AIOT_FRAME; struct selects one; };
static AIOT_CORO(parts_select)
{
    AIOT_BEGIN();
    AIOT_AWAIT(selects, &self->one, .code = 1);
    AIOT_AWAIT(selects, &self->one, .code = 16);
    AIOT_AWAIT(selects, &self->one, .code = 17);
    AIOT_AWAIT(selects, &self->one, .code = AIOT_ETIMEDOUT);
    AIOT_AWAIT(selects, &self->one, .code = AIOT_ECANCELED);
    CHECK_SAID("16 16 app any all ");
    CHECK_END();
}

/* Where there is nothing to raise again, the error that says so has no pointer, whatever was raised before; and a coroutine begins with
 * nothing to handle, also in a frame that it left in the middle of a part. */
struct leaves_a_part { AIOT_FRAME; bool again; };
static AIOT_CORO(leaves_a_part)
{
    AIOT_BEGIN();
    CHECK_EQUAL(aiot_caught(task).code, 0);
    if (self->again) AIOT_RERAISE();
    AIOT_TRY { AIOT_RAISE_INFO(3, "three"); } AIOT_EXCEPT(3) { AIOT_RETURN(); }
    AIOT_END();
}
struct nothing_from_before { AIOT_FRAME; struct leaves_a_part one; };
static AIOT_CORO(nothing_from_before)
{
    AIOT_BEGIN();
    AIOT_AWAIT(leaves_a_part, &self->one);
    self->one.again = true;
    AIOT_TRY { AIOT_AWAIT_FRAME(leaves_a_part, &self->one); NOT_REACHED(); }
    AIOT_EXCEPT(AIOT_ERUNTIME) { CHECK(aiot_caught(task).info == NULL); say("nothing "); }
    CHECK_SAID("nothing ");
    CHECK_END();
}

/* A return passes all of them by, and runs every FINALLY on its way, waits included. */
struct returns { AIOT_FRAME; bool waits; };
static AIOT_CORO(returns)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_TRY {
            AIOT_TRY { MAYBE_WAIT(); AIOT_RETURN(); } AIOT_EXCEPT_ALL { NOT_REACHED(); } AIOT_FINALLY { MAYBE_WAIT(); say("1 "); }
            NOT_REACHED();
        } AIOT_EXCEPT_ANY { NOT_REACHED(); } AIOT_EXCEPT_IF(1) { NOT_REACHED(); }
    } AIOT_EXCEPT_APP { NOT_REACHED(); } AIOT_FINALLY { MAYBE_WAIT(); say("2 "); CHECK_EQUAL(aiot_caught(task).code, 0); }
    NOT_REACHED();
    AIOT_END();
}
struct a_return_runs_every_finally { AIOT_FRAME; struct returns one; };
static AIOT_CORO(a_return_runs_every_finally)
{
    AIOT_BEGIN();
    AIOT_AWAIT(returns, &self->one);
    AIOT_AWAIT(returns, &self->one, .waits = true);
    CHECK_SAID("1 2 1 2 ");
    CHECK_END();
}

/* Blocks in EXCEPT and FINALLY parts: the outer error is kept, and is the caught one again behind them. */
struct nested { AIOT_FRAME_DEPTH(3); bool waits; int how; };
static AIOT_CORO(nested)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_TRY {
            AIOT_RAISE_INFO(1, "one");
        } AIOT_EXCEPT(1) {
            AIOT_TRY {
                MAYBE_WAIT();
                if (self->how != 1) AIOT_RAISE(2);
            } AIOT_EXCEPT(2) {
                say("2 ");
                AIOT_TRY { MAYBE_WAIT(); AIOT_RAISE(3); } AIOT_EXCEPT(3) { MAYBE_WAIT(); say("3 "); if (self->how == 2) AIOT_RETURN(); }
                CHECK_EQUAL(aiot_caught(task).code, 2);
                if (self->how == 3) AIOT_RERAISE();
            } AIOT_FINALLY {
                MAYBE_WAIT();
                say("f:%d ", aiot_caught(task).code);
            }
            CHECK_EQUAL(aiot_caught(task).code, 1);
            CHECK(strcmp((const char *)aiot_caught(task).info, "one") == 0);
            if (self->how == 4) AIOT_RERAISE();
        } AIOT_FINALLY {
            AIOT_TRY { MAYBE_WAIT(); AIOT_RAISE(4); } AIOT_EXCEPT(4) { MAYBE_WAIT(); say("4 "); } AIOT_FINALLY { say("g "); }
            say("h:%d ", aiot_caught(task).code);
            if (self->how == 5) { AIOT_TRY { AIOT_RAISE(5); } AIOT_FINALLY { say("i "); } }
        }
    } AIOT_EXCEPT_APP {
        say("out:%d ", aiot_caught(task).code);
    }
    say("after");
    AIOT_END();
}
struct blocks_within_parts { AIOT_FRAME; struct nested one; int i; };
static AIOT_CORO(blocks_within_parts)
{
    static const char *const SAID[] = {
        "2 3 f:0 4 g h:0 after", "f:0 4 g h:0 after", "2 3 f:0 4 g h:0 ", "2 3 f:2 4 g h:2 out:2 after", "2 3 f:0 4 g h:1 out:1 after",
        "2 3 f:0 4 g h:0 i out:5 after",
    };
    AIOT_BEGIN();
    for (self->i = 0; self->i < 12; self->i++) {
        AIOT_AWAIT(nested, &self->one, .waits = self->i & 1, .how = self->i / 2);
        CHECK_SAID(SAID[self->i / 2]);
    }
    CHECK_END();
}

/* In loops: `break` and `continue` leave the block, not the loop around it; in a loop within the block they are that loop's. */
struct loops_and_blocks { AIOT_FRAME; int i, k; bool stop; };
static AIOT_CORO(loops_and_blocks)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 4 && !self->stop; self->i++) {
        AIOT_TRY {
            if (self->i == 0) continue;
            if (self->i == 1) break;
            for (self->k = 0; self->k < 10; self->k++) {
                if (self->k == 1) continue;
                if (self->k == 3) break;
                AIOT_YIELD();
                say("%d%d ", self->i, self->k);
            }
            self->stop = true;                  /* a flag ends the loop */
        } AIOT_FINALLY {
            AIOT_YIELD();
            say("f%d ", self->i);
        }
        say("a%d ", self->i);
    }
    CHECK_SAID("f0 a0 f1 a1 20 22 f2 a2 ");
    do AIOT_TRY { self->i++; } AIOT_FINALLY { say("%d ", self->i); } while (self->i < 6);
    CHECK_SAID("4 5 6 ");
    CHECK_END();
}

/* A cancel that arrives in a FINALLY part replaces what was on its way. */
struct cleans_up { AIOT_FRAME_DEPTH(2); int how; };
static AIOT_CORO(cleans_up)
{
    AIOT_BEGIN();
    AIOT_TRY {
        if (self->how == 1) AIOT_RETURN();
        if (self->how == 2) AIOT_RAISE(5);
    } AIOT_FINALLY {
        AIOT_TRY { AIOT_SLEEP(10); } AIOT_FINALLY { say("cut "); }
        NOT_REACHED();
    }
    AIOT_END();
}
struct a_cancel_in_the_finally_part { AIOT_FRAME; struct cleans_up one; aiot_task t; int how; };
static AIOT_CORO(a_cancel_in_the_finally_part)
{
    AIOT_BEGIN();
    for (self->how = 0; self->how < 3; self->how++) {
        AIOT_SPAWN(&self->t, cleans_up, &self->one, .how = self->how);
        AIOT_SLEEP(1);
        aiot_cancel(&self->t);
        AIOT_TRY { AIOT_JOIN(&self->t); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ECANCELED) { }
        CHECK_SAID("cut ");
    }
    CHECK_END();
}

/* The pointer of an error goes with it through all parts; an error without one has none. */
struct pointers { AIOT_FRAME_DEPTH(2); struct thrower child; };
static AIOT_CORO(pointers)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_TRY {
            AIOT_AWAIT(thrower, &self->child, .code = 8);
        } AIOT_EXCEPT(8) {
            AIOT_YIELD();
            AIOT_TRY { AIOT_RAISE(9); } AIOT_EXCEPT(9) { CHECK(aiot_caught(task).info == NULL); }
            AIOT_RERAISE();
        } AIOT_FINALLY {
            AIOT_YIELD();
        }
    } AIOT_EXCEPT(8) {
        CHECK(strcmp((const char *)aiot_caught(task).info, "thrown") == 0);
    }
    CHECK_END();
}

/* What stands between two blocks is not theirs; two on one line are two. */
struct side_by_side { AIOT_FRAME; int i; };
static AIOT_CORO(side_by_side)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_YIELD(); say("a "); } AIOT_FINALLY { say("b "); } AIOT_TRY { AIOT_YIELD(); say("c "); } AIOT_FINALLY { say("d "); }
    if (self->i == 0) { AIOT_TRY { AIOT_RAISE(1); } AIOT_EXCEPT(1) { say("e "); } } else { say("x "); }
    if (self->i == 1) { AIOT_TRY { AIOT_RAISE(1); } AIOT_EXCEPT(1) { say("x "); } } else { say("g "); }
    AIOT_TRY { } AIOT_EXCEPT_ALL { }
    AIOT_TRY { } AIOT_FINALLY { }
    CHECK_SAID("a b c d e g ");
    CHECK_END();
}

/* AIOT_CHECK raises what a call answers. */
struct checks_calls { AIOT_FRAME; aiot_future future; };
static AIOT_CORO(checks_calls)
{
    AIOT_BEGIN();
    aiot_future_init(&self->future, task->loop);
    AIOT_TRY {
        AIOT_CHECK(aiot_future_set_result(&self->future, 1));
        say("once ");
        AIOT_CHECK(aiot_future_set_result(&self->future, 1));
        NOT_REACHED();
    } AIOT_EXCEPT(AIOT_ESTATE) {
        say("twice ");
    }
    CHECK_SAID("once twice ");
    CHECK_END();
}

/* A frame without room for errors: waits, awaits, returns and raises as any other; what lies behind its header is its own. */
struct no_blocks { AIOT_FRAME_DEPTH(0); char first[8]; int how; struct thrower child; };
static AIOT_CORO(no_blocks)
{
    AIOT_BEGIN();
    for (int i = 0; i < 8; i++) self->first[i] = (char)('a' + i);
    AIOT_SLEEP(1);
    if (self->how == 1) AIOT_AWAIT(thrower, &self->child, .code = 7);
    if (self->how == 2) AIOT_RAISE(8);
    if (self->how == 3) AIOT_RETURN();
    if (self->how == 4) AIOT_SLEEP(AIOT_FOREVER);
    say("end ");
    AIOT_END();
}

struct without_room { AIOT_FRAME; struct no_blocks one; aiot_task t; };
static AIOT_CORO(without_room)
{
    AIOT_BEGIN();
    CHECK_EQUAL(offsetof(struct no_blocks, first), sizeof(aiot_frame));
    AIOT_TRY { AIOT_AWAIT(no_blocks, &self->one, .how = 1); } AIOT_EXCEPT(7) { say("7 "); }
    CHECK(self->one.first[0] == 'a' && self->one.first[7] == 'h');
    AIOT_TRY { AIOT_AWAIT(no_blocks, &self->one, .how = 2); } AIOT_EXCEPT(8) { say("8 "); }
    AIOT_AWAIT(no_blocks, &self->one, .how = 3);
    AIOT_SPAWN(&self->t, no_blocks, &self->one, .how = 4);
    AIOT_SLEEP(2);
    aiot_cancel(&self->t);
    AIOT_TRY { AIOT_JOIN(&self->t); } AIOT_EXCEPT(AIOT_ECANCELED) { say("cancelled "); }
    AIOT_AWAIT(no_blocks, &self->one);
    CHECK(self->one.first[0] == 'a' && self->one.first[7] == 'h');
    CHECK_SAID("7 8 cancelled end ");
    CHECK_END();
}

/* A bare `raise` in a FINALLY: what is on its way; else what the part outside handles; a return is no error. */
struct reraises_nothing { AIOT_FRAME; };
static AIOT_CORO(reraises_nothing) { AIOT_BEGIN(); AIOT_TRY { AIOT_RETURN(); } AIOT_FINALLY { AIOT_RERAISE(); } AIOT_END(); }
struct reraises_in_finally { AIOT_FRAME_DEPTH(3); struct reraises_nothing r; };
static AIOT_CORO(reraises_in_finally)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_TRY { AIOT_RAISE(1); } AIOT_EXCEPT(1) {
            AIOT_TRY { say("well "); } AIOT_FINALLY { AIOT_TRY { say("and "); } AIOT_FINALLY { AIOT_RERAISE(); } }
        }
    } AIOT_EXCEPT_APP { say("%d ", aiot_caught(task).code); }
    AIOT_TRY {
        AIOT_TRY { AIOT_RAISE(1); } AIOT_EXCEPT(1) { AIOT_TRY { AIOT_RAISE(2); } AIOT_FINALLY { AIOT_RERAISE(); } }
    } AIOT_EXCEPT_APP { say("%d ", aiot_caught(task).code); }
    AIOT_TRY { AIOT_AWAIT(reraises_nothing, &self->r); NOT_REACHED(); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    CHECK_SAID("well and 1 2 ");
    CHECK_END();
}

int main(void)
{
    RUN(every_way_in_and_out);
    RUN(parts_select);
    RUN(nothing_from_before);
    RUN(a_return_runs_every_finally);
    RUN(blocks_within_parts);
    RUN(loops_and_blocks);
    RUN(a_cancel_in_the_finally_part);
    RUN(pointers);
    RUN(side_by_side);
    RUN(checks_calls);
    RUN(without_room);
    RUN(reraises_in_finally);
    RUN_TO(9, thrower, .code = 9);
    return 0;
}
