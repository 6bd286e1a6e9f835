/*
 * AF_UNIX sockets with names (unix(7)): bound to paths and to abstract names, listening, connected, and whom they hear.
 */
#include "check.h"
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static char bytes[256];
static struct sockaddr_un address;

static socklen_t path(const char *name)
{
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    strcpy(address.sun_path, name);
    return offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1;
}

/* Abstract names are the machine's: this one is nobody else's. */
static pid_t self;

static socklen_t abstract(const char *name)
{
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    int length = sprintf(address.sun_path + 1, "guest-%07d-%s", (int)self, name);
    return offsetof(struct sockaddr_un, sun_path) + 1 + length;
}

#define AT(length) (struct sockaddr *)&address, length

static void show_name(const char *what, int fd, int (*ask)(int, struct sockaddr *, socklen_t *))
{
    struct sockaddr_un name;
    memset(&name, 'z', sizeof name);
    socklen_t length = sizeof name;
    int answer = ask(fd, (struct sockaddr *)&name, &length);
    printf("%s: %s\n", what, answer ? check_errno(errno) : "ok");
    if (answer)
        return;
    printf("  length %d family %d %s\n", (int)length, name.sun_family,
        length <= 2 ? "none" : name.sun_path[0] ? name.sun_path : "abstract");
}

static void listening(void)
{
    PART("listening at a path");
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    show_name("getsockname", server, getsockname);
    DO(listen(server, 5));
    DO(bind(server, AT(path("server"))));
    DO(bind(server, AT(path("server2"))));
    show_name("getsockname", server, getsockname);
    show_name("getpeername", server, getpeername);
    struct stat st;
    DO(stat("server", &st));
    BITS(st.st_mode & ~0777);
    DO(open("server", O_RDWR));
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(connect(client, AT(path("server"))));
    DO(accept(server, NULL, NULL));
    DO(listen(server, 5));
    DO(listen(server, 1));
    DO(connect(client, AT(path("server"))));
    DO(connect(client, AT(path("server"))));
    VALUE(write(client, "early", 5));
    struct pollfd asked = { server, POLLIN | POLLOUT, 0 };
    VALUE(poll(&asked, 1, 0));
    BITS(asked.revents);
    struct sockaddr_un from;
    socklen_t length = sizeof from;
    int conn = accept4(server, (struct sockaddr *)&from, &length, SOCK_CLOEXEC | SOCK_NONBLOCK);
    IS(conn >= 0);
    VALUE(length);
    BITS(fcntl(conn, F_GETFL));
    show_name("server end", conn, getsockname);
    show_name("its peer", conn, getpeername);
    show_name("client end", client, getsockname);
    show_name("its peer", client, getpeername);
    VALUE(read(conn, bytes, sizeof bytes));
    TEXT(bytes, 5);
    VALUE(read(conn, bytes, sizeof bytes));
    VALUE(write(conn, "reply", 5));
    VALUE(read(client, bytes, sizeof bytes));
    VALUE(sendto(client, "x", 1, 0, AT(path("server"))));
    DO(connect(server, AT(path("server"))));
    VALUE(read(server, bytes, 1));
    VALUE(write(server, "x", 1));
    DO(fcntl(server, F_SETFL, O_NONBLOCK));
    DO(accept(server, NULL, NULL));
    DO(accept(client, NULL, NULL));
    /* Whoever waits to be accepted is told when the listener goes. */
    int waiting = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(connect(waiting, AT(path("server"))));
    DO(close(server));
    VALUE(read(waiting, bytes, 1));
    DO(connect(socket(AF_UNIX, SOCK_STREAM, 0), AT(path("server"))));
    DO(bind(socket(AF_UNIX, SOCK_STREAM, 0), AT(path("server"))));
    DO(unlink("server"));
    DO(connect(socket(AF_UNIX, SOCK_STREAM, 0), AT(path("server"))));
    put_file("plain", "");
    DO(connect(socket(AF_UNIX, SOCK_STREAM, 0), AT(path("plain"))));
    DO(bind(socket(AF_UNIX, SOCK_STREAM, 0), AT(path("no/such"))));
}

static void backlog(void)
{
    PART("backlog");
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(bind(server, AT(abstract("backlog"))));
    DO(listen(server, 1));
    for (int i = 0; i < 3; i++) {
        int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        DO(connect(client, AT(abstract("backlog"))));
    }
    pid_t child = fork();
    if (child == 0) {
        int client = socket(AF_UNIX, SOCK_STREAM, 0);
        _exit(connect(client, AT(abstract("backlog"))) ? 1 : 7);
    }
    usleep(20000);
    for (int i = 0; i < 3; i++) {
        int conn = accept(server, NULL, NULL);
        IS(conn >= 0);
        close(conn);
    }
    int status;
    waitpid(child, &status, 0);
    VALUE(WEXITSTATUS(status));
    close(server);
}

