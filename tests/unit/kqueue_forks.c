/* kqueue_forks.c - forks.c with kqueue(2). */
#define TEST "forks.c"
#include "kqueue/on_linux.h"
