/*
 * AF_INET6 over the loopback (ipv6(7)): its own addresses, those of IPv4 that it maps, and sockets of both versions.
 */
#include "inet.h"

static char bytes[64];

static void names(void)
{
    PART("names");
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    show_own("a new one", fd, 0);
    VALUE(get(fd, SOL_SOCKET, SO_DOMAIN));
    struct name to = v6("::1", 0);
    DO(bind(fd, &to.sa, 23));
    DO(bind(fd, &to.sa, 16));
    DO(bind_to(fd, v4("127.0.0.1", 0)));
    DO(bind_to(fd, v6("2001:db8::1", 0)));
    DO(bind_to(fd, v6("::ffff:8.8.8.8", 0)));
    DO(bind(fd, &to.sa, 24));
    show_own("bound", fd, port_of(fd));
    DO(set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
    close(fd);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    DO(bind_to(fd, v6("::ffff:127.0.0.1", 0)));
    show_own("bound to a mapped one", fd, port_of(fd));
    int other = socket(AF_INET, SOCK_STREAM, 0);
    DO(bind_to(other, v4("127.0.0.1", port_of(fd))));
    DO(bind_to(other, v4("127.0.0.2", port_of(fd))));
    close(other);
    close(fd);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    DO(set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1));
    VALUE(get(fd, IPPROTO_IPV6, IPV6_V6ONLY));
    DO(bind_to(fd, v6("::ffff:127.0.0.1", 0)));
    DO(connect_to(fd, v6("::ffff:127.0.0.1", 9)));
    DO(bind_to(fd, v6("::", 0)));
    other = socket(AF_INET, SOCK_STREAM, 0);
    DO(bind_to(other, v4("0.0.0.0", port_of(fd))));
    close(other);
    close(fd);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    DO(bind_to(fd, v6("::", 0)));
    other = socket(AF_INET, SOCK_STREAM, 0);
    DO(bind_to(other, v4("127.0.0.1", port_of(fd))));
    close(other);
    close(fd);
}

static void streams(void)
{
    PART("streams");
    int server = listen_at(v6("::1", 0), 2), port = port_of(server);
    int client = socket(AF_INET6, SOCK_STREAM, 0);
    DO(connect_to(client, v4("127.0.0.1", port)));
    DO(connect_to(client, v6("::1", port)));
    show_own("client", client, port_of(client));
    show_peer("its peer", client, port);
    struct name from = { .length = sizeof from.storage };
    int conn = accept(server, &from.sa, &from.length);
    show_name("from", from, port_of(client));
    VALUE(write(client, "six", 3));
    VALUE(read(conn, bytes, sizeof bytes));
    close(client);
    close(conn);
    client = socket(AF_INET, SOCK_STREAM, 0);
    DO(connect_to(client, v4("127.0.0.1", port)));
    close(client);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    DO(connect_to(client, v6("::", port)));
    show_peer("by way of any", client, port);
    close(client);
    close(accept(server, NULL, NULL));
    close(server);

    PART("one that hears both versions");
    server = listen_at(v6("::", 0), 2), port = port_of(server);
    show_own("server", server, port);
    client = socket(AF_INET, SOCK_STREAM, 0);
    DO(connect_to(client, v4("127.0.0.1", port)));
    from.length = sizeof from.storage;
    conn = accept(server, &from.sa, &from.length);
    show_name("from", from, port_of(client));
    show_own("server's end", conn, port);
    VALUE(get(conn, SOL_SOCKET, SO_DOMAIN));
    close(conn);
    close(client);
    client = socket(AF_INET6, SOCK_STREAM, 0);
    DO(connect_to(client, v6("::ffff:127.0.0.1", port)));
    show_own("client", client, port_of(client));
    show_peer("its peer", client, port);
    close(client);
    close(accept(server, NULL, NULL));
    close(server);

    PART("one that hears its own version");
    server = socket(AF_INET6, SOCK_STREAM, 0);
    DO(set(server, IPPROTO_IPV6, IPV6_V6ONLY, 1));
    DO(bind_to(server, v6("::", 0)));
    DO(listen(server, 1));
    port = port_of(server);
    DO(connect_to(socket(AF_INET, SOCK_STREAM, 0), v4("127.0.0.1", port)));
    DO(connect_to(socket(AF_INET6, SOCK_STREAM, 0), v6("::1", port)));
    close(server);
}

static void datagrams(void)
{
    PART("datagrams");
    int receiver = socket(AF_INET6, SOCK_DGRAM, 0);
    DO(bind_to(receiver, v6("::", 0)));
    int port = port_of(receiver);
    int six = socket(AF_INET6, SOCK_DGRAM, 0), four = socket(AF_INET, SOCK_DGRAM, 0);
    struct name to = v6("::1", port), from = { .length = sizeof from.storage };
    VALUE(sendto(six, "six", 3, 0, &to.sa, to.length));
    VALUE(recvfrom(receiver, bytes, sizeof bytes, 0, &from.sa, &from.length));
    show_name("from", from, port_of(six));
    to = v4("127.0.0.1", port);
    VALUE(sendto(four, "four", 4, 0, &to.sa, to.length));
    from.length = sizeof from.storage;
    VALUE(recvfrom(receiver, bytes, sizeof bytes, 0, &from.sa, &from.length));
    show_name("from", from, port_of(four));
    VALUE(sendto(receiver, "back", 4, 0, &from.sa, from.length));
    VALUE(recv(four, bytes, sizeof bytes, 0));
    DO(connect_to(six, v6("::1", port)));
    show_own("connected", six, port_of(six));
    show_peer("its peer", six, port);
    VALUE(get(six, SOL_SOCKET, SO_PROTOCOL));
    close(receiver);
    VALUE(send(six, "lost", 4, 0));
    usleep(1000);
    VALUE(send(six, "told", 4, 0));
    close(six);
    close(four);
}

static void options(void)
{
    PART("options");
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    VALUE(get(fd, IPPROTO_IPV6, IPV6_V6ONLY));
    DO(set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 5));
    VALUE(get(fd, IPPROTO_IPV6, IPV6_V6ONLY));
    DO(set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 256));
    DO(set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 7));
    VALUE(get(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS));
    DO(set(fd, IPPROTO_IPV6, IPV6_TCLASS, 16));
    VALUE(get(fd, IPPROTO_IPV6, IPV6_TCLASS));
    DO(set(fd, IPPROTO_IPV6, 250, 1));
    char one = 1;
    DO(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, 1));
    VALUE(get(fd, IPPROTO_TCP, TCP_NODELAY));
    int four = socket(AF_INET, SOCK_STREAM, 0);
    DO(set(four, IPPROTO_IPV6, IPV6_V6ONLY, 1));
    close(four);
    close(fd);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (!has_ipv6()) {
        /* Linux may be without IPv6; then it has nothing to say here. */
        printf("no IPv6\n");
        return 0;
    }
    names();
    streams();
    datagrams();
    options();
    return 0;
}
