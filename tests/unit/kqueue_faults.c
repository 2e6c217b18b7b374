/* kqueue_faults.c - poll_faults.c with kqueue(2). */
#define TEST "poll_faults.c"
#include "kqueue/on_linux.h"
