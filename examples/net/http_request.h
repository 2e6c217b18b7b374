/* http_request.h - the heads of HTTP/1.x that a small caching server needs: requests of clients, answers of an origin. MIT licence.
 *
 * A parser reads a head as its bytes come in. It allocates nothing, copies nothing but a Content-Type, and never reads beyond the bytes it
 * is given. What it does not know for sure, it refuses: so the server and a proxy before it cannot disagree where a request ends.
 *
 *     struct http_request request = { 0 };
 *     int status;
 *     while ((status = http_request_parse(&request, bytes, used)) == 0) { receive more behind `bytes`, add them to `used` }
 *     if (status != 200) answer with that status, and close the connection
 *     else the target is bytes + request.target, of request.target_length bytes; the next request begins at bytes + request.length
 *
 * ACCEPTED REQUESTS: GET and HEAD without a body. The request line is METHOD SP TARGET SP HTTP/1.0 or HTTP/1.1. The target begins with '/',
 * and has visible ASCII characters other than '#'. Header lines are NAME ':' VALUE: the name is a token, the value has no control characters
 * but tabs. Each line ends in CR LF. The head ends with an empty line. There is one Host, which HTTP/1.0 may leave out.
 *
 * REFUSED, with the status that http_request_parse() returns:
 *     400   all that is not said above: a bare CR or LF, a NUL, a folded line, a space before ':', "http://..." or "*" as target,
 *           no Host or two, a Content-Length that is no number, or a second one
 *     405   POST, PUT, DELETE, OPTIONS, PATCH, TRACE, CONNECT
 *     413   a Content-Length above 0
 *     414   a target of more than HTTP_TARGET_MOST bytes
 *     431   a head of more than HTTP_HEAD_MOST bytes, or more than HTTP_FIELDS_MOST header lines
 *     501   other methods, any Transfer-Encoding
 *     505   versions other than 1.0 and 1.1
 * The result does not depend on how the bytes are split: the first line that is wrong decides. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { HTTP_HEAD_MOST = 8192, HTTP_TARGET_MOST = 1024, HTTP_FIELDS_MOST = 64, HTTP_TYPE_MOST = 95 };

/* ---- Text that is part of a buffer, not ended by a 0. */
struct http_text { const char *at; size_t length; };

static inline bool http_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline char http_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }  /* tolower() asks the locale */

/* A character of a method or of a header's name. */
static inline bool http_is_token(char c)
{
    return http_is_digit(c) || (http_lower(c) >= 'a' && http_lower(c) <= 'z') || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}
/* May this stand in a header's value, and be sent on in one? */
static inline bool http_is_value(const char *at, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (at[i] != '\t' && ((unsigned char)at[i] < ' ' || at[i] == 0x7f)) return false;
    return true;
}
static inline bool http_is(struct http_text text, const char *word)  /* `word` in lower case; in `text` case does not count */
{
    size_t i = 0;
    while (i < text.length && word[i] != '\0' && http_lower(text.at[i]) == word[i]) i++;
    return i == text.length && word[i] == '\0';
}
static inline struct http_text http_trim(struct http_text text)
{
    while (text.length > 0 && (*text.at == ' ' || *text.at == '\t')) text.at++, text.length--;
    while (text.length > 0 && (text.at[text.length - 1] == ' ' || text.at[text.length - 1] == '\t')) text.length--;
    return text;
}
/* Removes the text up to the first `end` from *rest, with the `end`, and returns it without. All of it if there is none. */
static inline struct http_text http_cut(struct http_text *rest, char end)
{
    const char *stop = rest->length > 0 ? (const char *)memchr(rest->at, end, rest->length) : NULL;
    struct http_text first = { rest->at, stop ? (size_t)(stop - rest->at) : rest->length };
    size_t cut = stop ? first.length + 1 : first.length;
    rest->at += cut;
    rest->length -= cut;
    return first;
}
/* Is `word` in a list with commas, as that of Connection? "no-cache=x" counts as "no-cache". */
static inline bool http_has(struct http_text list, const char *word)
{
    while (list.length > 0) {
        struct http_text item = http_cut(&list, ',');
        if (http_is(http_trim(http_cut(&item, '=')), word)) return true;
    }
    return false;
}
/* Reads a number of at most 18 digits. Returns false if the text is none. */
static inline bool http_number(struct http_text text, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (!http_is_digit(text.at[i])) return false;
        *number = 10 * *number + (uint64_t)(text.at[i] - '0');
    }
    return text.length > 0 && text.length <= 18;
}

/* ---- Lines. */
enum http_line { HTTP_LINE_MORE, HTTP_LINE_READ, HTTP_LINE_LONG, HTTP_LINE_BAD };

