/* memory.c - the two functions that a compiler calls when it copies or zeroes a struct.  For the ports that are linked without a C
 * library. */
#include <stddef.h>

__attribute__((used)) void *memcpy(void *restrict to, const void *restrict from, size_t size);          /* used: by calls that -flto sees too late */
__attribute__((used)) void *memset(void *to, int value, size_t size);

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    char *t = to;
    for (const char *f = from; size > 0; size--) *t++ = *f++;
    return to;
}

void *memset(void *to, int value, size_t size)
{
    for (char *t = to; size > 0; size--) *t++ = (char)value;
    return to;
}
