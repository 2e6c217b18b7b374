/* dump.c - linked into each program of a coverage build: one that ends by abort(), a trap or _exit() writes its counts, too. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

void __gcov_dump(void);
_Noreturn void __real__exit(int code);
_Noreturn void __wrap__exit(int code);

static void dump(void)
{
    (void)close(0);                             /* the program may have no descriptor left */
    __gcov_dump();
}

_Noreturn void __wrap__exit(int code)
{
    dump();
    __real__exit(code);
}

static void on_end(int number)
{
    dump();
    signal(number, SIG_DFL);                    /* abort() raises it again, and a trap traps again */
}

static __attribute__((constructor)) void begin(void)
{
    signal(SIGABRT, on_end);
    signal(SIGILL, on_end);
}
