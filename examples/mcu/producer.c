/* producer.c - an interrupt that produces samples, a task that consumes them four at a time, and a limit in case none comes.
 *
 *     async with asyncio.timeout(0.1):
 *         sample = await samples.get()
 *
 * Notice: between an interrupt and a task lies an inbox, not a queue: it never waits, and a full one refuses.  Here a burst of twelve
 * comes while the task writes for 28 ms: eight find room, and the four others are counted, not forgotten.  A limit that strikes loses
 * no sample: what has come stays in the inbox. */
#include "board.h"

static aiot_inbox       samples;
static volatile uint8_t lost;                   /* one byte, so it is read at once on an 8-bit machine too */

static void on_sample(uint8_t value)            /* an interrupt */
{
    if (aiot_inbox_put(&samples, &value) == AIOT_EFULL) lost++;
}

struct batch { AIOT_FRAME; uint8_t count, sample; uint16_t sum; aiot_timeout limit; };

static AIOT_CORO(batch)                         /* of four samples */
{
    AIOT_BEGIN();
    for (; self->count < 4; self->count++) {
        AIOT_TIMEOUT(&self->limit, AIOT_MS(100)) {
            AIOT_INBOX_GET(&samples, &self->sample);
        }                                       /* without an EXCEPT here: whoever awaits the batch has one */
        self->sum = (uint16_t)(self->sum + self->sample);
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct batch batch; uint8_t told; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_TRY {
        for (;;) {
            AIOT_AWAIT(batch, &self->batch);
            board_log_number(task->loop, "average ", self->batch.sum / 4u);
            if (self->told != lost) {
                self->told = lost;
                board_log_number(task->loop, "lost so far ", self->told);
            }
            AIOT_SLEEP(AIOT_MS(28));            /* here: written to flash */
        }
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        board_log_number(task->loop, "no sample for 100 ms; left over ", self->batch.count);
    }
    AIOT_END();
}

static const struct board_stimulus script[] = {
    { 10, 20 }, { 20, 22 }, { 30, 24 }, { 40, 26 }, { 50, 28 }, { 60, 30 }, { 70, 32 }, { 80, 34 },
    { 91, 50 }, { 92, 51 }, { 93, 52 }, { 94, 53 }, { 95, 54 }, { 96, 55 },             /* the burst */
    { 97, 56 }, { 98, 57 }, { 99, 58 }, { 100, 59 }, { 101, 60 }, { 102, 61 },
    { 150, 70 }
};

int main(void)
{
    static aiot_loop loop;
    static struct root root;
    static uint8_t items[8];
    board_init(&loop);
    (void)aiot_inbox_init(&samples, &loop, items, sizeof *items, sizeof items / sizeof *items);
    board_play(script, sizeof script / sizeof *script, on_sample);
    board_exit(aiot_run_frame(&loop, root, &root) == AIOT_OK ? 0 : 1);
}
