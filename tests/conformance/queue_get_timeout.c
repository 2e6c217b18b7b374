/* queue_get_timeout.py - a get with a timeout gives up cleanly: a later item goes to the next get, none is lost. */
#include "vt.h"

struct producer { AIOT_FRAME; aiot_queue *q; int i; aiot_waiter w; };

static AIOT_CORO(producer)
{
    AIOT_BEGIN();
    for (self->i = 0; self->i < 3; self->i++) {
        AIOT_SLEEP(S(2));
        AIOT_QUEUE_PUT(self->q, &self->w, &self->i);
    }
    AIOT_END();
}

struct root {
    AIOT_FRAME;
    int items[3];
    aiot_queue q;
    struct producer producer;
    aiot_task p;
    int got, item;
    struct aiot_queue_get get;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    aiot_queue_init(&self->q, self->items);
    AIOT_SPAWN(&self->p, producer, &self->producer, .q = &self->q);
    self->got = 0;
    while (self->got < 3) {
        AIOT_TRY {
            AIOT_WAIT_FOR(&self->limit, S(1.5), aiot_queue_get, &self->get, .queue = &self->q, .item = &self->item);
            log("got %d", self->item);
            self->got++;
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            log("nothing yet");
        }
    }
    AIOT_END();
}

RUN(root)
