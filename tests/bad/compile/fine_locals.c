/* What is right is accepted: locals between waits, static tables, a block's own local, several waits on a line, the last local of a
 * body. */
#include "aio_timeout.h"
struct root { AIOT_FRAME; int sum; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const int table[] = { 1, 2, 3 };
    { int i = table[0]; self->sum += i; }
    AIOT_SLEEP(1); AIOT_SLEEP(1); AIOT_YIELD();
    for (int i = 0; i < 3; i++) self->sum += table[i];
    AIOT_TRY { int k = 2; self->sum += k; } AIOT_FINALLY { AIOT_SLEEP(1); }
    AIOT_SLEEP(1);
    int last = self->sum;
    self->sum = last + 1;
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root frame;
    aiot_loop_init_virtual(&loop);
    return aiot_run_frame(&loop, root, &frame);
}
