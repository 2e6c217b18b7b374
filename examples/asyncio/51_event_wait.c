/* 51_event_wait.py - waiting for an event with a timeout: set in time, then not. */
#include "vt.h"

struct set_after { AIOT_FRAME; aiot_event *event; int delay; };         /* async def set_after(event, delay) */

static AIOT_CORO(set_after)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    log("Setting event after %ds", self->delay);
    aiot_event_set(self->event);
    AIOT_END();
}

struct wait_for_event {                         /* async def wait_for_event(delay, limit) */
    AIOT_FRAME;
    int delay, limit;
    aiot_event event;
    struct set_after set_after;
    aiot_task setter;
    struct aiot_event_wait wait;                /* event.wait() */
    aiot_timeout timeout;
};

static AIOT_CORO(wait_for_event)
{
    AIOT_BEGIN();
    AIOT_SPAWN(&self->setter, set_after, &self->set_after, .event = &self->event, .delay = self->delay);
    log("Waiting for event...");
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->timeout, S(self->limit), aiot_event_wait, &self->wait, .event = &self->event);
        log("Event was set!");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Timed out waiting for event");
    }
    AIOT_JOIN(&self->setter);
    AIOT_END();
}

struct root { AIOT_FRAME; struct wait_for_event wait; };                /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(wait_for_event, &self->wait, .delay = 3, .limit = 5);
    AIOT_AWAIT(wait_for_event, &self->wait, .delay = 3, .limit = 2);
    AIOT_END();
}

RUN(root)
