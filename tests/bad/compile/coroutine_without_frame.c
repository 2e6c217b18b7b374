/* A struct that does not begin with AIOT_FRAME. */
/* expect any: no member named .AIOT_FRAME_comes_first_in_the_struct. */
/* expect g++: no member named .AIOT_FRAME_comes_first_in_the_struct. */
#include "aio_timeout.h"
struct root { int n; };
static AIOT_CORO(root)
{
    AIOT_BEGIN();
    AIOT_SLEEP(1);
    AIOT_END();
}
int main(void) { return 0; }
