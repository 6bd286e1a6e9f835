/* Sockets that are only in queues which nobody can read any more are closed, with all that is on its way there. */
#include "check.h"
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void pass(int socket, const int *fds, int count)
{
    char control[CMSG_SPACE(4 * sizeof(int))] = {0}, byte = 'x';
    struct iovec part = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    DO(sendmsg(socket, &message, 0) == 1 ? 0 : -1);
}

static int take(int socket)
{
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte;
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    DO(recvmsg(socket, &message, 0) == 1 ? 0 : -1);
    int fd;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

static void close_pair(const int *pair)
{
    close(pair[0]);
    close(pair[1]);
}

/* Linux collects when some socket is closed, and not at once. */
static int is_hung_up(int fd)
{
    for (int i = 0; i < 200; i++) {
        int pair[2];
        struct pollfd one = {.fd = fd, .events = POLLIN};
        if (poll(&one, 1, 10) == 1)
            return one.revents == POLLHUP;
        socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
        close_pair(pair);
    }
    return 0;
}

int main(void)
{
    int ends[2], pair[2], other[2];

    PART("a socket in its own queue");
    DO(pipe(ends));
    DO(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    pass(pair[0], (int[]){pair[1], ends[1]}, 2);
    close(ends[1]);
    close_pair(pair);
    IS(is_hung_up(ends[0]));
    close(ends[0]);

    PART("two sockets in each other's queue");
    DO(pipe(ends));
    DO(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
    DO(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, other));
    pass(pair[0], (int[]){other[1]}, 1);
    pass(other[0], (int[]){pair[1], ends[1]}, 2);
    close(ends[1]);
    close_pair(pair);
    close_pair(other);
    IS(is_hung_up(ends[0]));
    close(ends[0]);

    PART("a socket that is on its way to one that can be read");
    DO(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    DO(socketpair(AF_UNIX, SOCK_STREAM, 0, other));
    pass(pair[0], (int[]){pair[1]}, 1);
    pass(other[0], (int[]){pair[1]}, 1);
    close_pair(pair);
    int back = take(other[1]);
    int again = take(back);
    char byte;
    IS(again >= 0 && read(again, &byte, 1) == 0);
    close(back);
    close(again);
    close_pair(other);
    return 0;
}
