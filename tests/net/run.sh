#!/bin/sh
# run.sh BUILD: tests http_get, as built there and once more with debug checks and sanitizers, against servers on loopback that are
# good and bad: server.py; shutdown, with signals; echo, both ways, against peers: echo.py; health and cached: health.py, cached.py; and all
# with system calls that fail: faults.py.  One line for each failure, and a last line with the counts.
# shellcheck disable=SC2046,SC2086,SC2154,SC3045,SC1091
build=$1

# A host with two addresses is wanted.  Where localhost is none, it becomes one in a mount namespace of our own, if we may have that.
if [ -z "${own_hosts:-}" ] && ! getent ahosts localhost | grep -q '^::1' && own_hosts=$(mktemp); then
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$own_hosts"
    export own_hosts
    for may in 'unshare -m' 'unshare -rm'; do
        # shellcheck disable=SC2016
        $may sh -c 'mount --bind "$own_hosts" /etc/hosts' 2>/dev/null || continue
        # shellcheck disable=SC2016
        exec $may sh -c 'mount --bind "$own_hosts" /etc/hosts && rm "$own_hosts"; exec "$@"' sh "$0" "$@"
    done
    rm "$own_hosts"
fi

cd "$(dirname "$0")/../.." || exit 2
passed=0
failed=0
server=
scratch=$(mktemp -d) || exit 2
trap '[ -z "$server" ] || { kill "$server"; wait "$server"; } 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); printf 'FAILED %.200s: %s\n' "$program $2" "$1"; head -n 12 "$scratch/why"; }

# SERVER/PATH as a URL; and the lines of http_get with that written back, and without what differs from run to run.
url() {
    eval "port=\$${1%%/*}"
    case $1 in
    six/*) echo "http://[::1]:$port/${1#*/}" ;;
    localhost/*) echo "http://localhost:$port/${1#*/}" ;;
    *) echo "http://127.0.0.1:$port/${1#*/}" ;;
    esac
}
urls() { for place in "$@"; do url "$place"; done; }
plain() {
    sed -e "s,^http://127\.0\.0\.1:$files/,files/,; s,^http://127\.0\.0\.1:$bad/,bad/,; s,^http://127\.0\.0\.1:$resets/,resets/,
        s,^http://127\.0\.0\.1:$refused/,refused/,; s,^http://127\.0\.0\.1:$full/,full/,; s,^http://127\.0\.0\.1:$nginx/,nginx/,
        s,^http://localhost:$localhost/,localhost/,; s,^http://\[::1\]:$six/,six/,
        s/, [0-9]* ms,/,/; s/: unknown host (.*)/: unknown host/; s/: \(40[34]\), [1-9][0-9]* bytes/: \1, N bytes/"
}

# Runs http_get -v.  Leaves $code, out, err and lines; and complains of descriptors that are lost, and of anything unexpected.
run() {
    timeout 20 "$program" -v "$@" >"$scratch/out" 2>"$scratch/err"
    code=$?
    plain <"$scratch/out" >"$scratch/lines"
    grep -v '^http' "$scratch/err" >"$scratch/why"
    grep -q '^http_get: \([0-9]*\) descriptors open at the start, \1 at the end$' "$scratch/err" || tail -n 1 "$scratch/err" >>"$scratch/why"
    [ ! -s "$scratch/why" ]
}

expect() { # exit-code lines arguments...
    wanted=$1
    printf '%s\n' "$2" >"$scratch/wanted"
    shift 2
    if ! run "$@"; then fail "unexpected on stderr" "$*"
    elif ! diff "$scratch/wanted" "$scratch/lines" >"$scratch/why"; then fail "not what was expected" "$*"
    elif [ "$code" -ne "$wanted" ]; then fail "exit code $code" "$*"
    else pass; fi
}

expect_usage() { # what-stderr-says arguments...
    wanted=$1
    shift
    timeout 20 "$program" "$@" >"$scratch/out" 2>"$scratch/why"
    code=$?
    if [ $code -eq 2 ] && [ ! -s "$scratch/out" ] && grep -q -e "$wanted" "$scratch/why"; then pass; else fail "exit code $code" "$*"; fi
}

# The first URL is ended by its limit, at most 20 ms late; all others are fetched.  The machine is shared, so thrice if need be.
expect_punctual() { # which-limit ms arguments...
    which=$1
    limit=$2
    shift 2
    for try in 1 2 3; do
        run "$@" || break
        sed '1d; /: 200, /d' "$scratch/lines" >"$scratch/why"
        late=$(($(sed -n "1s/.*timed out ($which limit of $limit ms), \([0-9]*\) ms, 1 attempt\$/\1/p" "$scratch/out") - limit))
        if [ ! -s "$scratch/why" ] && [ $code -eq 1 ] && [ $late -ge 0 ] && [ $late -le 20 ]; then
            pass
            echo "$program: $which limit of $limit ms, $late ms late beside $(($# - 7)) fetches (try $try)"
            return
        fi
    done
    fail "exit code $code, $late ms late" "$*"
}

