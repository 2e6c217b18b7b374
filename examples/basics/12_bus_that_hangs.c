/* 12_bus_that_hangs.c - a sensor's bus that sometimes never answers: a limit, a recovery, another attempt.
 *
 *     for attempt in range(1, 5):
 *         try:
 *             async with asyncio.timeout(0.02):
 *                 return await transfer(bus, 0x0f)
 *         except TimeoutError:
 *             print(f"attempt {attempt} hangs: recovery")
 *             await recover(bus)
 *     raise BusDead
 *
 * Notice: transfer() knows nothing of limits, and yet releases the bus when one strikes.  AIOT_RETURN() in the block leaves
 * the loop around it.  The recovery waits inside the except part.  All memory is static, and aiot_run_frame() takes a frame as it
 * is, so its fields are set beforehand. */
#include "aio_timeout.h"
#include <stdio.h>

enum { BUS_DEAD = 1 };
struct bus { int hangs; };                      /* so often it will not answer */

struct transfer { AIOT_FRAME; struct bus *bus; int reg, value; };

static AIOT_CORO(transfer)
{
    AIOT_BEGIN();
    AIOT_TRY {
        while (self->bus->hangs > 0) AIOT_SLEEP(AIOT_MS(1));    /* polls the ready bit */
        self->value = self->reg + 0x40;
    } AIOT_FINALLY {
        puts("bus released");
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct bus bus; int attempt; struct transfer transfer; aiot_timeout limit; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    for (self->attempt = 1; self->attempt < 5; self->attempt++) {
        AIOT_TIMEOUT(&self->limit, AIOT_MS(20)) {
            AIOT_AWAIT(transfer, &self->transfer, .bus = &self->bus, .reg = 0x0f);
            printf("attempt %d reads %#x\n", self->attempt, (unsigned)self->transfer.value);
            AIOT_RETURN();
        } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
            printf("attempt %d hangs: recovery\n", self->attempt);
            AIOT_SLEEP(AIOT_MS(5));             /* nine clock pulses */
            self->bus.hangs--;
        }
    }
    AIOT_RAISE(BUS_DEAD);
    AIOT_END();
}

int main(void)
{
    static aiot_loop loop;
    static struct root root = { .bus = { .hangs = 2 } };
    aiot_loop_init(&loop);
    return aiot_run_frame(&loop, root, &root) == AIOT_OK ? 0 : 1;
}
