/*
 * Sockets of the internet families: which are made, which names they may have, who may share a name (ip(7), socket(7)).
 */
#include "inet.h"

static struct sockaddr *volatile nowhere = (struct sockaddr *)8;
static char bytes[16];

static void making(void)
{
    PART("what is made");
    DO(socket(AF_INET, SOCK_STREAM, 0));
    DO(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
    DO(socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP));
    DO(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
    DO(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
    DO(socket(AF_INET, SOCK_SEQPACKET, 0));
    DO(socket(AF_INET, SOCK_STREAM, -1));
    DO(socket(AF_INET, SOCK_STREAM, 99));
    DO(socket(AF_INET, 9, 0));
    int ends[2];
    DO(socketpair(AF_INET, SOCK_STREAM, 0, ends));
    DO(socketpair(AF_INET, SOCK_DGRAM, 0, ends));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    VALUE(get(fd, SOL_SOCKET, SO_TYPE));
    VALUE(get(fd, SOL_SOCKET, SO_DOMAIN));
    VALUE(get(fd, SOL_SOCKET, SO_PROTOCOL));
    VALUE(get(fd, SOL_SOCKET, SO_ACCEPTCONN));
    BITS(polled(fd, 0));
    show_own("a new one", fd, 0);
    struct name asked = { .length = sizeof asked.storage };
    DO(getpeername(fd, &asked.sa, &asked.length));
    VALUE(read(fd, bytes, 1));
    VALUE(read(fd, bytes, 0));
    VALUE(recv(fd, bytes, 0, 0));
    VALUE(send(fd, "x", 1, MSG_NOSIGNAL));
    VALUE(send(fd, "x", 1, MSG_OOB | MSG_NOSIGNAL));
    DO(shutdown(fd, SHUT_RDWR));
    BITS(polled(fd, 0));
    DO(shutdown(fd, 3));
    DO(accept(fd, NULL, NULL));
    close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    VALUE(get(fd, SOL_SOCKET, SO_PROTOCOL));
    BITS(polled(fd, 0));
    show_own("a new one for datagrams", fd, 0);
    DO(listen(fd, 1));
    DO(accept(fd, NULL, NULL));
    DO(shutdown(fd, SHUT_RDWR));
    VALUE(send(fd, "x", 1, MSG_NOSIGNAL));
    close(fd);
}

static void naming(int type)
{
    PART(type == SOCK_STREAM ? "names of streams" : "names for datagrams");
    int fd = socket(AF_INET, type, 0), other = socket(AF_INET, type, 0);
    struct name to = local(0);
    DO(bind(fd, &to.sa, 15));
    DO(bind(fd, &to.sa, 1));
    DO(bind(fd, &to.sa, 200));
    DO(bind(fd, nowhere, to.length));
    to.sa.sa_family = AF_UNIX;
    DO(bind_to(fd, to));
    to.sa.sa_family = AF_UNSPEC;
    DO(bind_to(fd, to));
    DO(bind_to(fd, v4("8.8.8.8", 0)));
    DO(bind_to(fd, local(0)));
    int port = port_of(fd);
    IS(port >= 32768 && port <= 60999);
    show_own("bound", fd, port);
    DO(bind_to(fd, local(0)));
    DO(bind_to(other, local(port)));
    DO(bind_to(other, v4("0.0.0.0", port)));
    DO(bind_to(other, v4("127.0.0.2", port)));
    show_own("its neighbour", other, port);
    close(other);
    other = socket(AF_INET, type == SOCK_STREAM ? SOCK_DGRAM : SOCK_STREAM, 0);
    DO(bind_to(other, local(port)));
    close(other);
    PART("SO_REUSEADDR");
    other = socket(AF_INET, type, 0);
    DO(set(other, SOL_SOCKET, SO_REUSEADDR, 1));
    DO(bind_to(other, local(port)));
    DO(set(fd, SOL_SOCKET, SO_REUSEADDR, 1));
    DO(bind_to(other, local(port)));
    int third = socket(AF_INET, type, 0);
    if (type == SOCK_STREAM) {
        DO(listen(fd, 1));
        DO(listen(other, 1));
    }
    DO(set(third, SOL_SOCKET, SO_REUSEADDR, 1));
    DO(bind_to(third, local(port)));
    close(fd);
    close(other);
    close(third);
    PART("SO_REUSEPORT");
    fd = socket(AF_INET, type, 0), other = socket(AF_INET, type, 0);
    DO(set(fd, SOL_SOCKET, SO_REUSEPORT, 1));
    VALUE(get(fd, SOL_SOCKET, SO_REUSEPORT));
    DO(bind_to(fd, local(0)));
    port = port_of(fd);
    DO(bind_to(other, local(port)));
    DO(set(other, SOL_SOCKET, SO_REUSEPORT, 1));
    DO(bind_to(other, local(port)));
    if (type == SOCK_STREAM) {
        DO(listen(fd, 1));
        DO(listen(other, 1));
        close(fd);
        fd = socket(AF_INET, SOCK_STREAM, 0);
        DO(connect_to(fd, local(port)));
        close(accept(other, NULL, NULL));
    }
    close(fd);
    close(other);
}

static void held(void)
{
    PART("a port of a connection that was closed first is held");
    int server = listen_at(local(0), 1), port = port_of(server);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    DO(connect_to(client, local(port)));
    int conn = accept(server, NULL, NULL);
    int other = socket(AF_INET, SOCK_STREAM, 0);
    DO(close(server));
    DO(bind_to(other, local(port)));
    DO(close(conn));
    DO(bind_to(other, local(port)));
    VALUE(read(client, bytes, 1));
    DO(close(client));
    usleep(1000);
    DO(bind_to(other, local(port)));
    DO(set(other, SOL_SOCKET, SO_REUSEADDR, 1));
    DO(bind_to(other, local(port)));
    DO(listen(other, 1));
    close(other);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    making();
    naming(SOCK_STREAM);
    naming(SOCK_DGRAM);
    held();
    return 0;
}
