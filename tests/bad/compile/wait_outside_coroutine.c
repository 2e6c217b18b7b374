/* A wait in a plain function. */
/* expect any: .(task|self). undeclared|undeclared identifier .(task|self). */
/* expect g++: was not declared in this scope */
#include "aio_timeout.h"
static void helper(void) { AIOT_SLEEP(1); }
int main(void) { helper(); return 0; }
