/* 38_resource_cleanup.py - the resource is released after the timeout, outside the timed block, so the release may await. */
#include "vt.h"

struct acquire {                                /* async def acquire() */
    AIOT_FRAME;
    int handle;                                 /* result */
};

static AIOT_CORO(acquire)
{
    AIOT_BEGIN();
    log("Acquiring resource...");
    AIOT_SLEEP(S(0.5));
    log("Resource acquired");
    self->handle = 1;
    AIOT_END();
}

struct release { AIOT_FRAME; };                 /* async def release() */

static AIOT_CORO(release)
{
    AIOT_BEGIN();
    log("Releasing resource...");
    AIOT_SLEEP(S(0.5));
    log("Resource released");
    AIOT_END();
}

struct use_resource {                           /* async def use_resource(limit) */
    AIOT_FRAME;
    double limit;
    int held;
    struct acquire acquire;
    struct release release;
    aiot_timeout timeout;
};

static AIOT_CORO(use_resource)
{
    AIOT_BEGIN();
    self->held = 0;
    AIOT_TIMEOUT(&self->timeout, S(self->limit)) {
        AIOT_AWAIT(acquire, &self->acquire);
        self->held = self->acquire.handle;
        log("Using resource...");
        AIOT_SLEEP(S(5));
        log("Resource usage completed");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Operation timed out after %gs", self->limit);
    } AIOT_FINALLY {
        if (self->held) AIOT_AWAIT(release, &self->release);
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct use_resource use_resource;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_AWAIT(use_resource, &self->use_resource, .limit = 2);
    log("---");
    AIOT_AWAIT(use_resource, &self->use_resource, .limit = 10);
    log("---");
    AIOT_AWAIT(use_resource, &self->use_resource, .limit = 0.25);
    AIOT_END();
}

RUN(root)
