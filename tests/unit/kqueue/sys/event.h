/* sys/event.h - as much of the BSDs' header as kqueue(2) needs here, so that their half of the header compiles and runs on Linux, on the
 * functions in ../on_linux.h.  The numbers are FreeBSD's. */
#ifndef KQUEUE_EVENT_H
#define KQUEUE_EVENT_H
#include <stdint.h>
#include <time.h>

struct kevent {
    uintptr_t      ident;
    short          filter;
    unsigned short flags;
    unsigned int   fflags;
    int64_t        data;
    void          *udata;
};
#define EV_SET(event, ident_, filter_, flags_, fflags_, data_, udata_) \
    (*(event) = (struct kevent){ (ident_), (filter_), (flags_), (fflags_), (data_), (udata_) })
enum { EVFILT_READ = -1, EVFILT_WRITE = -2, EV_ADD = 1, EV_DELETE = 2, EV_ERROR = 0x4000, EV_EOF = 0x8000 };

int kqueue(void);
int kevent(int queue, const struct kevent *changes, int change_count, struct kevent *events, int capacity, const struct timespec *limit);
#endif
