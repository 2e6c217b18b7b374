/* A function of an option that is not on. */
/* expect any: needs AIOT_LIMIT 1 */
/* expect g++: needs AIOT_LIMIT 1 */
#include "aio_timeout.h"
int main(void)
{
    static aiot_loop loop;
    aiot_loop_init_virtual(&loop);
    aiot_loop_set_limit(&loop, 10);
    return 0;
}
