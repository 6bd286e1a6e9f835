/*
 * Bytes over a connection of the loopback: flags of send and recv, ends that are shut, closed and reset (tcp(7)).
 */
#include "inet.h"
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <sys/wait.h>

static char bytes[256];
static int a, b;

static volatile sig_atomic_t broken;

static void on_broken(int signo)
{
    (void)signo;
    broken++;
}

/* What is on its way over the loopback arrives within this. */
static void settle(void) { usleep(2000); }

static int count(int fd, int request)
{
    int value = -1;
    return ioctl(fd, request, &value) ? -1 : value;
}

static void open_pair(const char *title)
{
    int ends[2];
    PART(title);
    connect_pair(ends);
    a = ends[0], b = ends[1];
}

static void close_pair(void)
{
    close(a);
    close(b);
}

static void flags(void)
{
    open_pair("flags");
    VALUE(recv(b, bytes, 8, MSG_DONTWAIT));
    VALUE(send(a, "hello", 5, 0));
    VALUE(send(a, " world", 6, MSG_MORE));
    VALUE(send(a, "", 0, 0));
    settle();
    usleep(250000);
    VALUE(count(b, FIONREAD));
    VALUE(count(a, TIOCOUTQ));
    VALUE(recv(b, bytes, 5, MSG_PEEK));
    TEXT(bytes, 5);
    VALUE(recv(b, bytes, 3, MSG_TRUNC));
    VALUE(recv(b, bytes, 4, 0));
    TEXT(bytes, 4);
    VALUE(recv(b, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT));
    struct iovec parts[2] = { { bytes, 2 }, { bytes + 10, 100 } };
    VALUE(readv(b, parts, 2));
    TEXT(bytes, 2);
    TEXT(bytes + 10, 2);
    VALUE(recv(b, NULL, 0, MSG_DONTWAIT));
    struct name other = local(1);
    VALUE(sendto(a, "to", 2, 0, &other.sa, other.length));
    struct name from = { .length = sizeof from.storage };
    VALUE(recvfrom(b, bytes, sizeof bytes, 0, &from.sa, &from.length));
    VALUE(from.length);
    VALUE(recv(b, bytes, 8, MSG_ERRQUEUE));
    VALUE(send(a, (void *)8, 4, 0));
    VALUE(send(a, "ab", 2, 0));
    settle();
    VALUE(recv(b, (void *)8, 2, 0));
    VALUE(recv(b, bytes, 2, MSG_DONTWAIT));
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 4; i++) {
            usleep(3000);
            send(a, "part", 4, 0);
        }
        _exit(0);
    }
    VALUE(recv(b, bytes, 16, MSG_WAITALL));
    TEXT(bytes, 16);
    wait(NULL);
    close_pair();
}

static void halves(void)
{
    open_pair("one half is shut");
    BITS(polled(a, 0));
    DO(shutdown(a, SHUT_WR));
    DO(shutdown(a, SHUT_WR));
    BITS(polled(b, 1000));
    settle();
    BITS(polled(b, 1000));
    VALUE(read(b, bytes, 1));
    VALUE(write(b, "answer", 6));
    settle();
    BITS(polled(a, 1000));
    VALUE(read(a, bytes, sizeof bytes));
    broken = 0;
    VALUE(write(a, "x", 1));
    VALUE(broken);
    VALUE(send(a, "x", 1, MSG_NOSIGNAL));
    VALUE(broken);
    VALUE(get(a, SOL_SOCKET, SO_ERROR));
    DO(shutdown(b, SHUT_WR));
    settle();
    BITS(polled(a, 0));
    BITS(polled(b, 0));
    VALUE(read(a, bytes, 1));
    struct name asked = { .length = sizeof asked.storage };
    DO(getpeername(a, &asked.sa, &asked.length));
    DO(getpeername(b, &asked.sa, &asked.length));
    DO(shutdown(a, SHUT_RD));
    DO(shutdown(b, SHUT_RD));
    close_pair();

    open_pair("the reading half is shut");
    VALUE(write(a, "before", 6));
    settle();
    DO(shutdown(b, SHUT_RD));
    BITS(polled(b, 0));
    VALUE(read(b, bytes, 3));
    VALUE(write(a, "after", 5));
    settle();
    VALUE(read(b, bytes, sizeof bytes));
    VALUE(read(b, bytes, sizeof bytes));
    BITS(polled(a, 0));
    close_pair();
}

