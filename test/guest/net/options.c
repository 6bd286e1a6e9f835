/*
 * setsockopt(2), getsockopt(2), ioctl(2) of sockets of the internet families: socket(7), ip(7), tcp(7).
 */
#include "inet.h"

static int fd;

static void common(void)
{
    PART("SOL_SOCKET");
    VALUE(get(fd, SOL_SOCKET, SO_KEEPALIVE));
    DO(set(fd, SOL_SOCKET, SO_KEEPALIVE, 7));
    VALUE(get(fd, SOL_SOCKET, SO_KEEPALIVE));
    DO(set(fd, SOL_SOCKET, SO_SNDBUF, 10000));
    VALUE(get(fd, SOL_SOCKET, SO_SNDBUF));
    DO(set(fd, SOL_SOCKET, SO_RCVBUF, 10000));
    VALUE(get(fd, SOL_SOCKET, SO_RCVBUF));
    DO(set(fd, SOL_SOCKET, SO_SNDBUF, 0));
    VALUE(get(fd, SOL_SOCKET, SO_SNDBUF));
    DO(set(fd, SOL_SOCKET, SO_OOBINLINE, 1));
    VALUE(get(fd, SOL_SOCKET, SO_OOBINLINE));
    VALUE(get(fd, SOL_SOCKET, SO_REUSEPORT));
    DO(set(fd, SOL_SOCKET, SO_REUSEPORT, 1));
    VALUE(get(fd, SOL_SOCKET, SO_REUSEPORT));
    DO(set(fd, SOL_SOCKET, SO_REUSEADDR, 1));
    DO(set(fd, SOL_SOCKET, SO_TYPE, 1));
    DO(set(fd, SOL_SOCKET, SO_ERROR, 1));
    DO(set(fd, SOL_SOCKET, 250, 1));
    struct linger linger = { 1, 5 };
    DO(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    linger.l_linger = 0;
    socklen_t length = sizeof linger;
    DO(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length));
    VALUE(linger.l_linger);
}

static void tcp(void)
{
    PART("IPPROTO_TCP");
    static const int names[] = { TCP_NODELAY, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT,
        TCP_USER_TIMEOUT, 250 };
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        printf("option %d\n", names[i]);
        /* What is usual is a setting of the system for these two. */
        if (names[i] != TCP_KEEPIDLE && names[i] != TCP_SYNCNT)
            VALUE(get(fd, IPPROTO_TCP, names[i]));
        DO(set(fd, IPPROTO_TCP, names[i], 0));
        DO(set(fd, IPPROTO_TCP, names[i], -1));
        DO(set(fd, IPPROTO_TCP, names[i], 100));
        DO(set(fd, IPPROTO_TCP, names[i], 40000));
        VALUE(get(fd, IPPROTO_TCP, names[i]));
    }
    char one = 1;
    DO(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, 1));
    DO(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, 0));
    DO(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, -1));
    DO(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, (void *)8, 4));
    long wide = -1;
    socklen_t length = sizeof wide;
    DO(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &wide, &length));
    VALUE(length);
    length = 1;
    DO(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, &length));
    VALUE(length);
    DO(set(fd, IPPROTO_UDP, 1, 1));
    DO(set(fd, 99, 1, 1));
    VALUE(get(fd, 99, 1));
    VALUE(get(fd, IPPROTO_IPV6, IPV6_V6ONLY));
}

static void ip(void)
{
    PART("IPPROTO_IP");
    VALUE(get(fd, IPPROTO_IP, IP_TOS));
    DO(set(fd, IPPROTO_IP, IP_TOS, 0x10));
    VALUE(get(fd, IPPROTO_IP, IP_TOS));
    DO(set(fd, IPPROTO_IP, IP_TTL, 0));
    DO(set(fd, IPPROTO_IP, IP_TTL, 256));
    DO(set(fd, IPPROTO_IP, IP_TTL, 9));
    VALUE(get(fd, IPPROTO_IP, IP_TTL));
    unsigned char byte = 17;
    DO(setsockopt(fd, IPPROTO_IP, IP_TTL, &byte, 1));
    VALUE(get(fd, IPPROTO_IP, IP_TTL));
    DO(set(fd, IPPROTO_IP, 250, 1));
    VALUE(get(fd, IPPROTO_IP, 250));
}

/* What a connection has of the socket that listened. */
static void inherited(void)
{
    PART("inherited");
    int server = listen_at(local(0), 1);
    set(server, IPPROTO_TCP, TCP_NODELAY, 1);
    set(server, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(server, SOL_SOCKET, SO_RCVLOWAT, 3);
    set(server, SOL_SOCKET, SO_REUSEADDR, 1);
    fcntl(server, F_SETFL, O_NONBLOCK);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    connect_to(client, local(port_of(server)));
    int conn = accept(server, NULL, NULL);
    VALUE(get(conn, IPPROTO_TCP, TCP_NODELAY));
    VALUE(get(conn, SOL_SOCKET, SO_KEEPALIVE));
    VALUE(get(conn, SOL_SOCKET, SO_RCVLOWAT));
    VALUE(get(conn, SOL_SOCKET, SO_REUSEADDR));
    BITS(fcntl(conn, F_GETFL));
    int count = -1;
    DO(ioctl(server, FIONREAD, &count));
    DO(ioctl(server, TIOCOUTQ, &count));
    DO(ioctl(conn, TCGETS, &count));
    DO(ioctl(conn, FIONREAD, (void *)8));
    DO(lseek(conn, 0, SEEK_SET));
    DO(ftruncate(conn, 0));
    close(client);
    close(conn);
    close(server);
}

static volatile sig_atomic_t signals;

static void on_io(int signo)
{
    (void)signo;
    signals++;
}

/* FIOASYNC is O_ASYNC by another way. */
static void signalled(void)
{
    PART("signals");
    int ends[2], on = 1;
    connect_pair(ends);
    signal(SIGIO, on_io);
    DO(fcntl(ends[0], F_SETOWN, getpid()));
    DO(ioctl(ends[0], FIOASYNC, (void *)8));
    DO(ioctl(ends[0], FIOASYNC, &on));
    BITS(fcntl(ends[0], F_GETFL) & O_ASYNC);
    write(ends[1], "x", 1);
    for (int i = 0; signals == 0 && i < 1000; i++)
        usleep(1000);
    IS(signals > 0);
    on = 0;
    DO(ioctl(ends[0], FIOASYNC, &on));
    BITS(fcntl(ends[0], F_GETFL) & O_ASYNC);
    int null = open("/dev/null", O_RDWR);
    DO(ioctl(null, FIOASYNC, &on));
    on = 1;
    DO(ioctl(null, FIOASYNC, &on));
    close(null);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    fd = socket(AF_INET, SOCK_STREAM, 0);
    common();
    tcp();
    ip();
    inherited();
    signalled();
    close(fd);
    PART("of a socket for datagrams");
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    ip();
    DO(set(fd, IPPROTO_TCP, TCP_NODELAY, 1));
    DO(set(fd, SOL_SOCKET, SO_BROADCAST, 1));
    VALUE(get(fd, SOL_SOCKET, SO_BROADCAST));
    close(fd);
    return 0;
}
