/* http_fuzz.c - tests of examples/net/http_request.h: a table of good and bad heads, and random ones.
 *
 *     cc -I. -fsanitize=address,undefined tests/net/http_fuzz.c && ./a.out [heads [seed]]
 *     clang -I. -fsanitize=fuzzer,address,undefined tests/net/http_fuzz.c && ./a.out -max_total_time=60
 *
 * What must hold for all bytes:
 *     however they are split, the result is the same
 *     no byte beyond those given is read: each call gets a copy of just that length on the heap, for the sanitizer to watch
 *     a request that is accepted passes a check that shares no code with the parser, and so does what is written from its result
 * Prints a line for each failure, and a last line with the counts. With libFuzzer a failure aborts. */
#define _POSIX_C_SOURCE 200809L
#include "examples/net/http_request.h"
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static unsigned long passed, failed;
static bool goes_on;                            /* behind a failure: set by main(), not by libFuzzer */

static void check(bool is_good, const char *what, const char *bytes, size_t length)
{
    passed += is_good;
    if (is_good) return;
    failed++;
    printf("FAILED: %s: ", what);
    for (size_t i = 0; i < length && i < 300; i++) printf(bytes[i] >= ' ' && bytes[i] <= '~' ? "%c" : "\\x%02x", (unsigned char)bytes[i]);
    printf("\n");
    if (!goes_on) abort();
}

static uint64_t random_state = 1;
static size_t below(size_t n)                   /* xorshift64* */
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (size_t)(random_state * 0x2545F4914F6CDD1DULL >> 33) % n;
}

/* ---- The parsers on a copy. */
static int parse_request(struct http_request *r, const char *bytes, size_t used)
{
    char *copy = malloc(used ? used : 1);
    if (copy == NULL) abort();
    memcpy(copy, bytes, used);
    int status = http_request_parse(r, used ? copy : copy + 1, used);
    free(copy);
    return status;
}
static int parse_response(struct http_response *r, const char *bytes, size_t used)
{
    char *copy = malloc(used ? used : 1);
    if (copy == NULL) abort();
    memcpy(copy, bytes, used);
    int status = http_response_parse(r, used ? copy : copy + 1, used);
    free(copy);
    return status;
}

