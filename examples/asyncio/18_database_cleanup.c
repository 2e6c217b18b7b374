/* 18_database_cleanup.py - a timed-out query closes its connection before the timeout is reported.
 * The connection is a script: connecting takes 0.5 s, closing 0.25 s. */
#include "vt.h"

struct database_operation {                     /* async def database_operation() */
    AIOT_FRAME;
    bool connected;
    const char *result;
};

static AIOT_CORO(database_operation)
{
    AIOT_BEGIN();
    self->connected = false;
    AIOT_TRY {
        AIOT_SLEEP(S(0.5));
        self->connected = true;
        log("connected");
        AIOT_SLEEP(S(10));
        self->result = "rows";
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("Database operation cancelled, cleaning up...");
        if (self->connected) {
            AIOT_SLEEP(S(0.25));
            log("connection closed");
        }
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct database_operation database_operation;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, S(5)) {
        AIOT_AWAIT(database_operation, &self->database_operation);
        log("Result: %s", self->database_operation.result);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Database operation timed out after 5 seconds");
    }
    AIOT_END();
}

RUN(root)
