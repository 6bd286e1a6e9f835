/*
 * Datagrams over the loopback (udp(7)): with and without a peer, cut off, looked at, refused, waited for.
 */
#include "inet.h"
#include <sys/uio.h>
#include <sys/wait.h>

static char bytes[70000];

static int bound(struct name name)
{
    int fd = socket(name.sa.sa_family, SOCK_DGRAM, 0);
    if (bind_to(fd, name))
        printf("cannot bind: %s\n", check_errno(errno));
    return fd;
}

static ssize_t send_to(int fd, const char *text, struct name to)
{
    return sendto(fd, text, strlen(text), 0, &to.sa, to.length);
}

static ssize_t receive_from(int fd, struct name *from, int flags)
{
    from->length = sizeof from->storage;
    return recvfrom(fd, bytes, sizeof bytes, flags, &from->sa, &from->length);
}

static int count(int fd, int request)
{
    int value = -1;
    return ioctl(fd, request, &value) ? -1 : value;
}

static void loose(void)
{
    PART("without a peer");
    int receiver = bound(local(0)), port = port_of(receiver);
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    struct name from;
    VALUE(receive_from(receiver, &from, MSG_DONTWAIT));
    VALUE(send_to(sender, "hello", local(port)));
    show_own("sender", sender, port_of(sender));
    IS(port_of(sender) >= 32768);
    BITS(polled(receiver, 1000));
    VALUE(count(receiver, FIONREAD));
    VALUE(receive_from(receiver, &from, MSG_PEEK));
    show_name("from", from, port_of(sender));
    VALUE(receive_from(receiver, &from, 0));
    TEXT(bytes, 5);
    VALUE(send_to(sender, "", local(port)));
    BITS(polled(receiver, 1000));
    VALUE(count(receiver, FIONREAD));
    VALUE(receive_from(receiver, &from, 0));
    VALUE(send_to(sender, "first", local(port)));
    VALUE(send_to(sender, "second", local(port)));
    VALUE(recv(receiver, bytes, 2, 0));
    VALUE(recv(receiver, bytes, 2, MSG_TRUNC));
    VALUE(send_to(sender, "third", local(port)));
    struct iovec parts[2] = { { bytes, 1 }, { bytes + 10, 2 } };
    struct msghdr header = { .msg_name = &from.storage, .msg_namelen = sizeof from.storage, .msg_iov = parts, .msg_iovlen = 2 };
    VALUE(recvmsg(receiver, &header, 0));
    BITS(header.msg_flags);
    VALUE(header.msg_namelen);
    TEXT(bytes + 10, 2);
    struct name to = local(port);
    VALUE(sendto(sender, bytes, 65508, 0, &to.sa, 16));
    VALUE(sendto(sender, bytes, 65507, 0, &to.sa, 16));
    VALUE(receive_from(receiver, &from, 0));
    VALUE(sendto(sender, "x", 1, 0, &to.sa, 15));
    VALUE(sendto(sender, "x", 1, MSG_OOB, &to.sa, 16));
    to.sa.sa_family = AF_UNIX;
    VALUE(send_to(sender, "x", to));
    to.sa.sa_family = AF_UNSPEC;
    VALUE(send_to(sender, "unspec", to));
    VALUE(receive_from(receiver, &from, 0));
    VALUE(send_to(sender, "x", local(0)));
    VALUE(send_to(sender, "any", v4("0.0.0.0", port)));
    VALUE(receive_from(receiver, &from, 0));
    show_name("from", from, port_of(sender));
    VALUE(send(sender, "x", 1, 0));
    struct name asked = { .length = sizeof asked.storage };
    DO(getpeername(sender, &asked.sa, &asked.length));
    close(receiver);
    VALUE(send_to(sender, "nobody", local(port)));
    usleep(1000);
    VALUE(send_to(sender, "nobody", local(port)));
    VALUE(get(sender, SOL_SOCKET, SO_ERROR));
    close(sender);
}