/* Takes the next line of a head, of which *taken bytes have been read before. *line gets it without CR LF. */
static inline enum http_line http_next_line(const char *bytes, size_t used, size_t *taken, struct http_text *line)
{
    size_t seen = used < HTTP_HEAD_MOST ? used : HTTP_HEAD_MOST;
    const char *begin = bytes + *taken, *end = seen > *taken ? (const char *)memchr(begin, '\n', seen - *taken) : NULL;
    if (end == NULL) return seen == HTTP_HEAD_MOST ? HTTP_LINE_LONG : HTTP_LINE_MORE;
    *taken = (size_t)(end + 1 - bytes);
    if (end == begin || end[-1] != '\r') return HTTP_LINE_BAD;
    line->at = begin;
    line->length = (size_t)(end - 1 - begin);
    return HTTP_LINE_READ;
}
/* Takes a header line apart. Returns false if it is none. */
static inline bool http_field(struct http_text line, struct http_text *name, struct http_text *value)
{
    size_t length = 0;
    while (length < line.length && http_is_token(line.at[length])) length++;
    if (length == 0 || length == line.length || line.at[length] != ':') return false;
    *name = (struct http_text){ line.at, length };
    *value = http_trim((struct http_text){ line.at + length + 1, line.length - length - 1 });
    return http_is_value(value->at, value->length);
}

/* ---- Requests. Zero one before its first byte. Positions are counted from that byte, so the buffer may move. */
struct http_request {
    int    status;                  /* what http_request_parse() has returned */
    size_t length;                  /* of the head; what follows in the buffer belongs to the next request */
    size_t target, target_length;   /* where it begins */
    int    minor;                   /* of the version: 0 or 1 */
    bool   is_head;                 /* HEAD, not GET */
    bool   keeps_alive;             /* the connection is to stay open behind the answer */

    unsigned fields;                /* from here on: private */
    bool has_host, has_length, wants_close, wants_keep;
};

static inline int http_i_method(struct http_request *r, struct http_text method)
{
    static const char *const others[] = { "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT" };
    if (method.length == 0) return 400;
    for (size_t i = 0; i < method.length; i++) if (!http_is_token(method.at[i])) return 400;
    r->is_head = method.length == 4 && memcmp(method.at, "HEAD", 4) == 0;
    if (r->is_head || (method.length == 3 && memcmp(method.at, "GET", 3) == 0)) return 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (method.length == strlen(others[i]) && memcmp(method.at, others[i], method.length) == 0) return 405;
    return 501;
}
static inline int http_i_target(struct http_text target)
{
    if (target.length > HTTP_TARGET_MOST) return 414;
    if (target.length == 0 || *target.at != '/') return 400;
    for (size_t i = 0; i < target.length; i++) if (target.at[i] <= ' ' || target.at[i] > '~' || target.at[i] == '#') return 400;
    return 0;
}
static inline int http_i_version(struct http_request *r, struct http_text version)
{
    if (version.length != 8 || memcmp(version.at, "HTTP/", 5) != 0) return 400;
    if (!http_is_digit(version.at[5]) || version.at[6] != '.' || !http_is_digit(version.at[7])) return 400;
    r->minor = version.at[7] - '0';
    return version.at[5] == '1' && r->minor <= 1 ? 0 : 505;
}
static inline int http_i_request_line(struct http_request *r, const char *bytes, struct http_text line)
{
    struct http_text method = http_cut(&line, ' '), target = http_cut(&line, ' ');
    r->target = (size_t)(target.at - bytes);
    r->target_length = target.length;
    int status = http_i_method(r, method);
    if (status == 0) status = http_i_target(target);
    return status != 0 ? status : http_i_version(r, line);
}
static inline bool http_i_are_all(struct http_text text, const char *others)  /* letters, digits, and these */
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (!http_is_digit(c) && (http_lower(c) < 'a' || http_lower(c) > 'z') && (c == '\0' || strchr(others, c) == NULL)) return false;
    }
    return true;
}
/* NAME, ADDRESS or [ADDRESS], with :PORT or without. */
static inline bool http_i_is_host(struct http_text host)
{
    bool is_v6 = host.length > 0 && *host.at == '[';
    struct http_text rest = is_v6 ? (struct http_text){ host.at + 1, host.length - 1 } : host;
    if (is_v6 && memchr(host.at, ']', host.length) == NULL) return false;
    struct http_text name = http_cut(&rest, is_v6 ? ']' : ':');
    if (is_v6 && rest.length > 0 && *rest.at != ':') return false;
    if (is_v6) http_cut(&rest, ':');
    for (size_t i = 0; i < rest.length; i++) if (!http_is_digit(rest.at[i])) return false;
    return name.length > 0 && http_i_are_all(name, is_v6 ? ":." : "-._~%!$&'()*+,;=");
}
static inline int http_i_request_field(struct http_request *r, struct http_text line)
{
    struct http_text name, value;
    uint64_t length;
    if (++r->fields > HTTP_FIELDS_MOST) return 431;
    if (!http_field(line, &name, &value)) return 400;
    if (http_is(name, "host")) {
        if (r->has_host || !http_i_is_host(value)) return 400;
        r->has_host = true;
    } else if (http_is(name, "content-length")) {
        if (r->has_length || !http_number(value, &length)) return 400;
        r->has_length = true;
        if (length > 0) return 413;
    } else if (http_is(name, "transfer-encoding")) {
        return 501;
    } else if (http_is(name, "connection")) {
        r->wants_close = r->wants_close || http_has(value, "close");
        r->wants_keep = r->wants_keep || http_has(value, "keep-alive");
    }
    return 0;
}
static inline int http_i_request_end(struct http_request *r)
{
    if (r->minor == 1 && !r->has_host) return 400;
    r->keeps_alive = !r->wants_close && (r->minor == 1 || r->wants_keep);
    return 200;
}

