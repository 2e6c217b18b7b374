/* job.h - a coroutine for the unit tests, to be spawned, waited for, limited and cancelled.  Include it after check.h.
 *
 * It sleeps `delay`; then it returns, with value 42, or raises `error`.  When cancelled meanwhile it says "NAME! ", sleeps `cleanup`
 * and goes on being cancelled; or raises `late_error`; or, `swallows`, returns with value 43. */
#ifndef JOB_H
#define JOB_H

struct job { AIOT_FRAME; const char *name; aiot_time delay, cleanup; int error, late_error; bool swallows; int value; };

static inline AIOT_CORO(job)
{
    AIOT_BEGIN();
    AIOT_TRY {
        AIOT_SLEEP(self->delay);
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        if (self->name) say("%s! ", self->name);
        if (self->cleanup) AIOT_SLEEP(self->cleanup);
        if (self->late_error) AIOT_RAISE(self->late_error);
        if (!self->swallows) AIOT_RERAISE();
        self->value = 43;
        AIOT_RETURN();
    }
    if (self->error) AIOT_RAISE(self->error);
    self->value = 42;
    AIOT_END();
}

#endif