static void connected(void)
{
    PART("with a peer");
    int one = bound(local(0)), other = bound(local(0)), third = bound(local(0));
    struct name from;
    DO(connect_to(one, local(port_of(other))));
    show_own("one", one, port_of(one));
    show_peer("its peer", one, port_of(other));
    VALUE(send(one, "mine", 4, 0));
    VALUE(receive_from(other, &from, 0));
    VALUE(send_to(third, "not heard", local(port_of(one))));
    VALUE(send_to(other, "heard", local(port_of(one))));
    BITS(polled(one, 1000));
    VALUE(receive_from(one, &from, 0));
    TEXT(bytes, 5);
    VALUE(receive_from(one, &from, MSG_DONTWAIT));
    VALUE(send_to(one, "elsewhere", local(port_of(third))));
    VALUE(receive_from(third, &from, 0));
    DO(connect_to(one, local(port_of(third))));
    show_peer("its peer", one, port_of(third));
    struct sockaddr none = { AF_UNSPEC, { 0 } };
    DO(connect(one, &none, sizeof none));
    show_own("one", one, port_of(one));
    VALUE(send(one, "x", 1, 0));
    int loose = socket(AF_INET, SOCK_DGRAM, 0);
    DO(connect_to(loose, local(port_of(third))));
    show_own("loose", loose, port_of(loose));
    IS(port_of(loose) >= 32768);
    DO(connect(loose, &none, sizeof none));
    show_own("loose", loose, 1);
    struct name strange = local(1);
    DO(connect(loose, &strange.sa, 15));
    strange.sa.sa_family = AF_UNIX;
    DO(connect_to(loose, strange));
    close(loose);

    PART("the peer is gone");
    DO(connect_to(one, local(port_of(third))));
    close(third);
    VALUE(send(one, "lost", 4, 0));
    BITS(polled(one, 1000));
    VALUE(send(one, "told", 4, 0));
    usleep(1000);
    VALUE(send(one, "lost", 4, 0));
    usleep(1000);
    VALUE(recv(one, bytes, 4, MSG_DONTWAIT));
    VALUE(recv(one, bytes, 4, MSG_DONTWAIT));
    VALUE(send(one, "lost", 4, 0));
    usleep(1000);
    VALUE(get(one, SOL_SOCKET, SO_ERROR));
    VALUE(get(one, SOL_SOCKET, SO_ERROR));

    PART("halves");
    DO(connect_to(one, local(port_of(other))));
    DO(shutdown(one, SHUT_WR));
    VALUE(send(one, "x", 1, MSG_NOSIGNAL));
    VALUE(send_to(one, "x", local(port_of(other))));
    DO(shutdown(one, SHUT_RD));
    BITS(polled(one, 0));
    VALUE(recv(one, bytes, 4, 0));
    VALUE(recv(one, bytes, 4, MSG_DONTWAIT));
    VALUE(send_to(other, "still", local(port_of(one))));
    VALUE(recv(one, bytes, 5, 0));
    close(one);
    close(other);
}

static void waiting(void)
{
    PART("waiting");
    int receiver = bound(v4("0.0.0.0", 0)), port = port_of(receiver);
    pid_t child = fork();
    if (child == 0) {
        usleep(10000);
        int sender = socket(AF_INET, SOCK_DGRAM, 0);
        _exit(send_to(sender, "late", v4("127.0.0.3", port)) != 4);
    }
    struct name from;
    VALUE(receive_from(receiver, &from, 0));
    show_name("from", from, 0);
    int status;
    wait(&status);
    VALUE(status);
    struct timeval short_time = { 0, 10000 };
    DO(setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &short_time, sizeof short_time));
    VALUE(receive_from(receiver, &from, 0));
    PART("what does not fit is lost");
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    DO(set(receiver, SOL_SOCKET, SO_RCVBUF, 0));
    IS(get(receiver, SOL_SOCKET, SO_RCVBUF) == 2304);
    int failed = 0, got = 0;
    for (int i = 0; i < 100; i++)
        failed += send_to(sender, "datagram", local(port)) != 8;
    VALUE(failed);
    usleep(1000);
    while (recv(receiver, bytes, sizeof bytes, MSG_DONTWAIT) == 8)
        got++;
    IS(got > 0 && got < 100);
    close(sender);
    close(receiver);
    PART("who is heard by several");
    int wide = socket(AF_INET, SOCK_DGRAM, 0), exact = socket(AF_INET, SOCK_DGRAM, 0);
    set(wide, SOL_SOCKET, SO_REUSEADDR, 1);
    set(exact, SOL_SOCKET, SO_REUSEADDR, 1);
    DO(bind_to(wide, v4("0.0.0.0", 0)));
    port = port_of(wide);
    DO(bind_to(exact, local(port)));
    sender = socket(AF_INET, SOCK_DGRAM, 0);
    VALUE(send_to(sender, "exact", local(port)));
    VALUE(send_to(sender, "wide", v4("127.0.0.2", port)));
    usleep(1000);
    VALUE(recv(wide, bytes, 9, MSG_DONTWAIT));
    VALUE(recv(wide, bytes, 9, MSG_DONTWAIT));
    VALUE(recv(exact, bytes, 9, MSG_DONTWAIT));
    VALUE(send_to(sender, "broadcast", v4("127.255.255.255", port)));
    DO(set(sender, SOL_SOCKET, SO_BROADCAST, 1));
    VALUE(send_to(sender, "broadcast", v4("127.255.255.255", port)));
    VALUE(recv(wide, bytes, 9, MSG_DONTWAIT));
    VALUE(recv(exact, bytes, 9, MSG_DONTWAIT));
}

static void many(void)
{
    PART("many in one call");
    int receiver = bound(local(0)), sender = socket(AF_INET, SOCK_DGRAM, 0);
    connect_to(sender, local(port_of(receiver)));
    struct iovec parts[2] = { { "one", 3 }, { "three", 5 } };
    struct mmsghdr headers[2] = { { .msg_hdr = { .msg_iov = parts, .msg_iovlen = 1 } },
        { .msg_hdr = { .msg_iov = parts + 1, .msg_iovlen = 1 } } };
    VALUE(sendmmsg(sender, headers, 2, 0));
    parts[0] = (struct iovec){ bytes, 10 };
    parts[1] = (struct iovec){ bytes + 10, 10 };
    VALUE(recvmmsg(receiver, headers, 2, MSG_WAITFORONE, NULL));
    VALUE(headers[0].msg_len);
    VALUE(headers[1].msg_len);
    close(sender);
    close(receiver);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    loose();
    connected();
    waiting();
    many();
    return 0;
}
