/* Streams and datagrams over the loopback interface. Nothing waits but for what is known to come. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#define SOCKETS 10
#define PORTS 4

static int nets[SOCKETS];
/* Ports that were free when this began. */
static unsigned short ports[PORTS];

static int any_net(void)
{
    return ONE_OF(nets);
}

static int by_port(unsigned short port)
{
    for (int i = 0; i < PORTS; i++)
        if (ports[i] == port)
            return i + 1;
    return port == 0 ? 0 : 9;
}

static struct sockaddr_in any_address(int *port)
{
    static const unsigned hosts[] = {INADDR_LOOPBACK, INADDR_LOOPBACK, INADDR_LOOPBACK, INADDR_ANY, INADDR_LOOPBACK + 1};
    *port = (int)pick(PORTS + 1);
    unsigned host = ONE_OF(hosts);
    struct sockaddr_in address = {.sin_family = rarely(20) ? AF_UNSPEC : AF_INET, .sin_addr = {htonl(host)}};
    address.sin_port = htons(*port ? ports[*port - 1] : 0);
    return address;
}

static void put_net(int index, int fd)
{
    if (nets[index] >= 0)
        close(nets[index]);
    nets[index] = fd;
}

static void make_net(void)
{
    static const int types[] = {SOCK_STREAM, SOCK_STREAM, SOCK_DGRAM};
    int type = ONE_OF(types), index = (int)pick(SOCKETS), reuse = rarely(2);
    int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
    put_net(index, fd);
    if (reuse)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    told(fd, "socket %d at %d reuse %d", type, index, reuse);
}

static void name_net(void)
{
    int port, fd = any_net();
    struct sockaddr_in address = any_address(&port);
    if (rarely(3))
        told(listen(fd, (int)pick(3)), "listen %d", fd);
    else
        told(bind(fd, (struct sockaddr *)&address, sizeof address), "bind %d %s %d family %d", fd, inet_ntoa(address.sin_addr), port,
             address.sin_family);
}

static void conclude(int fd);

static void connect_net(void)
{
    int port, fd = any_net();
    struct sockaddr_in address = any_address(&port);
    long result = connect(fd, (struct sockaddr *)&address, sizeof address);
    told(result, "connect %d %s %d family %d", fd, inet_ntoa(address.sin_addr), port, address.sin_family);
    if (result < 0 && errno == EINPROGRESS)
        conclude(fd);
}

static void give_up(int fd)
{
    for (int i = 0; i < SOCKETS; i++)
        if (nets[i] == fd)
            put_net(i, -1);
}

/*
 * What came of a connection. A socket that was refused is a strange thing, and one that nobody answers tries again when it likes:
 * neither is used further.
 */
static void conclude(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLOUT};
    int error = -1;
    socklen_t length = sizeof error;
    poll(&one, 1, 1000);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    told(error, "concluded %d %x", fd, one.revents);
    if (error != 0 || one.revents == 0)
        give_up(fd);
}

/* A server, or a client of one. */
static void settle_net(void)
{
    int index = (int)pick(SOCKETS), port = (int)pick(PORTS), serves = rarely(2);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(ports[port]), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    put_net(index, fd);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (serves) {
        told(bind(fd, (struct sockaddr *)&address, sizeof address), "serve %d on %d at %d", port + 1, fd, index);
        told(listen(fd, 5), "listen %d", fd);
    } else {
        told(connect(fd, (struct sockaddr *)&address, sizeof address), "dial %d on %d at %d", port + 1, fd, index);
        conclude(fd);
    }
}

static void accept_net(void)
{
    struct sockaddr_in peer = {0};
    socklen_t length = sizeof peer;
    int fd = any_net(), index = (int)pick(SOCKETS);
    if (fd == nets[index])
        return;
    int accepted = accept4(fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK);
    told(accepted, "accept %d at %d from %s", fd, index, accepted < 0 ? "-" : inet_ntoa(peer.sin_addr));
    if (accepted >= 0)
        put_net(index, accepted);
}

static void send_net(void)
{
    static const size_t lengths[] = {0, 1, 10, 1000, 5000};
    int fd = any_net(), port;
    size_t length = ONE_OF(lengths);
    struct sockaddr_in address = any_address(&port);
    fill(bytes, length);
    if (rarely(3))
        told(sendto(fd, bytes, length, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address), "sendto %d %zu %s %d family %d", fd,
             length, inet_ntoa(address.sin_addr), port, address.sin_family);
    else
        told(send(fd, bytes, length, MSG_NOSIGNAL), "send %d %zu", fd, length);
}

