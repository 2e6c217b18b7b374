#!/bin/sh
# run.sh BUILD: tests http_get, as built there and once more with debug checks and sanitizers, against servers on loopback that are
# good and bad: server.py.  One line for each failure, and a last line with the counts.
build=$1
cd "$(dirname "$0")/../.." || exit 2
passed=0
failed=0
server=
scratch=$(mktemp -d) || exit 2
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAILED $*"; }

# Removes what differs from run to run: where the servers are, and how long it took.
plain() { sed -e "s,^http://127\.0\.0\.1:\($files\|$bad\|$resets\|$refused\|${full:-none}\|${nginx:-none}\)\>,," -e 's/, [0-9]* ms,/,/'; }

run() { # arguments: of http_get.  Leaves $code, out, err and lines, and complains of lost descriptors and of anything unexpected.
    timeout 20 "$program" -v "$@" >"$scratch/out" 2>"$scratch/err"
    code=$?
    plain <"$scratch/out" >"$scratch/lines"
    grep -v '^http' "$scratch/err" >"$scratch/why"
    grep -q '^http_get: \([0-9]*\) descriptors open at the start, \1 at the end$' "$scratch/err" || tail -n 1 "$scratch/err" >>"$scratch/why"
    [ ! -s "$scratch/why" ]
}

expect() { # exit-code lines arguments...
    wanted_code=$1
    printf '%s\n' "$2" >"$scratch/wanted"
    shift 2
    if ! run "$@"; then fail "$program $*: unexpected on stderr"; head -n 12 "$scratch/why"
    elif [ $code -ne "$wanted_code" ]; then fail "$program $*: exit code $code"
    elif diff "$scratch/wanted" "$scratch/lines" >"$scratch/why"; then pass
    else fail "$program $*: wrong lines"; head -n 12 "$scratch/why"; fi
}

expect_bad_line() { # what-stderr-says arguments...
    wanted=$1
    shift
    timeout 20 "$program" "$@" >"$scratch/out" 2>"$scratch/err"
    code=$?
    if [ $code -eq 2 ] && [ ! -s "$scratch/out" ] && grep -q -e "$wanted" "$scratch/err"; then pass
    else fail "$program $*: exit code $code"; head -n 12 "$scratch/err"; fi
}

# The first URL is ended by its limit, at most 20 ms late; all others are fetched.  The machine is shared, so thrice if need be.
expect_punctual() { # which-limit ms arguments...
    which=$1
    limit=$2
    shift 2
    for try in 1 2 3; do
        run "$@" || break
        late=$(($(sed -n "1s/.*timed out ($which limit of $limit ms), \([0-9]*\) ms, 1 attempt\$/\1/p" "$scratch/out") - limit))
        others=$(sed 1d "$scratch/lines" | grep -vc ': 200, ')
        [ $code -eq 1 ] && [ "$late" -ge 0 ] && [ $late -le 20 ] && [ "$others" -eq 0 ] && break
    done
    if [ ! -s "$scratch/why" ] && [ $code -eq 1 ] && [ $late -ge 0 ] && [ $late -le 20 ] && [ "$others" -eq 0 ]; then
        pass
        echo "$program: $which limit of $limit ms, $late ms late beside $(($# - 7)) fetches (run $try)"
    else
        fail "$program: $which limit of $limit ms, $late ms late, exit code $code"
        cat "$scratch/why" "$scratch/lines"
    fi
}

