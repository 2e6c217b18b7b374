/* stderr_text.h - for unit tests: what a function prints on stderr. Include it before check.h. Without POSIX, CATCHES_STDERR is 0. */
#ifndef STDERR_TEXT_H
#define STDERR_TEXT_H
#if defined __unix__ || defined __APPLE__
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#define CATCHES_STDERR 1
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void stderr_text(void (*prints)(void *), void *argument, char *text, size_t size)
{
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    fflush(stderr);
    if (file == NULL || saved < 0 || dup2(fileno(file), STDERR_FILENO) < 0) abort();
    prints(argument);
    fflush(stderr);
    if (dup2(saved, STDERR_FILENO) < 0) abort();
    close(saved);
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}
#else
#define CATCHES_STDERR 0
#endif
#endif