# exit code, SERVER/PATH, line; each ends after one attempt
cases='
0 files/small 200, 1000 bytes
0 files/large 200, 3000000 bytes
1 files/none 404, N bytes
0 nginx/small 200, 1000 bytes
0 nginx/large 200, 3000000 bytes
1 nginx/none 404, N bytes
1 nginx/ 403, N bytes
0 six/bytes/7 200, 7 bytes
0 localhost/small 200, 1000 bytes
0 bad/?query 200, 5 bytes
0 bad/bytes/5#part 200, 5 bytes
0 bad/bytes/5000000 200, 5000000 bytes
0 bad/204 204, 0 bytes
0 bad/no-length 200, 54321 bytes
0 bad/no-reason 200, 2 bytes
0 bad/bare-lf 200, 2 bytes
0 bad/byte-by-byte 200, 5 bytes
0 bad/more-than-length 200, 2 bytes
0 bad/same-length-twice 200, 5 bytes
0 bad/header-8192 200, 3 bytes
1 bad/302 302, 0 bytes
1 bad/500 500, 5 bytes
1 refused/ Connection refused
1 resets/ Connection reset by peer
1 bad/reset Connection reset by peer
1 bad/half closed half-way (10 of 100 bytes)
1 bad/close closed half-way (before its first byte)
1 bad/close-in-header closed half-way (in the header)
1 bad/header-8193 bad response (the header is too long)
1 bad/header-endless bad response (the header is too long)
1 bad/garbage bad response (not an HTTP status line)
1 bad/status-2x0 bad response (not an HTTP status line)
1 bad/status-2000 bad response (not an HTTP status line)
1 bad/status-100 bad response (not a status from 200 to 599)
1 bad/length-garbage bad response (Content-Length is not a number)
1 bad/length-empty bad response (Content-Length is not a number)
1 bad/length-negative bad response (Content-Length is not a number)
1 bad/length-overflow bad response (Content-Length is too large)
1 bad/length-twice bad response (two values of Content-Length)
1 bad/chunked bad response (Transfer-Encoding is not in HTTP/1.0)
'

one_by_one() {
    while read -r wanted_code place line; do
        expect "$wanted_code" "$place: $line, 1 attempt" -r 0 "$(url "$place")"
    done <"$scratch/cases"
}

# All of them, thrice, with few descriptors to lose.
together() {
    cat "$scratch/cases" "$scratch/cases" "$scratch/cases" >"$scratch/thrice"
    soft=$(ulimit -S -n)
    ulimit -S -n 24
    expect 1 "$(sed 's/^[01] \([^ ]*\) \(.*\)/\1: \2, 1 attempt/' "$scratch/thrice")" -r 0 -b 0 $(urls $(cut -d ' ' -f 2 "$scratch/thrice"))
    ulimit -S -n "$soft"
}

usage() {
    expect_usage 'no URL given'
    expect_usage 'no URL given' -v -c 100
    expect_usage "-c needs a number from 0 to 86400000, not 'soon'" -c soon http://127.0.0.1/
    expect_usage "-b needs a number from 0 to 86400000, not '-1'" -b -1 http://127.0.0.1/
    expect_usage "-t needs a number from 0 to 86400000, not '86400001'" -t 86400001 http://127.0.0.1/
    expect_usage "-t needs a number from 0 to 86400000, not '99999999999999999999'" -t 99999999999999999999 http://127.0.0.1/
    expect_usage "-r needs a number from 0 to 1000, not '3x'" -r 3x http://127.0.0.1/
    expect_usage "-r needs a number from 0 to 1000, not ''" -r '' http://127.0.0.1/
    expect_usage 'http_get: -h lists the options' -x http://127.0.0.1/
    expect_usage 'http_get: -h lists the options' -c
    if "$program" -h >"$scratch/why" && grep -q '^usage: http_get' "$scratch/why"; then pass; else fail "no help" -h; fi
}

