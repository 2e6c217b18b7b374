/* A post is raised before its init function was called. */
/* expect debug: task .none.: raised before its init function was called */
/* exit debug: 0 */
/* release: harmless */  /* mistake: a post, a signal or an inbox raised before its init */
#define AIOT_CRITICAL_STATE int
#define AIOT_CRITICAL_ENTER(state) ((state) = 0)
#define AIOT_CRITICAL_LEAVE(state) ((void)(state))
#include "aio_timeout.h"
int main(void)
{
    static aiot_post post;
    aiot_post_raise(&post);
    return 0;
}
