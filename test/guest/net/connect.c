/*
 * Streams over the loopback (tcp(7)): listening, connecting, accepting, and what the ends are called.
 */
#include "inet.h"
#include <sys/wait.h>

static char bytes[16];

static void connecting(void)
{
    PART("connect");
    int server = socket(AF_INET, SOCK_STREAM, 0);
    DO(bind_to(server, local(0)));
    int port = port_of(server);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    DO(connect_to(client, local(port)));
    VALUE(get(client, SOL_SOCKET, SO_ERROR));
    DO(listen(server, 4));
    DO(listen(server, 2));
    BITS(polled(server, 0));
    VALUE(get(server, SOL_SOCKET, SO_ACCEPTCONN));
    struct name to = local(port);
    DO(connect(client, &to.sa, 15));
    DO(connect(client, &to.sa, 1));
    to.sa.sa_family = AF_INET6;
    DO(connect_to(client, to));
    DO(connect_to(client, local(port)));
    DO(connect_to(client, local(port)));
    BITS(polled(server, 1000));
    BITS(polled(client, 0));
    struct name from = { .length = sizeof from.storage };
    int conn = accept4(server, &from.sa, &from.length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    IS(conn >= 0);
    BITS(fcntl(conn, F_GETFL));
    BITS(fcntl(conn, F_GETFD));
    show_name("accepted from", from, port_of(client));
    show_own("server's end", conn, port);
    show_peer("its peer", conn, port_of(client));
    show_own("client's end", client, port_of(client));
    IS(port_of(client) >= 32768);
    show_peer("its peer", client, port);
    DO(bind_to(client, local(0)));
    DO(listen(client, 1));
    DO(accept(client, NULL, NULL));
    DO(connect_to(server, local(port)));
    VALUE(write(server, "x", 1));
    VALUE(read(server, bytes, 1));
    DO(fcntl(server, F_SETFL, O_NONBLOCK));
    DO(accept(server, NULL, NULL));
    VALUE(write(client, "abc", 3));
    BITS(polled(conn, 1000));
    close(client);
    close(conn);
    PART("who waits when the listener goes");
    client = socket(AF_INET, SOCK_STREAM, 0);
    DO(connect_to(client, local(port)));
    DO(close(server));
    BITS(polled(client, 1000));
    VALUE(read(client, bytes, 1));
    VALUE(read(client, bytes, 1));
    VALUE(send(client, "x", 1, MSG_NOSIGNAL));
    close(client);
    DO(connect_to(socket(AF_INET, SOCK_STREAM, 0), local(port)));
}

static void elsewhere(void)
{
    PART("other addresses of the loopback");
    int server = listen_at(v4("0.0.0.0", 0), 4), port = port_of(server);
    show_own("server", server, port);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    DO(connect_to(client, v4("0.0.0.0", port)));
    show_own("client", client, port_of(client));
    show_peer("its peer", client, port);
    close(client);
    close(accept(server, NULL, NULL));
    client = socket(AF_INET, SOCK_STREAM, 0);
    DO(connect_to(client, v4("127.1.2.3", port)));
    show_own("client", client, port_of(client));
    show_peer("its peer", client, port);
    int conn = accept(server, NULL, NULL);
    show_own("server's end", conn, port);
    close(conn);
    close(client);
    close(server);
    PART("the more exact listener");
    server = listen_at(v4("127.0.0.8", 0), 1), port = port_of(server);
    int exact = listen_at(v4("127.0.0.9", port), 1);
    client = socket(AF_INET, SOCK_STREAM, 0);
    DO(connect_to(client, v4("127.0.0.9", port)));
    BITS(polled(server, 0));
    BITS(polled(exact, 1000));
    close(client);
    DO(connect_to(socket(AF_INET, SOCK_STREAM, 0), v4("127.0.0.7", port)));
    close(exact);
    close(server);
    client = socket(AF_INET, SOCK_STREAM, 0);
    DO(bind_to(client, v4("127.0.0.5", 0)));
    server = listen_at(local(0), 1);
    DO(connect_to(client, local(port_of(server))));
    conn = accept(server, NULL, NULL);
    show_peer("a bound client", conn, port_of(client));
    close(client);
    close(conn);
    close(server);
    PART("listening without a name");
    server = socket(AF_INET, SOCK_STREAM, 0);
    DO(listen(server, -1));
    IS(port_of(server) >= 32768);
    show_own("server", server, port_of(server));
    close(server);
}

static void without_waiting(void)
{
    PART("connecting without waiting");
    int server = listen_at(local(0), 4), port = port_of(server);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    DO(connect_to(client, local(port)));
    BITS(polled(client, 1000));
    VALUE(get(client, SOL_SOCKET, SO_ERROR));
    DO(connect_to(client, local(port)));
    DO(connect_to(client, local(port)));
    close(client);
    close(server);
    PART("refused");
    client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    DO(connect_to(client, local(port)));
    BITS(polled(client, 1000));
    VALUE(get(client, SOL_SOCKET, SO_ERROR));
    BITS(polled(client, 0));
    VALUE(get(client, SOL_SOCKET, SO_ERROR));
    DO(connect_to(client, local(port)));
    DO(connect_to(client, local(port)));
    polled(client, 1000);
    DO(connect_to(client, local(port)));
    close(client);
    client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    DO(connect_to(client, local(port)));
    polled(client, 1000);
    VALUE(read(client, bytes, 1));
    VALUE(read(client, bytes, 1));
    close(client);
    client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    DO(connect_to(client, local(port)));
    polled(client, 1000);
    VALUE(send(client, "x", 1, MSG_NOSIGNAL));
    VALUE(send(client, "x", 1, MSG_NOSIGNAL));
    close(client);
    client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    DO(connect_to(client, v4("127.0.0.7", port)));
    polled(client, 1000);
    show_own("after it was refused", client, port_of(client));
    close(client);
}

static void waiting(void)
{
    PART("who accepts waits");
    int server = listen_at(local(0), 1);
    pid_t child = fork();
    if (child == 0) {
        usleep(20000);
        int client = socket(AF_INET, SOCK_STREAM, 0);
        if (connect_to(client, local(port_of(server))) || write(client, "late", 4) != 4)
            _exit(1);
        _exit(0);
    }
    int conn = accept(server, NULL, NULL);
    IS(conn >= 0);
    VALUE(read(conn, bytes, sizeof bytes));
    VALUE(read(conn, bytes, sizeof bytes));
    int status;
    waitpid(child, &status, 0);
    VALUE(status);
    close(conn);
    PART("a listener that is shut");
    DO(shutdown(server, SHUT_WR));
    child = fork();
    if (child == 0) {
        usleep(20000);
        shutdown(server, SHUT_RD);
        _exit(0);
    }
    DO(accept(server, NULL, NULL));
    waitpid(child, &status, 0);
    BITS(polled(server, 0));
    VALUE(get(server, SOL_SOCKET, SO_ACCEPTCONN));
    int port = port_of(server);
    DO(connect_to(socket(AF_INET, SOCK_STREAM, 0), local(port)));
    DO(listen(server, 1));
    DO(connect_to(socket(AF_INET, SOCK_STREAM, 0), local(port)));
    close(server);
}

static void undoing(void)
{
    PART("undone");
    int server = listen_at(local(0), 1);
    int ends[2];
    connect_pair(ends);
    struct sockaddr none = { AF_UNSPEC, { 0 } };
    DO(connect(ends[0], &none, sizeof none));
    BITS(polled(ends[0], 0));
    BITS(polled(ends[1], 1000));
    VALUE(read(ends[1], bytes, 1));
    VALUE(read(ends[1], bytes, 1));
    DO(connect_to(ends[0], local(port_of(server))));
    show_peer("its new peer", ends[0], port_of(server));
    close(ends[0]);
    close(ends[1]);
    close(server);
    PART("to itself");
    int self = socket(AF_INET, SOCK_STREAM, 0);
    DO(bind_to(self, local(0)));
    DO(connect_to(self, local(port_of(self))));
    show_peer("its peer", self, port_of(self));
    VALUE(write(self, "me", 2));
    VALUE(read(self, bytes, sizeof bytes));
    DO(shutdown(self, SHUT_WR));
    VALUE(read(self, bytes, sizeof bytes));
    close(self);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    connecting();
    elsewhere();
    without_waiting();
    waiting();
    undoing();
    return 0;
}
