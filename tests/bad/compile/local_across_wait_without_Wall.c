/* The same where the user asks for no warnings. */
/* flags gcc: -Wno-all -Wno-extra */
/* flags clang: -Wno-everything */
/* expect gcc: switch jumps over variable initialization */
/* expect clang: variable .i. (is|may be) .*uninitialized */
/* expect g++: jump to case label */
#include "local_across_wait.c"
