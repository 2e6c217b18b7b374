/* board.c - what is the same on all boards: a log, and scripts that stand for the world outside. */
#include "board.h"

void board_put_unsigned(unsigned n)
{
    char text[sizeof n * 3], *p = text + sizeof text;
    *--p = '\0';
    do { *--p = (char)('0' + n % 10); n /= 10; } while (n != 0);
    board_puts(p);
}

static void put_time(aiot_loop *loop)
{
    uint32_t ticks = (uint32_t)aiot_now(loop) & (uint32_t)(UINT64_MAX >> (64 - AIOT_TIME_BITS));
    unsigned ms = (unsigned)(ticks / (uint32_t)AIOT_MS(1));
    for (unsigned width = 1000; width > 1 && ms < width; width /= 10) board_puts(" ");
    board_put_unsigned(ms);
    board_puts(" ms  ");
}

void board_log(aiot_loop *loop, const char *text)
{
    put_time(loop);
    board_puts(text);
    board_puts("\n");
}

void board_log_number(aiot_loop *loop, const char *text, unsigned n)
{
    put_time(loop);
    board_puts(text);
    board_put_unsigned(n);
    board_puts("\n");
}

static const struct board_stimulus *next, *end;
static void (*handler)(uint8_t value);

static aiot_time time_of(const struct board_stimulus *stimulus)
{
    return (aiot_time)(stimulus->at_ms * (uint32_t)AIOT_MS(1));
}

void board_play(const struct board_stimulus *script, unsigned count, void (*interrupt)(uint8_t value))
{
    next = script;
    end = script + count;
    handler = interrupt;
    board_alarm_at(time_of(next));
}

void board_alarm(aiot_time now)
{
    while (next != end && (aiot_time)((uint32_t)now - (uint32_t)time_of(next)) >= 0) handler(next++->value);
    if (next != end) board_alarm_at(time_of(next));
}
