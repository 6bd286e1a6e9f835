/*
 * A web server for tests of published ports: `web-server PORT`. Each connection has a process of its own and is good for one
 * request; the path says what the answer is like.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char head[8192], body[1 << 20];
static size_t body_length;
static int conn;

static void put(const void *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(conn, bytes, length);
        if (n <= 0)
            exit(1);
        bytes = (const char *)bytes + n;
        length -= n;
    }
}

static void put_text(const char *text) { put(text, strlen(text)); }

static void answer(const char *status, const char *headers, const void *bytes, size_t length)
{
    char line[512];
    snprintf(line, sizeof line, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status, length, headers);
    put_text(line);
    put(bytes, length);
}

/* Reads the head, and as much of a body as it announces. */
static int read_request(void)
{
    size_t have = 0;
    char *end = NULL;
    while (end == NULL) {
        ssize_t n = read(conn, head + have, sizeof head - 1 - have);
        if (n <= 0)
            return 0;
        have += n;
        head[have] = 0;
        end = strstr(head, "\r\n\r\n");
    }
    char *length = strcasestr(head, "\r\nContent-Length:");
    size_t wanted = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    size_t early = head + have - (end + 4);
    memcpy(body, end + 4, early);
    body_length = early;
    while (body_length < wanted) {
        ssize_t n = read(conn, body + body_length, wanted - body_length);
        if (n <= 0)
            return 0;
        body_length += n;
    }
    end[2] = 0;
    return 1;
}

static int is(const char *path)
{
    char *begin = strchr(head, ' ') + 1;
    size_t length = strlen(path);
    return strncmp(begin, path, length) == 0 && begin[length] == ' ';
}

/* As many bytes as somebody takes: each tells its place. */
static void put_much(size_t length)
{
    char line[128];
    snprintf(line, sizeof line, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", length);
    put_text(line);
    for (size_t at = 0; at < length; at += sizeof body) {
        for (size_t i = 0; i < sizeof body; i++)
            body[i] = (char)((at + i) % 251);
        put(body, length - at < sizeof body ? length - at : sizeof body);
    }
}

static void serve(void)
{
    if (!read_request())
        return;
    if (is("/"))
        answer("200 OK", "Content-Type: text/plain\r\n", "hello\n", 6);
    else if (is("/head"))
        answer("200 OK", "X-Lines:  a b \r\nX-Lines: c\r\n", head, strlen(head));
    else if (is("/echo"))
        answer("200 OK", "Content-Type: application/octet-stream\r\n", body, body_length);
    else if (is("/much"))
        put_much(64 << 20);
    else if (is("/chunked"))
        put_text("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "6\r\nfirst \r\n00C;name=value\r\nand a second\r\n0\r\nX-Trailer: yes\r\n\r\n");
    else if (is("/until-end"))
        put_text("HTTP/1.0 200 OK\r\n\r\nall that comes");
    else if (is("/nothing"))
        put_text("HTTP/1.1 204 No Content\r\n\r\n");
    else if (is("/elsewhere"))
        answer("302 Found", "Location: /head\r\n", "", 0);
    else if (is("/around"))
        answer("302 Found", "Location: /around\r\n", "", 0);
    else if (is("/short"))
        put_text("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort");
    else if (is("/noise"))
        put_text("what is this?\r\n\r\n");
    else if (is("/silence"))
        pause();
    else
        answer("404 Not Found", "", "none\n", 5);
}

int main(int argc, char **argv)
{
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 80) };
    if (bind(server, (struct sockaddr *)&any, sizeof any) || listen(server, 16)) {
        perror("web-server");
        return 1;
    }
    puts("listening");
    fflush(stdout);
    while ((conn = accept(server, NULL, NULL)) >= 0) {
        if (fork() == 0) {
            close(server);
            serve();
            /* The other end may have more to say: it is heard to its end, so that nothing is lost by a reset. */
            shutdown(conn, SHUT_WR);
            while (read(conn, body, sizeof body) > 0)
                ;
            return 0;
        }
        close(conn);
    }
    return 1;
}
