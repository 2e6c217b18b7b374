/* descriptors_2.c - descriptors.c with poll(2). */
#define AIOT_POLL 2
#include "descriptors.c"
