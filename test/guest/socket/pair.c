/*
 * socketpair(2): streams, datagrams and packets between two ends, and what their closing and shutting down means.
 */
#include "check.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int a, b;
static char bytes[256];

static void pair(int type)
{
    int ends[2];
    DO(socketpair(AF_UNIX, type, 0, ends));
    a = ends[0];
    b = ends[1];
}

static void both_closed(void)
{
    close(a);
    close(b);
}

static short ready(int fd)
{
    struct pollfd asked = { fd, POLLIN | POLLOUT | POLLRDHUP, 0 };
    poll(&asked, 1, 0);
    return asked.revents;
}

static void streams(void)
{
    PART("stream");
    pair(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    BITS(fcntl(a, F_GETFL));
    BITS(fcntl(a, F_GETFD));
    BITS(ready(a));
    VALUE(write(a, "hello", 5));
    VALUE(send(a, " world", 6, 0));
    BITS(ready(b));
    int waiting = -1;
    DO(ioctl(b, FIONREAD, &waiting));
    VALUE(waiting);
    VALUE(recv(b, bytes, 3, MSG_PEEK));
    TEXT(bytes, 3);
    VALUE(recv(b, bytes, sizeof bytes, MSG_PEEK));
    VALUE(recv(b, bytes, 7, 0));
    TEXT(bytes, 7);
    VALUE(read(b, bytes, sizeof bytes));
    TEXT(bytes, 4);
    VALUE(read(b, bytes, sizeof bytes));
    VALUE(recv(b, bytes, sizeof bytes, MSG_DONTWAIT));
    VALUE(recv(b, bytes, 0, 0));
    VALUE(send(a, "", 0, 0));
    VALUE(lseek(a, 0, SEEK_SET));
    VALUE(pread(a, bytes, 1, 0));
    struct stat st;
    DO(fstat(a, &st));
    BITS(st.st_mode);
    both_closed();
}

static void datagrams(int type)
{
    PART(type == SOCK_DGRAM ? "datagram" : "packets");
    pair(type | SOCK_NONBLOCK);
    BITS(ready(a));
    VALUE(send(a, "one", 3, 0));
    VALUE(write(a, "three", 5));
    VALUE(send(a, "", 0, 0));
    VALUE(send(a, "four", 4, MSG_EOR));
    int waiting = -1;
    DO(ioctl(b, FIONREAD, &waiting));
    VALUE(waiting);
    VALUE(recv(b, bytes, 2, MSG_PEEK));
    VALUE(recv(b, bytes, 2, MSG_PEEK | MSG_TRUNC));
    struct iovec part = { bytes, 2 };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    VALUE(recvmsg(b, &message, 0));
    BITS(message.msg_flags);
    VALUE(recv(b, bytes, 4, MSG_TRUNC));
    TEXT(bytes, 4);
    VALUE(recv(b, bytes, 4, 0));
    part.iov_len = sizeof bytes;
    VALUE(recvmsg(b, &message, 0));
    BITS(message.msg_flags);
    VALUE(recv(b, bytes, 4, 0));
    static char large[300000];
    VALUE(send(a, large, sizeof large, 0));
    both_closed();
}

static void closing(int type)
{
    PART(type == SOCK_DGRAM ? "closing a datagram end" : type == SOCK_STREAM ? "closing a stream" : "closing packets");
    signal(SIGPIPE, SIG_IGN);
    pair(type);
    VALUE(write(a, "left", 4));
    DO(close(a));
    BITS(ready(b));
    VALUE(read(b, bytes, sizeof bytes));
    if (type != SOCK_DGRAM)
        VALUE(read(b, bytes, sizeof bytes));
    VALUE(write(b, "x", 1));
    VALUE(write(b, "x", 1));
    BITS(ready(b));
    close(b);
    /* Unread bytes are a loss that the sender is told of. */
    pair(type);
    VALUE(write(a, "unread", 6));
    DO(close(b));
    BITS(ready(a));
    VALUE(recv(a, bytes, sizeof bytes, MSG_DONTWAIT));
    VALUE(recv(a, bytes, sizeof bytes, MSG_DONTWAIT));
    close(a);
}

static void shutting(int type)
{
    PART(type == SOCK_DGRAM ? "shutdown of datagrams" : "shutdown of a stream");
    pair(type | SOCK_NONBLOCK);
    DO(shutdown(a, 3));
    VALUE(write(a, "before", 6));
    DO(shutdown(a, SHUT_WR));
    BITS(ready(a));
    BITS(ready(b));
    VALUE(write(a, "after", 5));
    VALUE(read(b, bytes, sizeof bytes));
    VALUE(read(b, bytes, sizeof bytes));
    VALUE(write(b, "back", 4));
    VALUE(read(a, bytes, sizeof bytes));
    DO(shutdown(a, SHUT_RD));
    VALUE(write(b, "back", 4));
    VALUE(read(a, bytes, sizeof bytes));
    BITS(ready(a));
    BITS(ready(b));
    DO(shutdown(a, SHUT_RDWR));
    DO(shutdown(b, SHUT_RDWR));
    BITS(ready(b));
    both_closed();
}

static volatile sig_atomic_t caught;
static void note(int signo) { caught = signo; }

static void signals(void)
{
    PART("SIGPIPE");
    signal(SIGPIPE, note);
    pair(SOCK_STREAM);
    close(b);
    VALUE(send(a, "x", 1, MSG_NOSIGNAL));
    VALUE(caught);
    VALUE(send(a, "x", 1, 0));
    IS(caught == SIGPIPE);
    caught = 0;
    VALUE(write(a, "x", 1));
    IS(caught == SIGPIPE);
    close(a);
    caught = 0;
    pair(SOCK_SEQPACKET);
    close(b);
    VALUE(write(a, "x", 1));
    VALUE(caught);
    close(a);
}

static void full(void)
{
    PART("a full stream");
    pair(SOCK_STREAM | SOCK_NONBLOCK);
    static char block[4096];
    long sent = 0, got;
    while ((got = write(a, block, sizeof block)) > 0)
        sent += got;
    VALUE(write(a, block, 1));
    IS(sent > 50000 && sent < 500000);
    BITS(ready(a));
    long received = 0;
    while ((got = read(b, block, sizeof block)) > 0)
        received += got;
    IS(received == sent);
    BITS(ready(a));
    both_closed();
}

int main(void)
{
    streams();
    datagrams(SOCK_DGRAM);
    datagrams(SOCK_SEQPACKET);
    closing(SOCK_STREAM);
    closing(SOCK_SEQPACKET);
    closing(SOCK_DGRAM);
    shutting(SOCK_STREAM);
    shutting(SOCK_DGRAM);
    signals();
    full();
    return 0;
}
