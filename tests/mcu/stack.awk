# stack.awk: how deep the stack of a program can get, from its machine code and the frames that gcc -fstack-usage has told.
#
#     objdump -d PROGRAM | awk -v entry=N -f stack.awk A.su B.su ... -
#
# It prints
#     loop        the bytes from the call of main() to the deepest of what main() can call;
#     handler     what the deepest interrupt handler adds to that, with the `entry` bytes that the core itself pushes.  It is not in
#                 `loop`, and counts once: no two nest in these programs;
#     before      what start-up has on the stack when it calls main();
#     path        where `loop` comes from.  f >> g: f ends in a jump to g, and its frame is gone by then;
#     unfollowed  the functions that call through a pointer that was not followed; aiot_i_run_turns is among them for what is no step.
# Whatever would make that less than a bound is an error: recursion, a frame whose size only the run knows, a function that nobody calls,
# assembly that is not trivial.  The reason goes to stderr, and the exit code is 1.
#
# Return addresses: on Arm and RISC-V they are among the registers that a function saves, in its frame.  On AVR the call pushes two bytes,
# and avr-gcc 5.4 counts them: `int leaf(int a) { return a + 1; }` pushes nothing and has a frame of 2, __vector_14 pushes five registers
# and has 7.  So nothing is added there either, for handlers too.
#
# Calls through pointers: the loop steps its tasks so, and from there every aiot_i_step_* is reached.  The others lead to what a first
# cancel or a first waiter sets (loop->deliver, loop->queue_waiters), and to callbacks in the loop's queue: this program has none, and the
# linker has dropped them.  Were one there, it would be a function that nobody calls, and an error.

BEGIN {
    FS = "\t"
    loops = "^(aiot_i_run_turns|aiot_run_forever|main)$"             # what steps tasks, or what that was inlined in
    steps = "^aiot_i_step_"
    handlers = "(_Handler|^trap|^__vector_[0-9]+)$"
    startup = "^(reset|fault)$"
}

function fail(why) { print "stack.awk: " why >"/dev/stderr"; failed = 1; exit 1 }
function plain(f) { gsub(/\.[0-9]+/, "", f); return f }         # f.isra.9.constprop.22 is f.isra.9.constprop or f.isra.constprop in a .su
function base(f) { sub(/\..*/, "", f); return f }
function hex(digits) { sub(/^0+/, "", digits); return digits == "" ? "0" : digits }

FILENAME ~ /\.su$/ {                                            # file:line:column:function, bytes, kind
    count = split($1, part, ":")
    f = plain(part[count])
    if (!(f in frame) || $2 + 0 > frame[f]) frame[f] = $2 + 0   # two clones, or two static functions of one name: the larger
    if ($3 != "static") kind[f] = $3
    next
}

/^[0-9a-f]+ <.*>:$/ {                                           # functions are known by their address, names may occur twice
    here = hex(substr($0, 1, index($0, " ") - 1))
    name[here] = substr($0, index($0, "<") + 1, length($0) - index($0, "<") - 2)
    order[++functions] = here
    next
}

$1 !~ /^ *[0-9a-f]+:$/ || NF < 3 { next }

{
    op = $3
    sub(/ .*/, "", op)
    sub(/\.[nw]$/, "", op)
    to = match($0, /[0-9a-f]+ </) ? hex(substr($0, RSTART, RLENGTH - 2)) : ""
    if (op ~ /^(bl|blx|jal|jalr|r?call)$/ && to != "") calls[here] = calls[here] " " to
    else if (op ~ /^(b[a-z]*|cbn?z|j|jr|r?jmp)$/ && to != "") jumps[here] = jumps[here] (to == here ? "" : " " to)    # not its own loop
    else if (op ~ /^(blx|jalr|e?icall|e?ijmp)$/ || (op ~ /^(bx|jr)$/ && $4 !~ /^(lr|ra)/) || \
            (op ~ /^(mov|ldr)$/ && $4 ~ /^pc,/ && $4 !~ /\[sp/))                # from the stack: a return
        pointer[here] = 1

    # For what has no frame in a .su file, which is assembly: the registers it pushes, if it does nothing else to the stack pointer.
    if (op == "push") pushed[here] += $4 ~ /^[{]/ ? 4 * split($4, part, ",") : 1
    else if (op != "pop" && $4 ~ /(^|[^a-z])sp([^a-z]|$)|^0x3[de],/) other[here] = 1
    if (op !~ /^(nop|\..*)$/) last[here] = op " " $4
    if ($2 ~ /^[0-9a-f][0-9a-f] /) avr = 1                      # its code is printed byte by byte
}

function size(f,    known) {
    known = plain(name[f])
    if (known in kind) fail("the frame of " name[f] " is " kind[known])
    if (known in frame) return frame[known]
    if (other[f] || pointer[f] || jumps[f] != "" || last[f] !~ /^(ret|bx lr|pop .*pc)/)
        fail(name[f] " is in no .su file, and as assembly not trivial")
    return pushed[f] + (avr ? 2 : 0)
}

function try(f, d, g, arrow) {                                  # f goes on to g, and with it is d deep
    if (d <= deepest[f]) return
    deepest[f] = d
    following[f] = g
    arrows[f] = arrow
}

function depth(f,    own, i, n, list) {
    if (f in done) return deepest[f]
    if (f in before_it) fail("recursion: " trail name[f])
    before_it[f] = trail
    trail = trail name[f] " > "
    deepest[f] = own = size(f)
    n = split(calls[f], list, " ")
    for (i = 1; i <= n; i++) try(f, own + depth(list[i]), list[i], " > ")
    n = split(jumps[f], list, " ")                              # as its last act, when it has given its frame back
    for (i = 1; i <= n; i++) try(f, depth(list[i]), list[i], " >> ")
    if (pointer[f] && base(name[f]) ~ loops)
        for (i = 1; i <= functions; i++) if (name[order[i]] ~ steps) try(f, own + depth(order[i]), order[i], " > ")
    if (pointer[f]) unfollowed = unfollowed " " base(name[f])
    trail = before_it[f]
    delete before_it[f]
    done[f] = 1
    return deepest[f]
}

function functions_of(addresses,    i, n, list, kept) {        # without those within a function; AVR's `rcall .+0` only makes room
    n = split(addresses, list, " ")
    for (i = 1; i <= n; i++) if (list[i] in name) kept = kept " " list[i]
    return kept
}

END {
    if (failed) exit 1
    for (i = 1; i <= functions; i++) {
        f = order[i]
        calls[f] = functions_of(calls[f])
        jumps[f] = functions_of(jumps[f])
        if (name[f] == "main") main = f
    }
    if (main == "") fail("no main()")
    loop = depth(main)
    path = "main " size(main)
    for (f = main; f in following; f = following[f]) path = path arrows[f] name[following[f]] " " size(following[f])
    for (i = 1; i <= functions; i++) {
        f = order[i]
        if (name[f] ~ steps && !(f in done)) fail("nothing that calls through a pointer is known to step " name[f])
        if (name[f] ~ startup) depth(f)
        if (name[f] ~ handlers && entry + depth(f) > handler) handler = entry + depth(f)
        if (plain(name[f]) in frame && (calls[f] " ") ~ (" " main " ")) before = frame[plain(name[f])]
    }
    for (i = 1; i <= functions; i++)
        if (plain(name[order[i]]) in frame && !(order[i] in done))
            fail("nobody is known to call " name[order[i]] ": it must be a pointer that is not followed")
    print "loop " loop "\nhandler " handler + 0 "\nbefore " before + 0 "\npath " path "\nunfollowed" unfollowed
}
