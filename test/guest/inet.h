/* Sockets of the families AF_INET and AF_INET6, for tests: addresses of the loopback, pairs of connected ends. */
#ifndef DRUPE_INET_H
#define DRUPE_INET_H

#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* An address of any family, and its length. */
struct name {
    union {
        struct sockaddr sa;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_storage storage;
    };
    socklen_t length;
};

static inline struct name v4(const char *text, int port)
{
    struct name made = { .length = sizeof(struct sockaddr_in) };
    made.in.sin_family = AF_INET;
    made.in.sin_port = htons(port);
    inet_pton(AF_INET, text, &made.in.sin_addr);
    return made;
}

static inline struct name v6(const char *text, int port)
{
    struct name made = { .length = sizeof(struct sockaddr_in6) };
    made.in6.sin6_family = AF_INET6;
    made.in6.sin6_port = htons(port);
    inet_pton(AF_INET6, text, &made.in6.sin6_addr);
    return made;
}

static inline int bind_to(int fd, struct name name) { return bind(fd, &name.sa, name.length); }

static inline int connect_to(int fd, struct name name) { return connect(fd, &name.sa, name.length); }

static inline struct name ask_name(int fd, int (*ask)(int, struct sockaddr *, socklen_t *))
{
    struct name got = { .length = sizeof got.storage };
    if (ask(fd, &got.sa, &got.length))
        got.length = 0;
    return got;
}

static inline int port_of(int fd)
{
    struct name own = ask_name(fd, getsockname);
    return ntohs(own.sa.sa_family == AF_INET6 ? own.in6.sin6_port : own.in.sin_port);
}

/* Prints an address; of a port only whether it is 0, the one that is expected, or another one. */
static inline void show_name(const char *what, struct name name, int port)
{
    char text[64] = "?";
    int number = 0;
    if (name.length >= sizeof(struct sockaddr_in) && name.sa.sa_family == AF_INET) {
        inet_ntop(AF_INET, &name.in.sin_addr, text, sizeof text);
        number = ntohs(name.in.sin_port);
    } else if (name.length >= sizeof(struct sockaddr_in6) && name.sa.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &name.in6.sin6_addr, text, sizeof text);
        number = ntohs(name.in6.sin6_port);
    }
    printf("%s: length %d family %d %s port %s\n", what, (int)name.length, name.sa.sa_family, text,
        number == 0 ? "0" : number == port ? "as expected" : "other");
}

static inline void show_own(const char *what, int fd, int port) { show_name(what, ask_name(fd, getsockname), port); }

static inline void show_peer(const char *what, int fd, int port) { show_name(what, ask_name(fd, getpeername), port); }

/* Listens at a free port of an address. */
static inline int listen_at(struct name name, int backlog)
{
    int fd = socket(name.sa.sa_family, SOCK_STREAM, 0);
    if (bind_to(fd, name) || listen(fd, backlog))
        printf("cannot listen: %s\n", check_errno(errno));
    return fd;
}

static inline struct name local(int port) { return v4("127.0.0.1", port); }

/* Two connected ends of a stream: the one that connected first. */
static inline void connect_pair(int ends[2])
{
    int server = listen_at(local(0), 1);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect_to(ends[0], local(port_of(server))))
        printf("cannot connect: %s\n", check_errno(errno));
    ends[1] = accept(server, NULL, NULL);
    close(server);
}

/* What poll(2) says at once; waits a little for one that is to come. */
static inline int polled(int fd, int wait_ms)
{
    struct pollfd asked = { fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0 };
    poll(&asked, 1, wait_ms);
    return asked.revents;
}

/* What setsockopt and getsockopt say of an int. */
static inline int set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value);
}

static inline int get(int fd, int level, int option)
{
    int value = -12345;
    socklen_t length = sizeof value;
    return getsockopt(fd, level, option, &value, &length) ? -1 : value;
}

/* Whether this system has IPv6 on its loopback; a test that lacks it says so and ends in the same way everywhere. */
static inline int has_ipv6(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    int usable = fd >= 0 && bind_to(fd, v6("::1", 0)) == 0;
    if (fd >= 0)
        close(fd);
    return usable;
}

#endif
