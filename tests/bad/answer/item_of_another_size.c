/* An item of another size than the queue's: a text, where the queue has pointers to texts. */
/* expect debug: item_of_another_size.c:10: task .none.: puts or gets an item of another size than the queue's items */
/* exit debug: 0 */
/* release: refused AIOT_EINVAL */  /* mistake: a queue's item of another size */
#include "aio_timeout.h"
int main(void)
{
    static aiot_queue q;
    static const char *items[4];
    return aiot_queue_init(&q, items) == 0 && aiot_queue_put_nowait(&q, "item") == AIOT_EINVAL ? 0 : 1;
}