static void datagrams(void)
{
    PART("datagrams");
    int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
    VALUE(write(sender, "x", 1));
    DO(bind(receiver, AT(path("mailbox"))));
    VALUE(sendto(sender, "nameless", 8, 0, AT(path("mailbox"))));
    DO(bind(sender, AT(path("sender"))));
    VALUE(sendto(sender, "named", 5, 0, AT(path("mailbox"))));
    struct sockaddr_un from;
    socklen_t length = sizeof from;
    VALUE(recvfrom(receiver, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length));
    VALUE(length);
    length = sizeof from;
    VALUE(recvfrom(receiver, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length));
    VALUE(length);
    TEXT(from.sun_path, 6);
    DO(connect(sender, AT(path("mailbox"))));
    VALUE(send(sender, "connected", 9, 0));
    VALUE(recv(receiver, bytes, sizeof bytes, 0));
    /* One that is connected elsewhere does not hear others. */
    int third = socket(AF_UNIX, SOCK_DGRAM, 0);
    DO(connect(receiver, AT(path("sender"))));
    VALUE(sendto(third, "x", 1, 0, AT(path("mailbox"))));
    VALUE(send(sender, "mine", 4, 0));
    struct sockaddr none = { AF_UNSPEC, { 0 } };
    DO(connect(receiver, &none, sizeof none));
    VALUE(sendto(third, "now", 3, 0, AT(path("mailbox"))));
    DO(listen(receiver, 1));
    DO(accept(receiver, NULL, NULL));
    DO(connect(third, AT(path("plain"))));
    int stream = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(connect(stream, AT(path("mailbox"))));
    DO(close(receiver));
    VALUE(send(sender, "x", 1, 0));
    VALUE(send(sender, "x", 1, 0));
    VALUE(sendto(sender, "x", 1, 0, AT(path("mailbox"))));
    close(sender);
    close(third);
    close(stream);
}

static void full_mailbox(void)
{
    PART("a mailbox takes only so many");
    int receiver = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0), sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    DO(bind(receiver, AT(abstract("full"))));
    DO(connect(sender, AT(abstract("full"))));
    int sent = 0;
    while (sent < 1000 && send(sender, "x", 1, 0) == 1)
        sent++;
    IS(errno == EAGAIN && sent > 5 && sent < 1000);
    struct pollfd asked = { sender, POLLOUT, 0 };
    VALUE(poll(&asked, 1, 0));
    VALUE(recv(receiver, bytes, 1, 0));
    VALUE(poll(&asked, 1, 0));
    close(receiver);
    close(sender);
}

static void names(void)
{
    PART("names");
    int one = socket(AF_UNIX, SOCK_STREAM, 0), other = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(bind(one, AT(abstract("taken"))));
    DO(bind(other, AT(abstract("taken"))));
    show_name("abstract", one, getsockname);
    DO(close(one));
    DO(bind(other, AT(abstract("taken"))));
    close(other);
    one = socket(AF_UNIX, SOCK_DGRAM, 0);
    address.sun_family = AF_UNIX;
    DO(bind(one, AT(sizeof(sa_family_t))));
    struct sockaddr_un name;
    socklen_t length = sizeof name;
    DO(getsockname(one, (struct sockaddr *)&name, &length));
    IS(length == sizeof(sa_family_t) + 6 && name.sun_path[0] == 0);
    length = 4;
    DO(getsockname(one, (struct sockaddr *)&name, &length));
    IS(length == sizeof(sa_family_t) + 6);
    length = -1;
    DO(getsockname(one, (struct sockaddr *)&name, &length));
    close(one);
    one = socket(AF_UNIX, SOCK_STREAM, 0);
    DO(bind(one, AT(1)));
    DO(bind(one, AT(sizeof address + 1)));
    DO(bind(one, AT(200)));
    address.sun_family = AF_INET;
    DO(bind(one, AT(20)));
    DO(connect(one, AT(20)));
    DO(connect(one, AT(1)));
    DO(connect(one, AT(2)));
    /* A path may fill its array, without a NUL. */
    path("");
    memset(address.sun_path, 'p', sizeof address.sun_path);
    DO(bind(one, AT(sizeof address)));
    length = 0;
    DO(getsockname(one, (struct sockaddr *)&name, &length));
    VALUE(length);
    close(one);
}

int main(void)
{
    self = getpid();
    scratch();
    signal(SIGPIPE, SIG_IGN);
    listening();
    backlog();
    datagrams();
    full_mailbox();
    names();
    return 0;
}