static void receive_net(void)
{
    static const size_t lengths[] = {0, 1, 10, 1000, 20000};
    static const int flags[] = {0, 0, MSG_PEEK, MSG_TRUNC, MSG_PEEK | MSG_TRUNC, MSG_DONTWAIT};
    int fd = any_net(), flag = ONE_OF(flags);
    size_t length = ONE_OF(lengths);
    struct sockaddr_in peer = {0};
    socklen_t size = sizeof peer;
    memset(received, 0, 1000);
    long result = recvfrom(fd, received, length, flag, (struct sockaddr *)&peer, &size);
    int reset = result < 0 && errno == ECONNRESET;
    told(result, "recvfrom %d %zu %#x %08x from %s %d", fd, length, flag, flag & MSG_TRUNC ? 0 : digest(received, 1000),
         result < 0 ? "-" : inet_ntoa(peer.sin_addr), result < 0 ? 0 : by_port(ntohs(peer.sin_port)));
    if (reset)
        give_up(fd);
}

static void ask_net(void)
{
    int fd = any_net(), value = -1;
    socklen_t length = sizeof value;
    struct sockaddr_in name = {0};
    socklen_t size = sizeof name;
    long result;
    switch (pick(8)) {
    case 0:
        result = ioctl(fd, FIONREAD, &value);
        told(result, "fionread %d %d", fd, result < 0 ? 0 : value);
        return;
    case 1: {
        int how = (int)pick(4);
        told(shutdown(fd, how), "shutdown %d %d", fd, how);
        return;
    }
    case 2:
        result = getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &length);
        told(result, "error %d %d", fd, result < 0 ? 0 : value);
        return;
    case 3:
        result = getsockname(fd, (struct sockaddr *)&name, &size);
        told(result, "name %d %s %d", fd, inet_ntoa(name.sin_addr), by_port(ntohs(name.sin_port)));
        return;
    case 4:
        result = getpeername(fd, (struct sockaddr *)&name, &size);
        told(result, "peer %d %s %d", fd, inet_ntoa(name.sin_addr), by_port(ntohs(name.sin_port)));
        return;
    case 5: {
        static const int options[] = {SO_TYPE, SO_ACCEPTCONN, SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_DOMAIN, SO_PROTOCOL,
                                      SO_OOBINLINE, SO_LINGER};
        int option = ONE_OF(options);
        result = getsockopt(fd, SOL_SOCKET, option, &value, &length);
        told(result, "option %d %d %d", fd, option, result < 0 ? 0 : value);
        return;
    }
    case 6: {
        int index = (int)pick(SOCKETS);
        told(nets[index] < 0 ? 0 : close(nets[index]), "close %d", nets[index]);
        nets[index] = -1;
        return;
    }
    default: {
        struct linger linger = {1, 0};
        if (rarely(2))
            told(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), "linger %d", fd);
        else
            told(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)), "nodelay %d", fd);
    }
    }
}

static void poll_nets(void)
{
    struct pollfd set[SOCKETS];
    char line[200] = "";
    for (int i = 0; i < SOCKETS; i++)
        set[i] = (struct pollfd){.fd = nets[i], .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP};
    long result = poll(set, SOCKETS, 0);
    for (int i = 0; i < SOCKETS; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), " %x", set[i].revents);
    told(result, "poll%s", line);
}

static void begin_inet(void)
{
    for (int i = 0; i < SOCKETS; i++)
        nets[i] = -1;
    for (int i = 0; i < PORTS; i++) {
        struct sockaddr_in name = {.sin_family = AF_INET};
        socklen_t size = sizeof name;
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (bind(fd, (struct sockaddr *)&name, size) || getsockname(fd, (struct sockaddr *)&name, &size))
            abort();
        ports[i] = ntohs(name.sin_port);
        close(fd);
    }
}

static void walk_inet(void)
{
    switch (pick(16)) {
    case 0:
    case 1:
        make_net();
        return;
    case 2:
        name_net();
        return;
    case 3:
        connect_net();
        return;
    case 4:
    case 5:
        settle_net();
        return;
    case 6:
    case 7:
        accept_net();
        return;
    case 8:
    case 9:
        send_net();
        return;
    case 10:
    case 11:
    case 12:
        receive_net();
        return;
    case 13:
    case 14:
        ask_net();
        return;
    default:
        poll_nets();
    }
}
