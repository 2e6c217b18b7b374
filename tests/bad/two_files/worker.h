/* worker.h - a coroutine that other files may run. */
#ifndef WORKER_H
#define WORKER_H
#ifdef ONE_COPY                         /* of the header's code: in worker.c */
#ifdef WORKER
#define AIOT_IMPLEMENTATION 1
#else
#define AIOT_DECLARE_ONLY 1
#endif
#endif
#include "aio_timeout.h"
struct worker { AIOT_FRAME; int n, result; };
AIOT_CORO_DECLARE(worker);
int helper_runs(aiot_loop *loop);
#endif