command_lines() {
    expect_bad_line 'no URL given'
    expect_bad_line 'no URL given' -v -c 100
    expect_bad_line "-c needs a number from 0 to 86400000, not 'soon'" -c soon http://127.0.0.1/
    expect_bad_line "-b needs a number from 0 to 86400000, not '-1'" -b -1 http://127.0.0.1/
    expect_bad_line "-t needs a number from 0 to 86400000, not '86400001'" -t 86400001 http://127.0.0.1/
    expect_bad_line "-t needs a number from 0 to 86400000, not '99999999999999999999'" -t 99999999999999999999 http://127.0.0.1/
    expect_bad_line "-r needs a number from 0 to 1000, not '3x'" -r 3x http://127.0.0.1/
    expect_bad_line "-r needs a number from 0 to 1000, not ''" -r '' http://127.0.0.1/
    expect_bad_line 'http_get: -h lists the options' -x http://127.0.0.1/
    expect_bad_line 'http_get: -h lists the options' -c
    if "$program" -h >"$scratch/out" && grep -q '^usage: http_get' "$scratch/out"; then pass; else fail "$program -h"; fi

    expect 1 "https://127.0.0.1/: bad URL (it does not begin with http://), 0 attempts" https://127.0.0.1/
    expect 1 "127.0.0.1: bad URL (it does not begin with http://), 0 attempts" 127.0.0.1
    expect 1 "http://: bad URL (there is no host in it), 0 attempts" http://
    expect 1 "http://[::1/: bad URL (there is no host in it), 0 attempts" "http://[::1/"
    expect 1 "http://127.0.0.1:0/: bad URL (its host or port is not right), 0 attempts" http://127.0.0.1:0/
    expect 1 "http://127.0.0.1:65536/: bad URL (its host or port is not right), 0 attempts" http://127.0.0.1:65536/
    expect 1 "http://127.0.0.1:100000/: bad URL (its host or port is not right), 0 attempts" http://127.0.0.1:100000/
    expect 1 "http://127.0.0.1:x/: bad URL (its host or port is not right), 0 attempts" http://127.0.0.1:x/
    expect 1 "http://me@127.0.0.1/: bad URL (its host or port is not right), 0 attempts" http://me@127.0.0.1/
    expect 1 "/a b: bad URL (there is a character in it to be written as %XX), 0 attempts" "http://127.0.0.1:$bad/a b"
    expect 1 "http://no..host/: unknown host ($(python3 -c 'import socket
try: socket.getaddrinfo("no..host", 80)
except UnicodeError: print("Name or service not known")
except OSError as e: print(e.strerror)')), 0 attempts" http://no..host/
}

good_servers() {
    expect 0 "/small: 200, 1000 bytes, 1 attempt" "http://127.0.0.1:$files/small"
    expect 1 "/none: 404, $(wc -c <"$scratch/404" | tr -d ' ') bytes, 1 attempt" "http://127.0.0.1:$files/none"
    expect 0 "/large#part: 200, 3000000 bytes, 1 attempt" "http://127.0.0.1:$files/large#part"
    expect 0 "/long-body: 200, 5000000 bytes, 1 attempt" "http://127.0.0.1:$bad/long-body"
    expect 0 "?query: 200, 5 bytes, 1 attempt" "http://127.0.0.1:$bad?query"
    path=/long-path/$(printf %01900d 0)
    expect 0 "$path: 200, ${#path} bytes, 1 attempt" "http://127.0.0.1:$bad$path"
    path=/long-path/$(printf %03000d 0)
    expect 1 "$path: bad URL (it is too long), 0 attempts" "http://127.0.0.1:$bad$path"
    if [ -n "$nginx" ]; then
        expect 1 "/small: 200, 1000 bytes, 1 attempt
/large: 200, 3000000 bytes, 1 attempt
/none: 404, $(wc -c <"$scratch/404-nginx" | tr -d ' ') bytes, 1 attempt
/: 403, $(wc -c <"$scratch/403-nginx" | tr -d ' ') bytes, 1 attempt" \
            "http://127.0.0.1:$nginx/small" "http://127.0.0.1:$nginx/large" "http://127.0.0.1:$nginx/none" "http://127.0.0.1:$nginx/"
    fi
    if [ -n "$six" ]; then
        expect 0 "http://[::1]:$six/bytes/7: 200, 7 bytes, 1 attempt" "http://[::1]:$six/bytes/7"
    fi
    if [ -n "$fallback" ]; then                 # ::1 refuses, 127.0.0.1 answers
        expect 0 "http://localhost:$fallback/small: 200, 1000 bytes, 1 attempt" "http://localhost:$fallback/small"
    fi

    # More than are fetched at once, in the order given; and eight at once indeed.
    urls=
    lines=
    for n in $(seq 100); do
        urls="$urls http://127.0.0.1:$bad/bytes/$n http://127.0.0.1:$files/small"
        lines="$lines/bytes/$n: 200, $n bytes, 1 attempt
/small: 200, 1000 bytes, 1 attempt
"
    done
    # shellcheck disable=SC2086
    expect 0 "${lines%?}" $urls
    delays=$(for n in $(seq 20); do echo "http://127.0.0.1:$bad/delay"; done)
    # shellcheck disable=SC2086
    expect 0 "$(for n in $(seq 20); do echo "/delay: 200, 2 bytes, 1 attempt"; done)" $delays
    expect 0 "/most: 200, 8 bytes, 1 attempt" "http://127.0.0.1:$bad/most"
}

