/* 57_health_checks.py - four checks at once, each with its own limit; slow ones are degraded, late ones unhealthy.
 * The network is a script (delay, error): auth 0.1 ok, payment 0.6 ok, inventory 2.5 ok, notification 0.1 error;
 * then a second round with all healthy but payment raising. */
#include "vt.h"

struct request {                                /* async def request(delay, error) */
    AIOT_FRAME;
    double delay;
    int error;
    int answer;                                 /* result */
};

static AIOT_CORO(request)
{
    AIOT_BEGIN();
    AIOT_SLEEP(S(self->delay));
    if (self->error == 2) AIOT_RAISE(503);
    self->answer = self->error;
    AIOT_END();
}

struct check_health {                           /* async def check_health(name, limit, delay, error) */
    AIOT_FRAME;
    const char *name;
    double limit, delay;
    int error;
    double start, ms;
    aiot_timeout timeout;
    struct request request;
    const char *state;                          /* result, with text */
    char text[128];
};

static AIOT_CORO(check_health)
{
    AIOT_BEGIN();
    self->start = now();
    AIOT_TRY {
        AIOT_WAIT_FOR(&self->timeout, S(self->limit), request, &self->request, .delay = self->delay, .error = self->error);
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        self->state = "unhealthy";
        snprintf(self->text, sizeof self->text, "%s: unhealthy - Health check timed out after %.1fs", self->name, self->limit);
        AIOT_RETURN();
    } AIOT_EXCEPT_ANY {
        self->state = "unhealthy";
        snprintf(self->text, sizeof self->text, "%s: unhealthy - Health check failed: %d", self->name, aiot_caught(task).code);
        AIOT_RETURN();
    }
    self->ms = (now() - self->start) * 1000;
    if (self->ms > 500) {
        self->state = "degraded";
        snprintf(self->text, sizeof self->text, "%s: degraded - Response time (%.1fms) exceeds threshold (500ms)", self->name, self->ms);
        AIOT_RETURN();
    }
    if (self->request.answer) {
        self->state = "unhealthy";
        snprintf(self->text, sizeof self->text, "%s: unhealthy - Service reported non-ok status: error", self->name);
        AIOT_RETURN();
    }
    self->state = "healthy";
    snprintf(self->text, sizeof self->text, "%s: healthy - Service is responding normally", self->name);
    AIOT_END();
}

static bool any_is(const struct check_health *results, const char *state)  /* state in states */
{
    for (int i = 0; i < 4; i++) if (strcmp(results[i].state, state) == 0) return true;
    return false;
}

struct service { const char *name; double limit, delay; int error; };

struct check_system {                           /* async def check_system(script) */
    AIOT_FRAME;
    const struct service *script;
    struct check_health results[4];
    aiot_task tasks[4];
    AIOT_GATHER_SET(4) all;
};

static AIOT_CORO(check_system)
{
    AIOT_BEGIN();
    for (int i = 0; i < 4; i++) {
        const struct service *s = &self->script[i];
        AIOT_SPAWN(&self->tasks[i], check_health, &self->results[i],
                   .name = s->name, .limit = s->limit, .delay = s->delay, .error = s->error);
    }
    AIOT_GATHER(&self->all, &self->tasks[0], &self->tasks[1], &self->tasks[2], &self->tasks[3]);
    log("System Status: %s", any_is(self->results, "unhealthy") ? "unhealthy" : any_is(self->results, "degraded") ? "degraded" : "healthy");
    for (int i = 0; i < 4; i++) log("  %s", self->results[i].text);
    AIOT_END();
}

struct root { AIOT_FRAME; struct check_system system; };        /* async def main() */

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const struct service first[] = {
        { "auth", 1.0, 0.1, 0 }, { "payment", 2.0, 0.6, 0 }, { "inventory", 1.5, 2.5, 0 }, { "notification", 1.0, 0.1, 1 },
    };
    static const struct service second[] = {
        { "auth", 1.0, 0.1, 0 }, { "payment", 2.0, 0.1, 2 }, { "inventory", 1.5, 0.1, 0 }, { "notification", 1.0, 0.6, 0 },
    };
    AIOT_AWAIT(check_system, &self->system, .script = first);
    AIOT_AWAIT(check_system, &self->system, .script = second);
    AIOT_END();
}

RUN(root)
