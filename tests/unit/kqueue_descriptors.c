/* kqueue_descriptors.c - descriptors.c with kqueue(2). */
#define TEST "descriptors.c"
#include "kqueue/on_linux.h"
