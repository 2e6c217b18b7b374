/* kqueue_io.c - poll_io.c with kqueue(2). */
#define TEST "poll_io.c"
#include "kqueue/on_linux.h"
