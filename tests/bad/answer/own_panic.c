/* AIOT_PANIC of one's own: told of every failed check, in release builds of a corrupted frame. */
/* expect debug: complaint: root: joins itself */
/* exit debug: 0 */
/* expect release: complaint: (root|task): the frame is corrupted */
/* exit release: 0 */
/* release: trapped */  /* mistake: none, it tests AIOT_PANIC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static void complain(const char *name, const char *message)
{
    printf("complaint: %s: %s\n", name, message);
    if (strstr(message, "corrupted")) exit(0);
}
#define AIOT_PANIC(file, line, task_name, message) complain(task_name, message)
#include "aio_timeout.h"
struct root { AIOT_FRAME; long long kind; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY { AIOT_JOIN(task); } AIOT_EXCEPT(AIOT_ERUNTIME) { }
    switch (self->kind) {                       /* not allowed: see wait_in_wide_switch.c */
    case 0:
        AIOT_SLEEP(1);
        break;
    default:
        break;
    }
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    (void)aiot_run_frame(&loop, root, &frame);
    return 1;
}
