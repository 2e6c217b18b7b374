/* port.h - aio_timeout.h on a 32-bit RISC-V: QEMU's virt machine, mtime at 10 MHz as the clock, no periodic tick. */
#ifndef PORT_H
#define PORT_H
#include <stdint.h>

#define AIOT_HOSTED      0
#define AIOT_TIME_BITS   32             /* the low half of mtime; wraps after 7 minutes: the longest delay is 3.5 */
#define AIOT_TICKS_PER_S 10000000

/* Saves mstatus and clears its bit MIE; sets that if it was.  So sections may be nested, and used in an interrupt. */
#define AIOT_CRITICAL_STATE        uint32_t
#define AIOT_CRITICAL_ENTER(state) __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(state) : : "memory")
#define AIOT_CRITICAL_LEAVE(state) __asm__ volatile("csrs mstatus, %0" : : "r"((state) & 8) : "memory")

/* Clock and sleep are known here, so the loop need not keep pointers to them. */
#define AIOT_CLOCK(loop)       ((aiot_time)*(volatile uint32_t *)0x0200BFF8u)
#define AIOT_IDLE(loop, until) board_idle(loop, until)
struct aiot_loop;
void board_idle(struct aiot_loop *loop, int32_t until);

#include "aio_timeout.h"
#endif