limits() {
    expect_punctual overall 300 -r 0 -b 0 -t 300 "http://127.0.0.1:$bad/never" $file_urls
    expect_punctual between-bytes 250 -r 0 -t 0 -b 250 "http://127.0.0.1:$bad/never" $file_urls
    [ -z "$nginx" ] || expect_punctual overall 300 -r 0 -b 0 -t 300 "http://127.0.0.1:$bad/never" $nginx_urls
    [ -z "$full" ] || expect_punctual connect 250 -r 0 -t 0 -c 250 "http://127.0.0.1:$full/" $file_urls
    if [ -n "$full" ]; then
        expect 1 "/: timed out (connect limit of 50 ms), 2 attempts" -r 1 -c 50 "http://127.0.0.1:$full/"
        expect 1 "/: timed out (overall limit of 100 ms), 1 attempt" -r 1 -c 0 -t 100 "http://127.0.0.1:$full/"
        expect 1 "/: timed out (overall limit of 100 ms), 1 attempt" -r 1 -c 101 -t 100 "http://127.0.0.1:$full/"
    fi
    expect 1 "/never: timed out (between-bytes limit of 50 ms), 3 attempts" -b 50 "http://127.0.0.1:$bad/never"
    expect 1 "/stall-in-header: timed out (between-bytes limit of 50 ms), 1 attempt" -r 0 -b 50 "http://127.0.0.1:$bad/stall-in-header"
    expect 1 "/drip: timed out (between-bytes limit of 300 ms), 1 attempt" -r 0 -b 300 "http://127.0.0.1:$bad/drip"
    expect 1 "/drip: timed out (overall limit of 2300 ms), 1 attempt" -r 0 -b 2000 -t 2300 "http://127.0.0.1:$bad/drip"
    expect 1 "/never: timed out (overall limit of 1 ms), 1 attempt" -t 1 -b 1000 "http://127.0.0.1:$bad/never"
    # All limits in the same turn: the outermost wins.
    expect 1 "/never: timed out (overall limit of 60 ms), 1 attempt" -t 60 -b 60 "http://127.0.0.1:$bad/never"
}

