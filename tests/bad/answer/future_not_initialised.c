/* A future that is ended, but was not initialised: nobody can wait for it. */
/* expect debug: future_not_initialised.c:9: task .none.: ends a future that was not initialised */
/* exit debug: 0 */
/* release: harmless */  /* mistake: a future without its init, ended */
#include "aio_timeout.h"
int main(void)
{
    static aiot_future future;
    return aiot_future_set_result(&future, 1);
}
