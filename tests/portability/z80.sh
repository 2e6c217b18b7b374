#!/bin/sh
# z80.sh PROGRAM: runs PROGRAM.ihx, which is z80.c and begins its data at 0xf900, on the simulator that comes with SDCC.  Passes what it
# prints on; fails if that is not 000.  SDCC's linker lets code and data overlap without a word, so that is looked for first.
end=$(sed -n 's/^ *\([0-9A-F]*\)  *s__GSFINAL .*/\1/p' "$1.map")            # the last area of code
if [ $((0x$end)) -ge $((0xf900)) ]; then echo "code up to 0x$end reaches into the data"; exit 1; fi
said=$(sz80 -G -I 'if=outputs[0xff]' "$1.ihx" </dev/null 2>&1 | tail -n 1)
echo "$said"
[ "$said" = 000 ]
