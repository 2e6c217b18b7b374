/* poll_faults_old.c - poll_faults.c where the kernel has no epoll_pwait2(2): before Linux 5.11. */
#define KERNEL_IS_OLD
#include "poll_faults.c"
