/*
 * POSIX message queues where nobody waits: names, flags, attributes, priorities, what a descriptor is.
 */
#include "ipc.h"
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>

static char name[32];
static char text[8192];

static long raw_open(const char *path, int flags, int mode, struct mq_attr *attributes)
{
    return syscall(SYS_mq_open, path, flags, mode, attributes);
}

static void state(mqd_t queue)
{
    struct mq_attr a;
    if (mq_getattr(queue, &a))
        printf("no attributes: %s\n", check_errno(errno));
    else
        printf("flags %lo, at most %ld of %ld bytes, has %ld\n", a.mq_flags, a.mq_maxmsg, a.mq_msgsize, a.mq_curmsgs);
}

static void names(void)
{
    PART("names");
    DO(raw_open("", O_RDWR | O_CREAT, 0600, NULL));
    DO(raw_open("a/b", O_RDWR | O_CREAT, 0600, NULL));
    DO(raw_open("/a", O_RDWR | O_CREAT, 0600, NULL));
    DO(raw_open(".", O_RDWR, 0600, NULL));
    DO(raw_open("..", O_RDWR | O_CREAT, 0600, NULL));
    DO(raw_open(NULL, O_RDWR, 0, NULL));
    DO(raw_open(NULL, O_RDWR | O_CREAT, 0, (struct mq_attr *)8));
    static char large[5000];
    memset(large, 'x', sizeof large - 1);
    DO(raw_open(large, O_RDWR | O_CREAT, 0600, NULL));
    large[256] = 0;
    DO(raw_open(large, O_RDWR | O_CREAT, 0600, NULL));
    DO(mq_open("relative", O_RDWR | O_CREAT, 0600, NULL));
    DO(mq_open(name, O_RDWR));
    DO(mq_unlink(name));
    DO(mq_unlink("/a/b"));
    DO(syscall(SYS_mq_unlink, "", 0));
    DO(syscall(SYS_mq_unlink, ".", 0));
    DO(syscall(SYS_mq_unlink, large, 0));
    DO(syscall(SYS_mq_unlink, NULL, 0));
}

static void descriptors(void)
{
    PART("descriptors");
    umask(027);
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK | O_TRUNC | O_APPEND, 0666, NULL);
    IS(queue >= 0);
    DO(mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0666, NULL));
    IS(mq_open(name, 3) == -1 && errno == EINVAL);
    BITS(fcntl(queue, F_GETFL));
    VALUE(fcntl(queue, F_GETFD));
    struct stat st;
    DO(fstat(queue, &st));
    printf("mode %o, %ld bytes, %ld links, %ld blocks\n", st.st_mode, (long)st.st_size, (long)st.st_nlink, (long)st.st_blocks);
    IS(st.st_uid == geteuid() && st.st_gid == getegid());
    mqd_t reader = mq_open(name, O_RDONLY), writer = mq_open(name, O_WRONLY), copy = dup(queue);
    DO(mq_send(reader, "x", 1, 0));
    DO(mq_receive(writer, text, sizeof text, NULL));
    DO(mq_send(writer, "by the writer", 13, 5));
    DO(mq_send(copy, "by the copy", 11, 7));
    state(reader);
    char shown[100] = "";
    VALUE(read(reader, shown, sizeof shown));
    printf("%s", shown);
    VALUE(read(reader, shown, sizeof shown));
    VALUE(pread(reader, shown, 10, 6));
    VALUE(lseek(reader, 0, SEEK_END));
    DO(write(writer, "x", 1));
    DO(read(writer, shown, 1));
    unsigned priority = 99;
    VALUE(mq_receive(reader, text, sizeof text, &priority));
    printf("%.13s of priority %u\n", text, priority);
    snprintf(shown, sizeof shown, "/proc/self/fd/%d", reader);
    char target[100] = "";
    readlink(shown, target, sizeof target - 1);
    IS(!strcmp(target, name));
    DO(fchmod(reader, 0444));
    IS(fstat(writer, &st) == 0 && (st.st_mode & 07777) == 0444);
    DO(mq_unlink(name));
    DO(mq_unlink(name));
    readlink(shown, target, sizeof target - 1);
    IS(!strncmp(target, name, strlen(name)) && !strcmp(target + strlen(name), " (deleted)"));
    IS(fstat(writer, &st) == 0 && st.st_nlink == 0);
    DO(mq_open(name, O_RDONLY));
    VALUE(mq_receive(reader, text, sizeof text, NULL));
    DO(mq_close(writer));
    DO(mq_close(writer));
    state(writer);
    mq_close(reader);
    mq_close(copy);
    mq_close(queue);
    int pipes[2];
    pipe(pipes);
    DO(mq_send(pipes[1], "x", 1, 0));
    DO(mq_receive(pipes[0], text, sizeof text, NULL));
    DO(mq_getattr(pipes[0], &(struct mq_attr){0}));
    DO(mq_notify(pipes[0], NULL));
    close(pipes[0]), close(pipes[1]);
}