/* Reads on in a head whose first `used` bytes are there; those of the calls before are among them. Returns 0 if more are needed, 200 if the
 * request is complete and good, or the status to refuse it with. Later calls return the same. */
static inline int http_request_parse(struct http_request *r, const char *bytes, size_t used)
{
    while (r->status == 0) {
        struct http_text line;
        bool is_first = r->length == 0;
        enum http_line got = http_next_line(bytes, used, &r->length, &line);
        if (got == HTTP_LINE_MORE) return 0;
        if (got != HTTP_LINE_READ) r->status = got == HTTP_LINE_BAD ? 400 : is_first ? 414 : 431;
        else if (is_first) r->status = http_i_request_line(r, bytes, line);
        else if (line.length == 0) r->status = http_i_request_end(r);
        else r->status = http_i_request_field(r, line);
    }
    return r->status;
}

/* ---- Answers of an origin that was asked with HTTP/1.0. Zero one before its first byte. */
#define HTTP_UNKNOWN_LENGTH UINT64_MAX

struct http_response {
    int      status;                     /* 200 to 599 */
    size_t   length;                     /* of the head */
    uint64_t body_length;                /* HTTP_UNKNOWN_LENGTH: the body ends with the connection */
    bool     may_be_kept;                /* false for no-store, no-cache, private, Vary, Set-Cookie: it is not for everybody */
    char     type[HTTP_TYPE_MOST + 1];   /* Content-Type, ended by a 0; empty if there is none, or it is too long */

    bool has_length, is_private, is_complete, is_bad;  /* private */
    unsigned fields;
};

static inline bool http_i_status_line(struct http_response *r, struct http_text line)
{
    const char *c = line.at;
    uint64_t status;
    if (line.length < 12 || memcmp(c, "HTTP/1.", 7) != 0 || !http_is_digit(c[7]) || c[8] != ' ') return false;
    if (!http_number((struct http_text){ c + 9, 3 }, &status) || (line.length > 12 && c[12] != ' ')) return false;
    r->status = (int)status;
    return status >= 200 && status <= 599 && http_is_value(c, line.length);
}
static inline bool http_i_response_field(struct http_response *r, struct http_text line)
{
    struct http_text name, value;
    if (++r->fields > HTTP_FIELDS_MOST || !http_field(line, &name, &value)) return false;
    if (http_is(name, "transfer-encoding")) return false;
    if (http_is(name, "content-length")) {
        if (r->has_length || !http_number(value, &r->body_length)) return false;
        r->has_length = true;
    } else if (http_is(name, "content-type") && value.length <= HTTP_TYPE_MOST) {
        memcpy(r->type, value.at, value.length);
        r->type[value.length] = '\0';
    } else if (http_is(name, "vary") || http_is(name, "set-cookie")) {
        r->is_private = true;
    } else if (http_is(name, "cache-control")) {
        r->is_private = r->is_private || http_has(value, "no-store") || http_has(value, "no-cache") || http_has(value, "private");
    }
    return true;
}
static inline void http_i_response_end(struct http_response *r)
{
    if (r->status == 204 || r->status == 304) r->body_length = 0;
    else if (!r->has_length) r->body_length = HTTP_UNKNOWN_LENGTH;
    r->may_be_kept = r->status == 200 && r->has_length && !r->is_private;
    r->is_complete = true;
}

/* As http_request_parse(). Returns 0 if more bytes are needed, 1 if the head is good, -1 if it is bad; a Transfer-Encoding is. */
static inline int http_response_parse(struct http_response *r, const char *bytes, size_t used)
{
    while (!r->is_complete && !r->is_bad) {
        struct http_text line;
        bool is_first = r->length == 0;
        enum http_line got = http_next_line(bytes, used, &r->length, &line);
        if (got == HTTP_LINE_MORE) return 0;
        if (got != HTTP_LINE_READ) r->is_bad = true;
        else if (is_first) r->is_bad = !http_i_status_line(r, line);
        else if (line.length == 0) http_i_response_end(r);
        else r->is_bad = !http_i_response_field(r, line);
    }
    return r->is_bad ? -1 : 1;
}

#endif
