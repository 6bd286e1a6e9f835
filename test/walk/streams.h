/* Pipes, sockets, eventfds, and who watches them: poll and epoll. Nothing here waits. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ENDS 10

static int ends[ENDS], watchers[2];
static unsigned char bytes[300000], received[300000];

static int any_end(void)
{
    return ONE_OF(ends);
}

static void put(int index, int fd)
{
    if (ends[index] >= 0)
        close(ends[index]);
    ends[index] = fd;
}

static void make_pair(void)
{
    static const int kinds[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    int pair[2], one = pick(ENDS), other = pick(ENDS);
    if (one == other)
        return;
    switch (pick(4)) {
    case 0:
        if (pipe2(pair, O_NONBLOCK) < 0)
            return;
        break;
    case 1: {
        int flags = EFD_NONBLOCK | (rarely(2) ? EFD_SEMAPHORE : 0), fd = eventfd(pick(3), flags);
        put(one, fd);
        told(fd, "eventfd at %d", one);
        return;
    }
    default: {
        int kind = ONE_OF(kinds);
        if (socketpair(AF_UNIX, kind | SOCK_NONBLOCK, 0, pair) < 0)
            return;
        told(0, "sockets of kind %d", kind);
    }
    }
    put(one, pair[0]);
    put(other, pair[1]);
    told(0, "pair %d at %d, %d at %d", pair[0], one, pair[1], other);
}

static void send_some(void)
{
    static const size_t lengths[] = {1, 8, 100, 4096, 5000, 65536, 200000};
    int fd = any_end();
    size_t length = ONE_OF(lengths);
    fill(bytes, length);
    if (rarely(3))
        told(send(fd, bytes, length, MSG_NOSIGNAL | (rarely(3) ? MSG_EOR : 0)), "send %d %zu", fd, length);
    else
        told(write(fd, bytes, length), "write %d %zu", fd, length);
}

static void take_some(void)
{
    static const size_t lengths[] = {0, 1, 7, 8, 100, 4096, 70000, 300000};
    static const int flags[] = {0, MSG_PEEK, MSG_TRUNC, MSG_WAITALL, MSG_PEEK | MSG_TRUNC, MSG_DONTWAIT};
    int fd = any_end();
    size_t length = ONE_OF(lengths);
    long result;
    memset(received, 0, 1000);
    if (rarely(2)) {
        int flag = ONE_OF(flags);
        result = recv(fd, received, length, flag);
        told(result, "recv %d %zu %#x %08x", fd, length, flag, digest(received, 1000));
    } else {
        result = read(fd, received, length);
        told(result, "read %d %zu %08x", fd, length, digest(received, 1000));
    }
}

static void ask_end(void)
{
    int fd = any_end(), value = -1;
    socklen_t length = sizeof value;
    switch (pick(9)) {
    case 0:
    case 1: {
        long result = ioctl(fd, FIONREAD, &value);
        told(result, "fionread %d %d", fd, result < 0 ? 0 : value);
        return;
    }
    case 2: {
        int how = (int)pick(4);
        told(shutdown(fd, how), "shutdown %d %d", fd, how);
        return;
    }
    case 3: {
        long result = getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &length);
        told(result, "error %d %d", fd, result < 0 ? 0 : value);
        return;
    }
    case 4: {
        static const int sizes[] = {1, 4096, 4097, 65536, 100000, 1048576};
        int size = ONE_OF(sizes);
        told(fcntl(fd, F_SETPIPE_SZ, size), "setpipe %d %d", fd, size);
        return;
    }
    case 5:
        told(fcntl(fd, F_GETPIPE_SZ), "getpipe %d", fd);
        return;
    case 6: {
        int from = any_end(), to = any_end();
        static const size_t lengths[] = {1, 100, 4096, 70000};
        size_t amount = ONE_OF(lengths);
        if (rarely(2))
            told(splice(from, NULL, to, NULL, amount, SPLICE_F_NONBLOCK), "splice %d %d %zu", from, to, amount);
        else
            told(tee(from, to, amount, SPLICE_F_NONBLOCK), "tee %d %d %zu", from, to, amount);
        return;
    }
    case 7: {
        int index = pick(ENDS);
        told(ends[index] < 0 ? 0 : close(ends[index]), "close %d", ends[index]);
        ends[index] = -1;
        return;
    }
    default: {
        int from = any_end(), index = pick(ENDS), copy = dup(from);
        told(copy, "dup %d at %d", from, index);
        if (copy >= 0)
            put(index, copy);
    }
    }
}

/*
 * A descriptor through a socket: what came is put in a slot, and told by what fstat says of it. No sockets: they may form rings,
 * which Linux ends when it has time to.
 */
