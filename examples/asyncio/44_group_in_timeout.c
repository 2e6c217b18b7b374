/* 44_group_in_timeout.py - a task group inside a timeout: at 2 s the two unfinished workers are cancelled. */
#include "vt.h"

struct worker {                                 /* async def worker(name, duration) */
    AIOT_FRAME;
    const char *name;
    double duration;
    char text[64];                              /* result */
};

static AIOT_CORO(worker)
{
    AIOT_BEGIN();
    AIOT_TRY {
        log("%s starting", self->name);
        AIOT_SLEEP(S(self->duration));
        log("%s completed", self->name);
        snprintf(self->text, sizeof self->text, "%s result", self->name);
        AIOT_RETURN();
    } AIOT_EXCEPT(AIOT_ECANCELED) {
        log("%s was cancelled", self->name);
        AIOT_RERAISE();
    }
    AIOT_END();
}

struct root {                                   /* async def main() */
    AIOT_FRAME;
    char names[3][24];
    struct worker workers[3];
    aiot_group_task tasks[3];
    aiot_group group;
    aiot_timeout limit;
};

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TIMEOUT(&self->limit, S(2)) {
        AIOT_GROUP(&self->group) {
            for (int i = 0; i < 3; i++) {
                snprintf(self->names[i], sizeof self->names[i], "Task %d", i + 1);
                aiot_group_spawn(&self->group, &self->tasks[i], worker, &self->workers[i], .name = self->names[i], .duration = 2 * i + 1);
            }
            log("All tasks started");
        }
        log("All tasks completed or cancelled");
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        log("Operation timed out, all tasks were cancelled");
    }
    for (int i = 0; i < 3; i++) if (!aiot_cancelled(&self->tasks[i])) log("Got result: %s", self->workers[i].text);
    AIOT_END();
}

RUN(root)
