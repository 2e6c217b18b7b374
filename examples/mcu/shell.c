/* shell.c - commands from a UART; a line that is not finished in time is dropped.
 *
 *     async def read_line():
 *         c = await uart.get()
 *         try:
 *             async with asyncio.timeout(0.1):
 *                 while c != "\n":
 *                     line += c
 *                     c = await uart.get()
 *         except TimeoutError:
 *             line = ""
 *
 * Notice: the limit begins with the first byte, so nothing is timed between two commands, and noise on an open line cannot garble the
 * next one.  The interrupt puts bytes into a small inbox; if the task does not keep up, it learns that some were lost. */
#include "board.h"

static aiot_inbox        uart;
static volatile bool     overrun;

static void on_byte(uint8_t byte)               /* an interrupt */
{
    if (aiot_inbox_put(&uart, &byte) == AIOT_EFULL) overrun = true;
}

static bool equal(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

struct read_line { AIOT_FRAME; char line[16], c; uint8_t length; aiot_timeout limit; };

static AIOT_CORO(read_line)
{
    AIOT_BEGIN();
    AIOT_INBOX_GET(&uart, &self->c);
    AIOT_TIMEOUT(&self->limit, AIOT_MS(100)) {
        while (self->c != '\n') {
            if (self->length < sizeof self->line - 1) self->line[self->length++] = self->c;     /* a longer line is cut */
            AIOT_INBOX_GET(&uart, &self->c);
        }
        self->line[self->length] = '\0';
    } AIOT_EXCEPT(AIOT_ETIMEDOUT) {
        board_log_number(task->loop, "line not finished, bytes dropped: ", self->length);
        self->line[0] = '\0';
    }
    AIOT_END();
}

struct root { AIOT_FRAME; struct read_line input; uint8_t commands; bool quit; };

static AIOT_CORO(root)
{
    AIOT_BEGIN();
    while (!self->quit) {
        AIOT_AWAIT(read_line, &self->input);
        if (overrun) {
            overrun = false;
            board_log(task->loop, "bytes were lost");
        } else if (equal(self->input.line, "on")) {
            board_led(true);
            board_log(task->loop, "led is on");
        } else if (equal(self->input.line, "off")) {
            board_led(false);
            board_log(task->loop, "led is off");
        } else if (equal(self->input.line, "count")) {
            board_log_number(task->loop, "commands before this one: ", self->commands);
        } else if (equal(self->input.line, "quit")) {
            board_log(task->loop, "bye");
            self->quit = true;
        } else if (self->input.line[0] != '\0') {
            board_log(task->loop, "commands are: on off count quit");
        } else {
            continue;                           /* an empty line, or a dropped one; here no block is around it */
        }
        self->commands++;
    }
    AIOT_END();
}

static const struct board_stimulus script[] = {
    { 100, 'o' }, { 101, 'n' }, { 102, '\n' },
    { 200, 'o' }, { 201, 'f' },                                         /* the cable is pulled */
    { 400, 'o' }, { 401, 'f' }, { 402, 'f' }, { 403, '\n' },
    { 500, 'l' }, { 530, 's' }, { 560, '\n' },                          /* typed by hand */
    { 600, 'c' }, { 601, 'o' }, { 602, 'u' }, { 603, 'n' }, { 604, 't' }, { 605, '\n' },
    { 700, 'q' }, { 701, 'u' }, { 702, 'i' }, { 703, 't' }, { 704, '\n' }
};

int main(void)
{
    static aiot_loop loop;
    static struct root root;
    static char received[8];
    board_init(&loop);
    (void)aiot_inbox_init(&uart, &loop, received, sizeof *received, sizeof received);
    board_play(script, sizeof script / sizeof *script, on_byte);
    board_exit(aiot_run_frame(&loop, root, &root) == AIOT_OK ? 0 : 1);
}