bad_urls() {
    path=long-path/$(printf %01900d 0)
    expect 0 "bad/$path: 200, $((${#path} + 1)) bytes, 1 attempt" "$(url "bad/$path")"
    path=long-path/$(printf %02100d 0)
    expect 1 "https://127.0.0.1/: bad URL (it does not begin with http://), 0 attempts
127.0.0.1: bad URL (it does not begin with http://), 0 attempts
http://: bad URL (there is no host in it), 0 attempts
http://[::1/: bad URL (there is no host in it), 0 attempts
http://127.0.0.1:0/: bad URL (its host or port is not right), 0 attempts
http://127.0.0.1:65536/: bad URL (its host or port is not right), 0 attempts
http://127.0.0.1:100000/: bad URL (its host or port is not right), 0 attempts
http://127.0.0.1:x/: bad URL (its host or port is not right), 0 attempts
http://me@127.0.0.1/: bad URL (its host or port is not right), 0 attempts
bad/a b: bad URL (there is a character in it to be written as %XX), 0 attempts
bad/$path: bad URL (it is too long), 0 attempts
http://no..host/: unknown host, 0 attempts
http://127.0.0.1:$bad?query: 200, 5 bytes, 1 attempt
bad/bytes/1: 200, 1 bytes, 1 attempt" \
        https://127.0.0.1/ 127.0.0.1 http:// "http://[::1/" http://127.0.0.1:0/ http://127.0.0.1:65536/ http://127.0.0.1:100000/ \
        http://127.0.0.1:x/ http://me@127.0.0.1/ "$(url "bad/a b")" "$(url "bad/$path")" http://no..host/ \
        "http://127.0.0.1:$bad?query" "$(url bad/bytes/1)"
}

# More URLs than are fetched at once, in the order given; and eight at once indeed.
many() {
    expect 0 "$(for n in $(seq 200); do echo "bad/bytes/$n: 200, $n bytes, 1 attempt"; done)" $(urls $(seq -f bad/bytes/%g 200))
    expect 0 "$(for _ in $(seq 20); do echo "bad/delay: 200, 2 bytes, 1 attempt"; done)" $(for _ in $(seq 20); do url bad/delay; done)
    expect 0 "bad/most: 200, 8 bytes, 1 attempt" "$(url bad/most)"
}

retries() { # a name of its own for the server's count
    expect 1 "refused/: Connection refused, 3 attempts
resets/: Connection reset by peer, 3 attempts
bad/half: closed half-way (10 of 100 bytes), 3 attempts
bad/500: 500, 5 bytes, 3 attempts
bad/flaky/$1.1: 500, 3 bytes, 3 attempts
bad/404: 404, N bytes, 1 attempt
bad/garbage: bad response (not an HTTP status line), 1 attempt" \
        "$(url refused/)" "$(url resets/)" "$(url bad/half)" "$(url bad/500)" "$(url "bad/flaky/$1.1")" "$(url bad/404)" "$(url bad/garbage)"
    expect 0 "bad/flaky/$1.2: 200, 4 bytes, 4 attempts" -r 3 "$(url "bad/flaky/$1.2")"
    paused=$(sed -n 's/.*, \([0-9]*\) ms, 4 attempts$/\1/p' "$scratch/out")
    told=$(grep -c ': 500, [123] bytes, attempt [123]; the next in [0-9]* ms$' "$scratch/err")
    if [ "$told" -eq 3 ] && [ "${paused:-0}" -ge 350 ]; then pass; else fail "$told pauses, $paused ms" "-r 3"; fi      # half of 100 + 200 + 400
}

limits() {
    set -- $(urls files/large files/small files/large files/small files/large files/small files/large files/small \
                  ${nginx:+nginx/large nginx/small nginx/large nginx/small nginx/large nginx/small nginx/large nginx/small})
    expect_punctual overall 300 -r 0 -b 0 -t 300 "$(url bad/never)" "$@"
    expect_punctual between-bytes 300 -r 0 -t 0 -b 300 "$(url bad/never)" "$@"
    [ -z "$full" ] || expect_punctual connect 300 -r 0 -t 0 -c 300 "$(url full/)" "$@"
    expect 1 "bad/never: timed out (between-bytes limit of 250 ms), 2 attempts
bad/stall-in-header: timed out (between-bytes limit of 250 ms), 2 attempts
bad/drip: timed out (between-bytes limit of 250 ms), 2 attempts" -r 1 -b 250 $(urls bad/never bad/stall-in-header bad/drip)
    expect 1 "bad/never: timed out (overall limit of 2300 ms), 1 attempt
bad/drip: timed out (overall limit of 2300 ms), 1 attempt" -b 0 -t 2300 $(urls bad/never bad/drip)
    expect 1 "bad/never: timed out (overall limit of 1 ms), 1 attempt" -t 1 "$(url bad/never)"
    [ -n "$full" ] || return
    expect 1 "full/: timed out (connect limit of 50 ms), 2 attempts" -r 1 -c 50 "$(url full/)"
    expect 1 "full/: timed out (overall limit of 50 ms), 1 attempt" -c 0 -t 50 "$(url full/)"
}

expect_end() { # exit-code lines milliseconds signals...: of shutdown, the first when it serves, the second when it stops
    program=$build/examples/net/shutdown
    wanted=$1
    printf '%s\n' "$2" >"$scratch/wanted"
    what="$3 $4 $5"
    # The signals go to the program itself: timeout loses one that comes before it knows its child.
    # shellcheck disable=SC2016
    timeout 20 sh -c 'echo $$ >"$0"; exec "$@"' "$scratch/pid" "$program" "$3" >"$scratch/lines" &
    started=$!
    shift 3
    for line in serving stopping; do
        for _ in $(seq 100); do ! grep -qx $line "$scratch/lines" || break; sleep 0.05; done
        [ $# -eq 0 ] || { kill -s "$1" "$(cat "$scratch/pid")"; shift; }
    done
    wait $started
    code=$?
    if ! diff "$scratch/wanted" "$scratch/lines" >"$scratch/why"; then fail "not what was expected" "$what"
    elif [ "$code" -ne "$wanted" ]; then fail "exit code $code" "$what"
    else pass; fi
}

ends() {
    expect_end 0 "serving
stopping
worker 0 has cleaned up
worker 1 has cleaned up
worker 2 has cleaned up
stopped" 20 INT
    expect_end 1 "serving
stopping
not waited for" 60000 TERM
    expect_end 1 "serving
stopping
not waited for" 60000 INT TERM
}

# Adds the counts of a Python script, and shows what has failed.
script() { # script arguments...
    python3 "$@" >"$scratch/out" 2>&1
    grep -v ' passed, ' "$scratch/out"
    counts=$(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$scratch/out")
    if [ -z "$counts" ]; then counts="0 1"; echo "FAILED $1"; fi
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
}

if ! command -v python3 >/dev/null; then
    echo "FAILED: the servers need python3"
    echo "0 passed, 1 failed"
    exit 1
fi
mkdir "$scratch/www"
head -c 1000 /dev/zero >"$scratch/www/small"
head -c 3000000 /dev/zero >"$scratch/www/large"
nginx='' six='' full='' localhost=''            # these need not be there
python3 tests/net/server.py "$scratch/www" "$scratch/ports" "$(PATH=$PATH:/usr/sbin; command -v nginx)" &
server=$!
for _ in $(seq 100); do [ -e "$scratch/ports" ] || sleep 0.1; done
. "$scratch/ports" || exit 2
for name in nginx six full localhost; do
    eval "[ -n \"\$$name\" ]" || echo "skipped: what needs the server '$name', which cannot be had here (see server.py)"
done
echo "$cases" | while read -r wanted_code place line; do
    [ -z "$place" ] || eval "[ -z \"\$${place%%/*}\" ]" || echo "$wanted_code $place $line"
done >"$scratch/cases"

export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99
program=$build/examples/net/http_get
usage
bad_urls
one_by_one
together
many
retries optimised
limits
ends
script tests/net/echo.py "$build/examples/net/echo" 5
script tests/net/health.py "$build"
script tests/net/cached.py "${CC:-cc}"
program="http_fuzz"
if ${CC:-cc} -std=c11 -O1 -g -fsanitize=address,undefined -I. tests/net/http_fuzz.c -o "$scratch/http_fuzz" 2>"$scratch/why" &&
    "$scratch/http_fuzz" >"$scratch/why" 2>&1; then pass; else fail "a parser's property" ""; fi

# Once more, with debug checks and sanitizers.
checks="-O0 -g -DAIOT_DEBUG=1 -fsanitize=address,undefined -fno-sanitize-recover=all"
program=$scratch/http_get
echo 'int main(void) { return 0; }' >"$scratch/empty.c"
if ! ${CC:-cc} $checks "$scratch/empty.c" -o "$scratch/empty" 2>/dev/null || ! "$scratch/empty"; then
    echo "skipped: sanitizers, ${CC:-cc} has none here"
elif ${CC:-cc} -std=c11 $checks -I. examples/net/http_get.c -o "$program" 2>"$scratch/why"; then
    bad_urls
    together
    many
    retries checked
    limits
    program=$scratch/echo
    if ${CC:-cc} -std=c11 $checks -pthread -I. examples/net/echo.c -o "$program" 2>"$scratch/why"; then
        script tests/net/echo.py "$program" 5
    else
        fail "does not compile" "$checks"
    fi
    script tests/net/faults.py "$build"
else
    fail "does not compile" "$checks"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
