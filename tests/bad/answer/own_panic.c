/* AIOT_PANIC, AIOT_COMPLAIN and AIOT_TRAP of one's own. */
/* expect debug: complaint: root: joins itself */
/* exit debug: 0 */
/* exit release: 0 */
#include <stdio.h>
#include <stdlib.h>
#define AIOT_COMPLAIN(file, line, name, message) printf("complaint: %s: %s\n", name, message)
#define AIOT_PANIC(file, line, name, message) (printf("panic: %s: %s\n", name, message), exit(0))
#define AIOT_TRAP() exit(0)
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