bad_servers() {
    refusal="/: Connection refused, "
    half="/half: closed half-way (10 of 100 bytes), "
    expect 1 "${refusal}1 attempt" -r 0 "http://127.0.0.1:$refused/"
    expect 1 "${refusal}3 attempts" "http://127.0.0.1:$refused/"
    expect 1 "/reset: Connection reset by peer, 2 attempts" -r 1 "http://127.0.0.1:$bad/reset"
    expect 1 "/: Connection reset by peer, 1 attempt" -r 0 "http://127.0.0.1:$resets/"
    expect 1 "${half}1 attempt" -r 0 "http://127.0.0.1:$bad/half"
    expect 1 "${half}2 attempts" -r 1 "http://127.0.0.1:$bad/half"
    expect 1 "/close: closed half-way (before its first byte), 1 attempt" -r 0 "http://127.0.0.1:$bad/close"
    expect 1 "/close-in-header: closed half-way (in the header), 1 attempt" -r 0 "http://127.0.0.1:$bad/close-in-header"
    expect 1 "/404: 404, 7 bytes, 1 attempt" "http://127.0.0.1:$bad/404"
    expect 1 "/302: 302, 0 bytes, 1 attempt" "http://127.0.0.1:$bad/302"
    expect 0 "/204: 204, 0 bytes, 1 attempt" "http://127.0.0.1:$bad/204"
    expect 1 "/500: 500, 5 bytes, 3 attempts" "http://127.0.0.1:$bad/500"
    expect 0 "/flaky/$round.1: 200, 4 bytes, 4 attempts" -r 3 "http://127.0.0.1:$bad/flaky/$round.1"
    [ "$(grep -c 'flaky.*: 500, [123] bytes, attempt [123]; the next in [0-9]* ms$' "$scratch/err")" -eq 3 ] || fail "$program -v: attempts on stderr"
    elapsed=$(sed -n 's/.*, \([0-9]*\) ms, 4 attempts$/\1/p' "$scratch/out")
    if [ "$elapsed" -ge 350 ]; then pass; else fail "$program: three pauses took only $elapsed ms"; fi       # half of 100 + 200 + 400
    expect 1 "/flaky/$round.2: 500, 3 bytes, 3 attempts" -r 2 "http://127.0.0.1:$bad/flaky/$round.2"
    expect 0 "/no-length: 200, 54321 bytes, 1 attempt" "http://127.0.0.1:$bad/no-length"
    expect 0 "/no-reason: 200, 2 bytes, 1 attempt" "http://127.0.0.1:$bad/no-reason"
    expect 0 "/bare-lf: 200, 2 bytes, 1 attempt" "http://127.0.0.1:$bad/bare-lf"
    expect 0 "/byte-by-byte: 200, 5 bytes, 1 attempt" "http://127.0.0.1:$bad/byte-by-byte"
    expect 0 "/more-than-length: 200, 2 bytes, 1 attempt" "http://127.0.0.1:$bad/more-than-length"
    expect 0 "/same-length-twice: 200, 5 bytes, 1 attempt" "http://127.0.0.1:$bad/same-length-twice"
    expect 0 "/header-8192: 200, 3 bytes, 1 attempt" "http://127.0.0.1:$bad/header-8192"
    expect_bad_response "not an HTTP status line" garbage status-2x0 status-2000
    expect_bad_response "not a status from 200 to 599" status-100
    expect_bad_response "Content-Length is not a number" length-garbage length-empty length-negative
    expect_bad_response "Content-Length is too large" length-overflow
    expect_bad_response "two values of Content-Length" length-twice
    expect_bad_response "Transfer-Encoding is not in HTTP/1.0" chunked
    expect_bad_response "the header is too long" header-8193 header-endless

    # Many failures with few descriptors to lose.
    urls=
    lines=
    for n in $(seq 20); do
        urls="$urls http://127.0.0.1:$bad/half http://127.0.0.1:$resets/ http://127.0.0.1:$refused/ http://127.0.0.1:$bad/garbage http://127.0.0.1:$bad/never"
        lines="$lines${half}1 attempt
/: Connection reset by peer, 1 attempt
${refusal}1 attempt
/garbage: bad response (not an HTTP status line), 1 attempt
/never: timed out (between-bytes limit of 100 ms), 1 attempt
"
    done
    soft=$(ulimit -S -n)
    ulimit -S -n 24
    # shellcheck disable=SC2086
    expect 1 "${lines%?}" -r 0 -b 100 $urls
    ulimit -S -n "$soft"
}

expect_bad_response() { # what paths...
    what=$1
    shift
    for path in "$@"; do expect 1 "/$path: bad response ($what), 1 attempt" "http://127.0.0.1:$bad/$path"; done
}

if ! command -v python3 >/dev/null; then
    echo "FAILED: the servers need python3"
    echo "0 passed, 1 failed"
    exit 1
fi
mkdir "$scratch/www"
head -c 1000 /dev/zero >"$scratch/www/small"
head -c 3000000 /dev/zero >"$scratch/www/large"
command -v nginx >/dev/null || echo "skipped: nginx is not installed"
nginx= six= full= fallback=
python3 tests/net/server.py "$scratch/www" "$scratch/ports" "$(command -v nginx)" &
server=$!
for _ in $(seq 100); do [ -e "$scratch/ports" ] || sleep 0.1; done
. "$scratch/ports" || exit 2
[ -n "$full" ] || echo "skipped: the connect limit, a full backlog answers here"
[ -n "$six" ] || echo "skipped: [::1], there is no IPv6 here"
[ -n "$fallback" ] || echo "skipped: trying the next address, localhost has only one here"
size_of_error() { python3 -c 'import sys, urllib.request, urllib.error
try: urllib.request.urlopen(sys.argv[1])
except urllib.error.HTTPError as e: sys.stdout.buffer.write(e.read())' "$1"; }
size_of_error "http://127.0.0.1:$files/none" >"$scratch/404"
file_urls=$(for n in $(seq 8); do echo "http://127.0.0.1:$files/large" "http://127.0.0.1:$files/small"; done)
