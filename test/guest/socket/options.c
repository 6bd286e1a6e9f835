/*
 * socket(2), setsockopt(2), getsockopt(2): what is made and what is refused; timeouts; many messages in one call.
 */
#include "check.h"
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

static int a, b;
static char bytes[64];

static int *volatile nowhere = (int *)8;

static void making(void)
{
    PART("what is made");
    DO(socket(AF_UNIX, SOCK_STREAM, 0));
    DO(socket(AF_UNIX, SOCK_STREAM, AF_UNIX));
    DO(socket(AF_UNIX, SOCK_STREAM, 2));
    DO(socket(AF_UNIX, 99, 0));
    DO(socket(AF_UNIX, SOCK_RDM, 0));
    DO(socket(AF_UNIX, SOCK_STREAM | 0x100000, 0));
    DO(socket(200, SOCK_STREAM, 0));
    DO(socket(-1, SOCK_STREAM, 0));
    int raw = socket(AF_UNIX, SOCK_RAW, 0), type = -1;
    socklen_t length = sizeof type;
    DO(getsockopt(raw, SOL_SOCKET, SO_TYPE, &type, &length));
    VALUE(type);
    DO(socketpair(AF_UNIX, SOCK_STREAM, 0, nowhere));
    int ends[2];
    DO(socketpair(AF_UNIX, SOCK_RDM, 0, ends));
    DO(socketpair(AF_UNIX, SOCK_STREAM, 9, ends));
    DO(bind(1000, NULL, 0));
    DO(listen(raw, 1));
    int file = open("/dev/null", O_RDWR);
    DO(listen(file, 1));
    DO(getsockname(file, NULL, NULL));
    DO(shutdown(file, 0));
    close(file);
    close(raw);
}

static int get(int option)
{
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(a, SOL_SOCKET, option, &value, &length) ? -errno : value;
}

static int set(int option, int value) { return setsockopt(a, SOL_SOCKET, option, &value, sizeof value); }

