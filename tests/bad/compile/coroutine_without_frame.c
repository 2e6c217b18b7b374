/* A struct that does not begin with AIOT_FRAME. */
/* expect any: no member named .aiot_i_frame. */
/* expect g++: no member named .aiot_i_frame. */
#include "aio_timeout.h"
struct root { int n; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SLEEP(1);
    AIOT_END();
}
int main(void) { return 0; }