static void attributes(void)
{
    PART("attributes");
    struct mq_attr a = {.mq_maxmsg = 0, .mq_msgsize = 10};
    DO(mq_open(name, O_RDWR | O_CREAT, 0600, &a));
    a.mq_maxmsg = 3, a.mq_msgsize = -1;
    DO(mq_open(name, O_RDWR | O_CREAT, 0600, &a));
    a.mq_maxmsg = 11, a.mq_msgsize = 10;
    DO(mq_open(name, O_RDWR | O_CREAT, 0600, &a));
    a.mq_maxmsg = 3, a.mq_msgsize = 8193;
    DO(mq_open(name, O_RDWR | O_CREAT, 0600, &a));
    a.mq_msgsize = 10, a.mq_flags = O_NONBLOCK, a.mq_curmsgs = 77;
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, &a);
    state(queue);
    a.mq_maxmsg = 9;
    mqd_t other = mq_open(name, O_RDWR | O_CREAT, 0600, &a);
    state(other);
    struct mq_attr old = {0};
    a = (struct mq_attr){.mq_flags = O_NONBLOCK, .mq_maxmsg = 1};
    DO(mq_setattr(queue, &a, &old));
    printf("old flags %lo\n", old.mq_flags);
    state(queue);
    state(other);
    a.mq_flags = O_NONBLOCK | O_APPEND;
    DO(mq_setattr(queue, &a, NULL));
    a.mq_flags = (long)1 << 40;
    DO(mq_setattr(queue, &a, NULL));
    DO(mq_setattr(-1, &a, NULL));
    a.mq_flags = 0;
    DO(mq_setattr(-1, &a, NULL));
    DO(syscall(SYS_mq_getsetattr, queue, NULL, NULL));
    DO(syscall(SYS_mq_getsetattr, queue, 8, NULL));
    DO(syscall(SYS_mq_getsetattr, queue, NULL, 8));
    DO(mq_send(queue, "12345678901", 11, 0));
    DO(mq_send(queue, "1234567890", 10, 0));
    DO(mq_send(queue, NULL, 1, 0));
    DO(mq_send(queue, "x", 1, 32768));
    DO(mq_send(-1, "x", 1, 32768));
    DO(mq_send(queue, "x", 1, 32767));
    DO(mq_send(queue, NULL, 0, 3));
    DO(mq_send(queue, "full", 4, 3));
    struct timespec odd = {0, 1000000000}, past = {1, 0}, before = {-1, 0};
    DO(mq_timedsend(queue, "x", 1, 0, &odd));
    DO(mq_timedsend(other, "x", 1, 0, &past));
    DO(mq_timedsend(other, "x", 1, 0, &before));
    DO(mq_timedsend(queue, "x", 1, 0, (struct timespec *)8));
    DO(mq_timedsend(-1, "x", 1, 40000, (struct timespec *)8));
    DO(mq_receive(queue, text, 9, NULL));
    DO(mq_timedreceive(queue, text, 10, NULL, &odd));
    VALUE(mq_timedreceive(queue, text, 10, NULL, &past));
    VALUE(mq_receive(queue, text, 10, NULL));
    DO(mq_receive(queue, NULL, 10, NULL));
    DO(mq_receive(queue, text, 10, NULL));
    DO(mq_timedreceive(other, text, 10, NULL, &past));
    mq_close(queue), mq_close(other);
    mq_unlink(name);
}