static void closed(void)
{
    open_pair("the other end is closed");
    VALUE(write(b, "last", 4));
    DO(close(b));
    settle();
    BITS(polled(a, 1000));
    VALUE(write(a, "x", 1));
    settle();
    BITS(polled(a, 1000));
    VALUE(read(a, bytes, sizeof bytes));
    VALUE(read(a, bytes, sizeof bytes));
    broken = 0;
    VALUE(write(a, "x", 1));
    VALUE(write(a, "x", 1));
    VALUE(broken);
    VALUE(get(a, SOL_SOCKET, SO_ERROR));
    DO(shutdown(a, SHUT_RDWR));
    close(a);

    open_pair("it is closed, and has not read all");
    VALUE(write(a, "unread", 6));
    VALUE(write(b, "sent", 4));
    settle();
    DO(close(b));
    settle();
    BITS(polled(a, 1000));
    VALUE(read(a, bytes, 2));
    VALUE(read(a, bytes, sizeof bytes));
    VALUE(read(a, bytes, sizeof bytes));
    VALUE(read(a, bytes, sizeof bytes));
    broken = 0;
    VALUE(write(a, "x", 1));
    VALUE(broken);
    close(a);

    open_pair("the error is told by a write");
    VALUE(write(a, "unread", 6));
    settle();
    DO(close(b));
    settle();
    broken = 0;
    VALUE(write(a, "x", 1));
    VALUE(broken);
    VALUE(write(a, "x", 1));
    VALUE(broken);
    VALUE(read(a, bytes, 1));
    struct name asked = { .length = sizeof asked.storage };
    DO(getpeername(a, &asked.sa, &asked.length));
    close(a);

    open_pair("the error is asked for");
    VALUE(write(a, "unread", 6));
    settle();
    DO(close(b));
    settle();
    VALUE(get(a, SOL_SOCKET, SO_ERROR));
    VALUE(get(a, SOL_SOCKET, SO_ERROR));
    BITS(polled(a, 0));
    close(a);

    open_pair("SO_LINGER of no time");
    struct linger none = { 1, 0 };
    DO(setsockopt(b, SOL_SOCKET, SO_LINGER, &none, sizeof none));
    VALUE(write(b, "kept", 4));
    settle();
    DO(close(b));
    settle();
    BITS(polled(a, 1000));
    VALUE(read(a, bytes, sizeof bytes));
    VALUE(read(a, bytes, sizeof bytes));
    close(a);
}

static void waiting(void)
{
    open_pair("a reader is woken by the end");
    pid_t child = fork();
    if (child == 0) {
        close(a);
        usleep(10000);
        shutdown(b, SHUT_WR);
        _exit(0);
    }
    VALUE(read(a, bytes, 1));
    wait(NULL);
    close_pair();
    open_pair("a reader is woken by its own shutdown");
    child = fork();
    if (child == 0) {
        usleep(10000);
        shutdown(a, SHUT_RD);
        _exit(0);
    }
    VALUE(read(a, bytes, 1));
    wait(NULL);
    close_pair();
    open_pair("much");
    fcntl(a, F_SETFL, O_NONBLOCK);
    static char block[65536];
    long sent = 0, got = 0;
    for (ssize_t n; (n = write(a, block, sizeof block)) > 0;)
        sent += n;
    IS(errno == EAGAIN && sent > 65536);
    BITS(polled(a, 0));
    IS(count(b, FIONREAD) > 0);
    fcntl(a, F_SETFL, 0);
    child = fork();
    if (child == 0) {
        for (int i = 0; i < 64; i++)
            write(a, block, sizeof block);
        _exit(0);
    }
    close(a);
    for (ssize_t n; (n = read(b, block, sizeof block)) > 0;)
        got += n;
    wait(NULL);
    VALUE(got - sent);
    close(b);
    open_pair("a writer is woken by a reset");
    child = fork();
    if (child == 0) {
        close(a);
        usleep(10000);
        _exit(0);
    }
    close(b);
    broken = 0;
    ssize_t n;
    while ((n = write(a, block, sizeof block)) > 0)
        ;
    IS(n == -1 && (errno == ECONNRESET || errno == EPIPE));
    wait(NULL);
    close(a);
}

static void timeouts(void)
{
    open_pair("timeouts");
    struct timeval short_time = { 0, 10000 };
    DO(setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &short_time, sizeof short_time));
    VALUE(read(b, bytes, 1));
    VALUE(write(a, "few", 3));
    VALUE(recv(b, bytes, 10, MSG_WAITALL));
    DO(set(b, SOL_SOCKET, SO_RCVLOWAT, 4));
    VALUE(write(a, "abc", 3));
    settle();
    BITS(polled(b, 0));
    VALUE(write(a, "d", 1));
    settle();
    BITS(polled(b, 1000));
    VALUE(read(b, bytes, sizeof bytes));
    close_pair();
}

static void watched(void)
{
    open_pair("epoll");
    int epoll = epoll_create1(0);
    struct epoll_event event = { EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, { .fd = a } };
    DO(epoll_ctl(epoll, EPOLL_CTL_ADD, a, &event));
    VALUE(epoll_wait(epoll, &event, 1, 1000));
    BITS(event.events);
    VALUE(epoll_wait(epoll, &event, 1, 0));
    write(b, "x", 1);
    VALUE(epoll_wait(epoll, &event, 1, 1000));
    BITS(event.events);
    VALUE(epoll_wait(epoll, &event, 1, 0));
    write(b, "y", 1);
    VALUE(epoll_wait(epoll, &event, 1, 1000));
    VALUE(read(a, bytes, sizeof bytes));
    shutdown(b, SHUT_WR);
    VALUE(epoll_wait(epoll, &event, 1, 1000));
    BITS(event.events);
    shutdown(a, SHUT_WR);
    settle();
    VALUE(epoll_wait(epoll, &event, 1, 1000));
    BITS(event.events);
    close(epoll);
    close_pair();
}

int main(void)
{
    signal(SIGPIPE, on_broken);
    flags();
    halves();
    closed();
    waiting();
    timeouts();
    watched();
    return 0;
}