static void options(void)
{
    PART("options");
    VALUE(get(SO_TYPE));
    VALUE(get(SO_DOMAIN));
    VALUE(get(SO_PROTOCOL));
    VALUE(get(SO_ERROR));
    VALUE(get(SO_ACCEPTCONN));
    VALUE(get(SO_REUSEADDR));
    VALUE(get(SO_KEEPALIVE));
    VALUE(get(SO_RCVLOWAT));
    VALUE(get(SO_SNDLOWAT));
    VALUE(get(SO_PASSCRED));
    IS(get(SO_SNDBUF) >= 4096 && get(SO_RCVBUF) >= 4096);
    DO(set(SO_REUSEADDR, 5));
    VALUE(get(SO_REUSEADDR));
    DO(set(SO_KEEPALIVE, 1));
    DO(set(SO_BROADCAST, 1));
    VALUE(get(SO_BROADCAST));
    DO(set(SO_SNDBUF, 10000));
    VALUE(get(SO_SNDBUF));
    DO(set(SO_RCVBUF, 10000));
    VALUE(get(SO_RCVBUF));
    DO(set(SO_SNDBUF, 1));
    IS(get(SO_SNDBUF) > 2000 && get(SO_SNDBUF) < 10000);
    DO(set(SO_TYPE, 1));
    DO(set(12345, 1));
    VALUE(get(12345));
    DO(setsockopt(a, SOL_SOCKET, SO_REUSEADDR, bytes, 3));
    DO(setsockopt(a, SOL_SOCKET, SO_REUSEADDR, (void *)8, 4));
    DO(setsockopt(a, SOL_SOCKET, SO_REUSEADDR, bytes, -1));
    DO(setsockopt(a, 6, 1, bytes, 4));
    socklen_t length = 4;
    DO(getsockopt(a, 6, 1, bytes, &length));
    length = 2;
    DO(getsockopt(a, SOL_SOCKET, SO_TYPE, bytes, &length));
    VALUE(length);
    length = 50;
    DO(getsockopt(a, SOL_SOCKET, SO_TYPE, bytes, &length));
    VALUE(length);
    length = -1;
    DO(getsockopt(a, SOL_SOCKET, SO_TYPE, bytes, &length));
    DO(getsockopt(a, SOL_SOCKET, SO_TYPE, bytes, (void *)8));
    struct linger linger = { 1, 7 };
    DO(setsockopt(a, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    linger.l_linger = 0;
    length = sizeof linger;
    DO(getsockopt(a, SOL_SOCKET, SO_LINGER, &linger, &length));
    VALUE(linger.l_linger);
}

static long elapsed_ms(const struct timespec *from)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000;
}

static void note(int signo) { (void)signo; }

static void timeouts(void)
{
    PART("timeouts");
    struct timeval limit = { 0, 50000 };
    struct timespec start;
    DO(setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    clock_gettime(CLOCK_MONOTONIC, &start);
    VALUE(recv(b, bytes, sizeof bytes, 0));
    IS(elapsed_ms(&start) >= 45);
    VALUE(read(b, bytes, sizeof bytes));
    IS(elapsed_ms(&start) >= 90);
    limit.tv_usec = 0;
    socklen_t length = sizeof limit;
    DO(getsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &limit, &length));
    IS(limit.tv_sec == 0 && limit.tv_usec >= 40000 && limit.tv_usec <= 60000);
    limit.tv_usec = 1000000;
    DO(setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    limit.tv_usec = 50000;
    DO(setsockopt(a, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    static char block[1 << 20];
    clock_gettime(CLOCK_MONOTONIC, &start);
    long sent = send(a, block, sizeof block, 0);
    IS(sent > 0 && sent < (long)sizeof block);
    IS(elapsed_ms(&start) >= 45);
    VALUE(send(a, block, 1, 0));
    while (recv(b, block, sizeof block, MSG_DONTWAIT) > 0)
        ;
    /* With a timeout a call does not begin anew behind a handler, without one it does. */
    struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART };
    sigaction(SIGALRM, &action, NULL);
    limit.tv_sec = 5;
    DO(setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
    struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
    setitimer(ITIMER_REAL, &soon, NULL);
    VALUE(recv(b, bytes, sizeof bytes, 0));
}

static void many(void)
{
    PART("many messages");
    int ends[2];
    DO(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends));
    char texts[3][8] = { "one", "three", "seven77" };
    struct iovec parts[3];
    struct mmsghdr messages[3];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < 3; i++) {
        parts[i] = (struct iovec){ texts[i], strlen(texts[i]) };
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    VALUE(sendmmsg(ends[0], messages, 3, 0));
    VALUE(messages[1].msg_len);
    memset(texts, 0, sizeof texts);
    for (int i = 0; i < 3; i++)
        parts[i].iov_len = sizeof texts[i];
    VALUE(recvmmsg(ends[1], messages, 2, MSG_WAITFORONE, NULL));
    VALUE(messages[1].msg_len);
    TEXT(texts[1], 5);
    VALUE(recvmmsg(ends[1], messages, 3, 0, NULL));
    VALUE(recvmmsg(ends[1], messages, 3, 0, NULL));
    close(ends[0]);
    VALUE(sendmmsg(ends[0], messages, 3, 0));
    close(ends[1]);
    /* Vectors, and a wait for all that was asked for. */
    struct iovec three[3] = { { texts[0], 2 }, { texts[1], 3 }, { texts[2], 4 } };
    VALUE(writev(a, (struct iovec[]){ { "ab", 2 }, { "cdefghijk", 9 } }, 2));
    VALUE(readv(b, three, 3));
    TEXT(texts[2], 4);
    VALUE(send(a, "more", 4, 0));
    VALUE(recv(b, bytes, 6, MSG_WAITALL));
}

int main(void)
{
    making();
    int ends[2];
    DO(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    a = ends[0];
    b = ends[1];
    options();
    DO(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    a = ends[0];
    b = ends[1];
    timeouts();
    many();
    return 0;
}