static void order(void)
{
    PART("priorities");
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, NULL);
    static const unsigned priorities[] = {3, 1, 3, 0, 9, 1, 32767, 0, 3, 9};
    for (unsigned i = 0; i < 10; i++) {
        char digit = (char)('0' + i);
        mq_send(queue, &digit, 1, priorities[i]);
    }
    DO(mq_send(queue, "x", 1, 0));
    for (;;) {
        unsigned priority;
        if (mq_receive(queue, text, sizeof text, &priority) != 1)
            break;
        printf("%c of %u\n", text[0], priority);
    }
    PART("readiness");
    struct pollfd poller = {.fd = queue, .events = POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM};
    VALUE(poll(&poller, 1, 0));
    BITS(poller.revents);
    for (int i = 0; i < 10; i++)
        mq_send(queue, "x", 1, 0);
    VALUE(poll(&poller, 1, 0));
    BITS(poller.revents);
    mq_receive(queue, text, sizeof text, NULL);
    VALUE(poll(&poller, 1, 0));
    BITS(poller.revents);
    int watcher = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
    DO(epoll_ctl(watcher, EPOLL_CTL_ADD, queue, &event));
    VALUE(epoll_wait(watcher, &event, 1, 0));
    VALUE(epoll_wait(watcher, &event, 1, 0));
    mq_receive(queue, text, sizeof text, NULL);
    VALUE(epoll_wait(watcher, &event, 1, 0));
    close(watcher);
    mq_close(queue);
    mq_unlink(name);
}

static int limited(void *unused)
{
    (void)unused;
    struct rlimit limit = {100000, 100000};
    setrlimit(RLIMIT_MSGQUEUE, &limit);
    setgid(4711);
    setuid(4711);
    mqd_t first = mq_open(name, O_RDWR | O_CREAT, 0600, NULL);
    IS(first >= 0);
    char other[40];
    snprintf(other, sizeof other, "%s-2", name);
    DO(mq_open(other, O_RDWR | O_CREAT, 0600, NULL));
    struct mq_attr a = {.mq_maxmsg = 10, .mq_msgsize = 1616};
    DO(mq_open(other, O_RDWR | O_CREAT, 0600, &a));
    a.mq_msgsize = 1616 - 1;
    mqd_t second = mq_open(other, O_RDWR | O_CREAT, 0600, &a);
    IS(second >= 0);
    DO(mq_unlink(name));
    a = (struct mq_attr){.mq_maxmsg = 1, .mq_msgsize = 1000};
    DO(mq_open(name, O_RDWR | O_CREAT, 0600, &a));
    mq_close(first);
    mqd_t third = mq_open(name, O_RDWR | O_CREAT, 0600, &a);
    IS(third >= 0);
    mq_unlink(other);
    return 0;
}

static int stranger(void *unused)
{
    (void)unused;
    setgid(4712);
    setuid(4712);
    DO(mq_open(name, O_RDONLY));
    DO(mq_open(name, O_WRONLY));
    DO(mq_open(name, O_RDWR));
    DO(mq_open(name, O_RDONLY | O_CREAT, 0600, NULL));
    DO(mq_unlink(name));
    return 0;
}

int main(void)
{
    drop_capability(CAP_SYS_RESOURCE);
    snprintf(name, sizeof name, "/guest-%d", (int)getpid());
    mq_unlink(name);
    names();
    descriptors();
    attributes();
    order();
    PART("limits");
    end_of(in_child(limited, NULL));
    PART("permissions");
    end_of(in_child(stranger, NULL));
    mq_unlink(name);
    umask(0);
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0604, NULL);
    end_of(in_child(stranger, NULL));
    mq_close(queue);
    mq_unlink(name);
    show_file("/proc/sys/fs/mqueue/msg_max");
    show_file("/proc/sys/fs/mqueue/msgsize_default");
    return 0;
}
