/* worker.h - a coroutine that other files may run. */
#ifndef WORKER_H
#define WORKER_H
#include "aio_timeout.h"
struct worker { AIOT_FRAME; int n, result; };
AIOT_CORO_DECLARE(worker);
int helper_runs(aiot_loop *loop);
#endif