/* ---- The independent check: regular expressions for the lines, and a count of the fields that matter. */
static bool matches(const char *pattern, const char *text)
{
    enum { MOST = 8 };
    static struct { const char *pattern; regex_t compiled; } known[MOST];
    for (int i = 0; i < MOST; i++) {
        if (known[i].pattern == NULL) {
            if (regcomp(&known[i].compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) abort();
            known[i].pattern = pattern;
        }
        if (known[i].pattern == pattern) return regexec(&known[i].compiled, text, 0, NULL, 0) == 0;
    }
    abort();
}
static bool is_strict(const char *head, size_t length)
{
    static const char request_line[] = "^(GET|HEAD) /[]!\"$-[\\^-~]* HTTP/1\\.[01]$";
    static const char field[] = "^[]!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x01-\x08\x0a-\x1f\x7f]*$";
    static const char host[] = "^[Hh][Oo][Ss][Tt]:[ \t]*(\\[[0-9A-Za-z:.]+]|[!$%&'()*+,;=.~_0-9A-Za-z-]+)(:[0-9]*)?[ \t]*$";
    static const char no_length[] = "^[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Ll][Ee][Nn][Gg][Tt][Hh]:[ \t]*0+[ \t]*$";
    char *text = malloc(length + 1), *line = text;
    int hosts = 0, lengths = 0, fields = 0;
    bool is_good = text != NULL && length >= 4 && memchr(head, '\0', length) == NULL, is_11 = false;
    if (text == NULL) abort();
    memcpy(text, head, length);
    text[length] = '\0';
    for (char *end; is_good && (end = strstr(line, "\r\n")) != NULL && end != line; line = end + 2) {
        *end = '\0';
        if (line == text) {
            is_good = matches(request_line, line);
            is_11 = is_good && end[-1] == '1';
            continue;
        }
        fields++;
        is_good = matches(field, line) && strncmp(line, "]", 1) != 0 && strncasecmp(line, "Transfer-Encoding:", 18) != 0;
        if (strncasecmp(line, "Host:", 5) == 0) hosts++, is_good = is_good && matches(host, line);
        if (strncasecmp(line, "Content-Length:", 15) == 0) lengths++, is_good = is_good && matches(no_length, line);
    }
    is_good = is_good && strcmp(line, "\r\n") == 0 && line + 2 == text + length && line != text;
    is_good = is_good && hosts <= 1 && (hosts == 1 || !is_11) && lengths <= 1 && fields <= HTTP_FIELDS_MOST && length <= HTTP_HEAD_MOST;
    free(text);
    return is_good;
}

static void test_request(const char *bytes, size_t length)
{
    struct http_request whole = { 0 }, parts = { 0 };
    int status = parse_request(&whole, bytes, length);
    for (size_t used = 0; parts.status == 0 && used < length;) {
        size_t left = length - used;
        used += 1 + below(below(3) == 0 ? left : left < 5 ? left : 5);
        parse_request(&parts, bytes, used);
    }
    check(parts.status == status, "another result when it is split", bytes, length);
    check(parse_request(&whole, bytes, length) == status, "another result when it is asked again", bytes, length);
    if (status != 200) return;
    check(memcmp(&whole, &parts, sizeof whole) == 0, "another request when it is split", bytes, length);
    check(whole.length <= length && whole.target + whole.target_length < whole.length, "a request beyond its end", bytes, length);
    check(is_strict(bytes, whole.length), "accepted, but not strictly right", bytes, length);
    char written[HTTP_TARGET_MOST + 64];
    int n = snprintf(written, sizeof written, "%s %.*s HTTP/1.%d\r\nHost: a\r\n\r\n", whole.is_head ? "HEAD" : "GET",
                     (int)whole.target_length, bytes + whole.target, whole.minor);
    struct http_request again = { 0 };
    check(is_strict(written, (size_t)n) && parse_request(&again, written, (size_t)n) == 200 && again.length == (size_t)n,
          "what is written from it is not right", bytes, length);
}

static void test_response(const char *bytes, size_t length)
{
    struct http_response whole = { 0 }, parts = { 0 };
    int result = parse_response(&whole, bytes, length), got = 0;
    for (size_t used = 0; got == 0 && used < length;) {
        size_t left = length - used;
        used += 1 + below(below(3) == 0 ? left : left < 5 ? left : 5);
        got = parse_response(&parts, bytes, used);
    }
    check(got == result, "another answer when it is split", bytes, length);
    if (result != 1) return;
    check(whole.status == parts.status && whole.length == parts.length && whole.body_length == parts.body_length &&
          whole.may_be_kept == parts.may_be_kept && strcmp(whole.type, parts.type) == 0, "another answer when it is split", bytes, length);
    check(whole.length <= length && whole.status >= 200 && whole.status <= 599 && http_is_value(whole.type, strlen(whole.type)),
          "a bad answer", bytes, length);
    check(!whole.may_be_kept || (whole.status == 200 && whole.body_length != HTTP_UNKNOWN_LENGTH), "kept, but not whole", bytes, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    random_state = size > 0 ? 1 + data[0] : 1;
    test_request((const char *)data, size);
    test_response((const char *)data, size);
    return 0;
}

#define END " HTTP/1.1\r\nHost: a\r\n\r\n"
static const struct request_case { int status; const char *text; } requests[] = {
    { 200, "GET /" END }, { 200, "HEAD /a/b?c=d&e%20" END }, { 200, "GET / HTTP/1.0\r\n\r\n" }, { 200, "GET / HTTP/1.0\r\nHost: a\r\n\r\n" },
    { 200, "GET / HTTP/1.1\r\nhOST:a:80\r\nAccept: */*\r\nX:\r\nX: \t a b\t\r\n\r\n" }, { 200, "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n" },
    { 200, "GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n" }, { 200, "GET / HTTP/1.1\r\nHost: a.b-c:\r\n\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: [::1\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: [::1]x\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: []\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: :80\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: a:b\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: a:1:2\r\n" },
    { 200, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" }, { 200, "GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa4\r\n\r\n" },
    { 200, "GET /" END "GET /next" END }, { 200, "GET /\"<>[]^`{|}~" END }, { 200, "GET //../.." END },
    { 0, "" }, { 0, "G" }, { 0, "GET / HTTP/1.1\r\nHost: a\r\n" }, { 0, "GET / HTTP/1.1\r\nHost: a\r\n\r" },
    { 405, "POST /" END }, { 405, "DELETE /" END }, { 405, "OPTIONS *" END }, { 405, "CONNECT a:80" END }, { 405, "TRACE /" END },
    { 501, "get /" END }, { 501, "BREW /" END }, { 501, "GETS /" END }, { 400, "G@T /" END }, { 400, " GET /" END }, { 400, "" END },
    { 400, "GET  /" END }, { 400, "GET\t/" END }, { 400, "GET /a b" END }, { 400, "GET /\x01" END }, { 400, "GET /\x7f" END },
    { 400, "GET /\xc3\xa4" END }, { 400, "GET /#a" END }, { 400, "GET a" END }, { 400, "GET *" END }, { 400, "GET http://a/" END },
    { 400, "GET / \r\n" }, { 400, "GET /\r\n" }, { 400, "GET / HTTP/1.1 \r\n" }, { 400, "GET / http/1.1\r\n" }, { 400, "GET / HTTP/11\r\n" },
    { 400, "GET / HTTP/1.1\n" }, { 400, "GET / HTTP/1.1\r\r\n" }, { 400, "\r\nGET /" END }, { 400, "\n" }, { 400, "GET /\rX: a" END },
    { 505, "GET / HTTP/2.0\r\n" }, { 505, "GET / HTTP/1.2\r\n" }, { 505, "GET / HTTP/0.9\r\n" }, { 400, "GET / HTTP/1.10\r\n" },
    { 400, "GET / HTTP/1.1\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost:\r\n\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n" },
    { 400, "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: a b\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a/\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a@b\r\n" }, { 400, "GET / HTTP/1.1\r\nHost : a\r\n" }, { 400, "GET / HTTP/1.1\r\nHost\r\n" },
    { 400, "GET / HTTP/1.1\r\n: a\r\n" }, { 400, "GET / HTTP/1.1\r\n Host: a\r\n" }, { 400, "GET / HTTP/1.1\r\nHost: a\r\n b\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n" }, { 400, "GET / HTTP/1.1\r\nX: a\rb\r\n" }, { 400, "GET / HTTP/1.1\r\nX: a\x01\r\n" },
    { 400, "GET / HTTP/1.1\r\nX: a\x7f\r\n" }, { 400, "GET / HTTP/1.1\r\nX: a\n" }, { 400, "GET / HTTP/1.1\r\nX(): a\r\n" },
    { 400, "GET / HTTP/1.1\r\nHost: a\r\n\n" }, { 400, "GET / HTTP/1.1\r\n\xc3\xa4: a\r\n" },
    { 413, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n" }, { 413, "GET / HTTP/1.1\r\nContent-Length: 00010\r\n" },
    { 400, "GET / HTTP/1.1\r\nContent-Length:\r\n" }, { 400, "GET / HTTP/1.1\r\nContent-Length: -0\r\n" },
    { 400, "GET / HTTP/1.1\r\nContent-Length: +0\r\n" }, { 400, "GET / HTTP/1.1\r\nContent-Length: 0, 0\r\n" },
    { 400, "GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n" }, { 400, "GET / HTTP/1.1\r\nContent-Length: 0x0\r\n" },
    { 400, "GET / HTTP/1.1\r\nContent-Length: 0 0\r\n" }, { 400, "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n" },
    { 501, "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" }, { 501, "GET / HTTP/1.1\r\nTransfer-Encoding: identity\r\n" },
    { 501, "GET / HTTP/1.1\r\ntransfer-encoding:\r\n" }, { 400, "GET / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n" },
};
static const struct keep_case { bool keeps; const char *text; } keeps[] = {
    { true, "GET /" END }, { false, "GET / HTTP/1.0\r\n\r\n" }, { true, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" },
    { false, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" },
    { false, "GET / HTTP/1.1\r\nHost: a\r\nConnection: x , CLOSE\r\n\r\n" },
    { true, "GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n" },
    { false, "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n" },
};
#define OK "HTTP/1.1 200 OK\r\n"
static const struct response_case { int result; bool is_kept; const char *text; } responses[] = {
    { 1, true, OK "Content-Length: 5\r\nContent-Type: text/plain\r\n\r\n" }, { 1, false, OK "\r\n" },
    { 1, true, "HTTP/1.0 200\r\ncontent-length:0\r\n\r\n" },
    { 1, false, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" },
    { 1, false, OK "Content-Length: 1\r\nCache-Control: max-age=1, no-store\r\n\r\n" },
    { 1, false, OK "Content-Length: 1\r\nCache-Control: private=\"a\"\r\n\r\n" }, { 1, false, OK "Content-Length: 1\r\nVary: *\r\n\r\n" },
    { 1, false, OK "Content-Length: 1\r\nSet-Cookie: a=b\r\n\r\n" }, { 1, true, OK "Content-Length: 1\r\nCache-Control: public\r\n\r\n" },
    { 0, false, OK }, { 0, false, "" }, { -1, false, "HTTP/1.1 100 Continue\r\n\r\n" }, { -1, false, "HTTP/1.1 600 x\r\n\r\n" },
    { -1, false, "HTTP/2 200 OK\r\n" }, { -1, false, "HTTP/1.1 2000 OK\r\n" }, { -1, false, "HTTP/1.1 20 OK\r\n" }, { -1, false, "\r\n" },
    { -1, false, "HTTP/1.1 200 OK\n" }, { -1, false, OK "Transfer-Encoding: chunked\r\n" },
    { -1, false, OK "Content-Length: 1\r\nContent-Length: 1\r\n" },
    { -1, false, OK "Content-Length: -1\r\n" }, { -1, false, OK "Content-Length: 1234567890123456789\r\n" }, { -1, false, OK " a: b\r\n" },
    { -1, false, OK "Content-Type: a\x01\r\n" },
};

/* Heads at their limits. */
static void test_limits(void)
{
    static char text[3 * HTTP_HEAD_MOST];
    for (int extra = 0; extra <= 1; extra++) {
        struct http_request r = { 0 };
        int n = snprintf(text, sizeof text, "GET /%0*d HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_TARGET_MOST - 1 + extra, 0);
        check(parse_request(&r, text, (size_t)n) == (extra ? 414 : 200), "longest target", text, 40);
        r = (struct http_request){ 0 };
        n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\n");
        for (int i = 0; i < HTTP_FIELDS_MOST - 1 + extra; i++) n += snprintf(text + n, 8, "X: y\r\n");
        n += snprintf(text + n, 4, "\r\n");
        check(parse_request(&r, text, (size_t)n) == (extra ? 431 : 200), "most fields", text, 40);
        r = (struct http_request){ 0 };
        n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
        n += snprintf(text + n, HTTP_HEAD_MOST, "%0*d\r\n\r\n", HTTP_HEAD_MOST - 4 - n + extra, 0);
        check(parse_request(&r, text, (size_t)n) == (extra ? 431 : 200) && n == HTTP_HEAD_MOST + extra, "longest head", text, 40);
        test_request(text, (size_t)n);
    }
    memset(text, 'G', sizeof text);
    struct http_request r = { 0 };
    check(parse_request(&r, text, HTTP_HEAD_MOST - 1) == 0 && parse_request(&r, text, sizeof text) == 414, "endless line", text, 40);
    r = (struct http_request){ 0 };
    check(parse_request(&r, "GET /\0 HTTP/1.1\r\n", 17) == 400, "NUL in the target", "", 0);
    r = (struct http_request){ 0 };
    check(parse_request(&r, "GET / HTTP/1.1\r\nX: \0\r\n", 22) == 400, "NUL in a value", "", 0);
    r = (struct http_request){ 0 };
    check(parse_request(&r, "G\0T / HTTP/1.1\r\n", 16) == 400, "NUL in the method", "", 0);
}

static void test_tables(void)
{
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct http_request r = { 0 };
        size_t length = strlen(requests[i].text);
        check(parse_request(&r, requests[i].text, length) == requests[i].status, "not the status that was expected",
              requests[i].text, length);
        test_request(requests[i].text, length);
    }
    for (size_t i = 0; i < sizeof keeps / sizeof keeps[0]; i++) {
        struct http_request r = { 0 };
        bool is_good = parse_request(&r, keeps[i].text, strlen(keeps[i].text)) == 200 && r.keeps_alive == keeps[i].keeps;
        check(is_good, "keep-alive", keeps[i].text, strlen(keeps[i].text));
    }
    for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
        struct http_response r = { 0 };
        size_t length = strlen(responses[i].text);
        bool is_good = parse_response(&r, responses[i].text, length) == responses[i].result && r.may_be_kept == responses[i].is_kept;
        check(is_good, "not the answer that was expected", responses[i].text, length);
        test_response(responses[i].text, length);
    }
}

/* A head of the tables, with some bytes changed, put in, left out, repeated, or followed by another head. */
static size_t mutate(char *to, size_t room)
{
    static const char *const pieces[] = { "\r\n", "\n", "\r", ": ", " ", "\t", "Host: a\r\n", "Content-Length: 0\r\n",
                                          "Transfer-Encoding: x\r\n", "0", "/", "GET ", "HTTP/1.1", "Connection: close\r\n",
                                          "\r\n\r\n", "\x7f", "\x80", "#", "%00", "," };
    size_t request_count = sizeof requests / sizeof requests[0], response_count = sizeof responses / sizeof responses[0];
    size_t which = below(request_count + response_count);
    const char *from = which < request_count ? requests[which].text : responses[which - request_count].text;
    size_t length = strlen(from);
    memcpy(to, from, length);
    for (size_t changes = below(5); changes-- > 0;) {
        size_t at = below(length + 1), n = 1 + below(4);
        const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
        switch (below(5)) {
        case 0: if (at < length) to[at] = (char)below(256); break;
        case 1: if (at + n <= length) memmove(to + at, to + at + n, length - at - n), length -= n; break;
        case 2: n = below(40); if (at + n > length || length + n > room) break;
            memmove(to + at + n, to + at, length - at), length += n; break;
        default: n = strlen(piece); if (length + n > room) break;
            memmove(to + at + n, to + at, length - at), memcpy(to + at, piece, n), length += n;
        }
    }
    return length;
}

__attribute__((weak)) int main(int argc, char **argv)        /* libFuzzer has its own */
{
    goes_on = true;
    unsigned long heads = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
    static char text[4096];
    random_state = argc > 2 ? 2 * strtoull(argv[2], NULL, 10) + 1 : 1;
    for (int i = 0; i < 10; i++) below(2);
    test_tables();
    test_limits();
    for (unsigned long i = 0; i < heads && failed < 20; i++) {
        size_t length = mutate(text, sizeof text);
        test_request(text, length);
        test_response(text, length);
    }
    printf("%lu passed, %lu failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
