/* startup.S - where the core begins: pointers, zeroed memory, main(). */
    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la   gp, __global_pointer$
    .option pop
    la   sp, link_stack
    la   t0, link_bss_start
    la   t1, link_bss_end
1:  bgeu t0, t1, 2f
    sw   zero, 0(t0)
    addi t0, t0, 4
    j    1b
2:  call main
    li   a0, 0
    call board_exit
