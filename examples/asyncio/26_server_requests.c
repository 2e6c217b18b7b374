/* 26_server_requests.py - requests in a task group, each with its own 5 s timeout; one slow request harms no other. */
#include "vt.h"

struct handle_request {                         /* async def handle_request(name, seconds) */
    AIOT_FRAME;
    const char *name;
    double seconds;
    char text[64];                              /* result */
};

static AIOT_CORO(handle_request)
{
    AIOT_BEGIN();
    log("Request %s starting", self->name);
    AIOT_SLEEP(S(self->seconds));
    log("Request %s done", self->name);
    snprintf(self->text, sizeof self->text, "response for %s", self->name);
    AIOT_END();
}

struct request_handler {                        /* async def request_handler(name, seconds) */
    AIOT_FRAME;
    const char *name;
    double seconds;
    const char *text;                           /* result */
    aiot_timeout limit;
    struct handle_request request;
};

static AIOT_CORO(request_handler)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, S(5)) {
        AIOT_AWAIT(handle_request, &self->request, .name = self->name, .seconds = self->seconds);
        self->text = self->request.text;
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Request %s timed out", self->name);
        self->text = "None";
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    struct request_handler handlers[3];
    aiot_group_task tasks[3];
    aiot_group group;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_GROUP(&self->group) {
        aiot_group_spawn(&self->group, &self->tasks[0], request_handler, &self->handlers[0], .name = "req1", .seconds = 2);
        aiot_group_spawn(&self->group, &self->tasks[1], request_handler, &self->handlers[1], .name = "req2", .seconds = 6);
        aiot_group_spawn(&self->group, &self->tasks[2], request_handler, &self->handlers[2], .name = "req3", .seconds = 3);
    }
    for (int i = 0; i < 3; i++) log("%s", outcome(&self->tasks[i], "%s", self->handlers[i].text));
    AIOT_END();
}

RUN(root)
