/* 06_debounce.c - act when events have been quiet for a time: save a text 50 ms after the last key, not at each key.
 *
 *     while True:                                 # in saver()
 *         try:
 *             async with asyncio.timeout(None) as quiet:
 *                 while True:
 *                     await changed.wait()
 *                     changed.clear()
 *                     quiet.reschedule(loop.time() + 0.05)
 *         except TimeoutError: print("saves")
 *
 * Notice: each event moves the one limit, which begins as none.  An event in the very moment in which it strikes, or during the save,
 * stays set and begins the next round: none is lost.  Build: cc -I../.. 06_debounce.c */
#include "aio_timeout.h"
#include <stdio.h>

struct text { int keys; aiot_event changed; };
struct saver { AIOT_FRAME; struct text *text; aiot_timeout quiet; aiot_waiter w; };
static AIOT_CORO(saver)
{
    AIOT_BEGIN();
    while (true) {
        AIOT_TIMEOUT(&self->quiet, AIOT_FOREVER) {
            while (true) {
                AIOT_EVENT_WAIT(&self->text->changed, &self->w);
                aiot_event_clear(&self->text->changed);
                AIOT_CHECK(aiot_timeout_reschedule(&self->quiet, aiot_time_after(aiot_now(task->loop), AIOT_MS(50))));
            }
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            printf("quiet after %d keys: saves\n", self->text->keys);
        }
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct text text; struct saver saver; aiot_task saving; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    static const int pauses[] = { 10, 10, 10, 100, 10, 100, 20, 20, 20, 100 };          /* milliseconds after each key */
    AIOT_SPAWN(&self->saving, saver, &self->saver, .text = &self->text);
    while (self->text.keys < 10) {
        self->text.keys++;
        aiot_event_set(&self->text.changed);
        AIOT_SLEEP(AIOT_MS(pauses[self->text.keys - 1]));
    }
    aiot_cancel(&self->saving);
    AIOT_TRY { AIOT_JOIN(&self->saving); } AIOT_EXCEPT(AIOT_ECANCELED) { puts("the saver has ended"); }
    AIOT_END();
}

int main(void)
{
    aiot_loop loop;
    struct root root;
    aiot_loop_init(&loop);
    return aiot_run(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