static void pass_fd(void)
{
    int socket = any_end(), passed = any_end(), index = pick(ENDS);
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 'x';
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct stat st;
    if (fstat(passed, &st) < 0 || S_ISSOCK(st.st_mode))
        return;
    if (rarely(2)) {
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(header), &passed, sizeof passed);
        told(sendmsg(socket, &message, MSG_NOSIGNAL), "pass %d over %d", passed, socket);
        return;
    }
    long result = recvmsg(socket, &message, 0);
    struct cmsghdr *header = result < 0 ? NULL : CMSG_FIRSTHDR(&message);
    told(result, "recvmsg %d flags %#x control %d", socket, result < 0 ? 0 : message.msg_flags, header != NULL);
    if (!header || header->cmsg_type != SCM_RIGHTS)
        return;
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    result = fstat(fd, &st);
    told(result, "came %d type %o", fd, st.st_mode & S_IFMT);
    put(index, fd);
}

static void poll_all(void)
{
    struct pollfd set[ENDS];
    char line[200] = "";
    for (int i = 0; i < ENDS; i++)
        set[i] = (struct pollfd){.fd = ends[i], .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP};
    long result = poll(set, ENDS, 0);
    for (int i = 0; i < ENDS; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), " %x", set[i].revents);
    told(result, "poll%s", line);
}

static void watch(void)
{
    static const int operations[] = {EPOLL_CTL_ADD, EPOLL_CTL_ADD, EPOLL_CTL_MOD, EPOLL_CTL_DEL};
    /* What is edge-triggered may be told more often than it happens: not compared. */
    static const unsigned ways[] = {0, 0, EPOLLONESHOT, EPOLLEXCLUSIVE};
    static const unsigned masks[] = {EPOLLIN, EPOLLOUT, EPOLLIN | EPOLLOUT, EPOLLIN | EPOLLRDHUP, 0};
    int index = pick(ENDS), operation = ONE_OF(operations), watcher = ONE_OF(watchers);
    unsigned mask = ONE_OF(masks) | ONE_OF(ways);
    int fd = rarely(15) ? watchers[0] : ends[index];
    struct epoll_event event = {.events = mask, .data.u32 = (unsigned)index};
    told(epoll_ctl(watcher, operation, fd, &event), "watch %d %d fd %d at %d for %x", watcher, operation, fd, index, mask);
}

static int by_data(const void *one, const void *other)
{
    return (int)((const struct epoll_event *)one)->data.u32 - (int)((const struct epoll_event *)other)->data.u32;
}

static void collect(void)
{
    struct epoll_event events[32];
    int watcher = ONE_OF(watchers);
    char line[800] = "";
    long result = epoll_wait(watcher, events, COUNT(events), 0);
    if (result > 0)
        qsort(events, (size_t)result, sizeof events[0], by_data);
    for (long i = 0; i < result; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), " %u:%x", events[i].data.u32, events[i].events);
    told(result, "collect %d%s", watcher, line);
}

static void begin_streams(void)
{
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < ENDS; i++)
        ends[i] = -1;
    for (int i = 0; i < COUNT(watchers); i++)
        watchers[i] = epoll_create1(0);
}

static void walk_streams(void)
{
    switch (pick(16)) {
    case 0:
    case 1:
        make_pair();
        return;
    case 2:
    case 3:
    case 4:
        send_some();
        return;
    case 5:
    case 6:
    case 7:
        take_some();
        return;
    case 8:
    case 9:
        ask_end();
        return;
    case 10:
        pass_fd();
        return;
    case 11:
    case 12:
        poll_all();
        return;
    case 13:
        watch();
        return;
    default:
        collect();
    }
}
