/*
 * Ancillary messages (unix(7), cmsg(3)): descriptors and credentials that travel between processes.
 */
#include "check.h"
#include <sys/socket.h>
#include <sys/wait.h>

static int a, b;
static char bytes[64];

struct control {
    _Alignas(struct cmsghdr) char room[256];
    size_t length;
};

static void add(struct control *control, int type, const void *data, size_t length)
{
    struct cmsghdr *header = (struct cmsghdr *)(control->room + control->length);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(header), data, length);
    control->length += CMSG_SPACE(length);
}

static long send_with(int fd, const char *text, struct control *control)
{
    struct iovec part = { (void *)text, strlen(text) };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    if (control) {
        message.msg_control = control->room;
        message.msg_controllen = control->length;
    }
    return sendmsg(fd, &message, 0);
}

static int got_fds[8], got_count;
static struct ucred got_cred;

/* Receives, prints what came with the bytes, and keeps the descriptors. */
static long receive(int fd, size_t room, size_t control_room, int flags)
{
    static struct control control;
    struct iovec part = { bytes, room };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = control_room };
    long got = recvmsg(fd, &message, flags);
    got_count = 0;
    if (got < 0)
        return got;
    printf("  flags %#x, control %d bytes\n", message.msg_flags & ~MSG_CMSG_CLOEXEC, (int)message.msg_controllen);
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        printf("  message %d, level %d, length %d\n", header->cmsg_type, header->cmsg_level, (int)header->cmsg_len);
        if (header->cmsg_type == SCM_RIGHTS) {
            got_count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            memcpy(got_fds, CMSG_DATA(header), got_count * sizeof(int));
        } else {
            memcpy(&got_cred, CMSG_DATA(header), sizeof got_cred);
        }
    }
    return got;
}

static void close_got(void)
{
    while (got_count)
        close(got_fds[--got_count]);
}

static void pair(int type)
{
    int ends[2];
    DO(socketpair(AF_UNIX, type, 0, ends));
    a = ends[0];
    b = ends[1];
}

static void rights(void)
{
    PART("descriptors");
    pair(SOCK_STREAM);
    int file = open("passed", O_RDWR | O_CREAT, 0600), ends[2];
    VALUE(write(file, "content", 7));
    DO(pipe(ends));
    struct control control = { .length = 0 };
    int both[2] = { file, ends[1] };
    add(&control, SCM_RIGHTS, both, sizeof both);
    VALUE(send_with(a, "two files", &control));
    DO(close(file));
    DO(close(ends[1]));
    VALUE(receive(b, sizeof bytes, sizeof control.room, MSG_CMSG_CLOEXEC));
    VALUE(got_count);
    VALUE(fcntl(got_fds[0], F_GETFD));
    VALUE(lseek(got_fds[0], 0, SEEK_CUR));
    VALUE(write(got_fds[1], "through", 7));
    VALUE(read(ends[0], bytes, sizeof bytes));
    close_got();
    VALUE(read(ends[0], bytes, sizeof bytes));
    close(ends[0]);
    /* A read ends behind a message with descriptors, and joins what came before. */
    int null = open("/dev/null", O_RDWR);
    VALUE(send_with(a, "plain", NULL));
    control.length = 0;
    add(&control, SCM_RIGHTS, &null, sizeof null);
    VALUE(send_with(a, "with", &control));
    VALUE(send_with(a, "behind", NULL));
    VALUE(receive(b, sizeof bytes, sizeof control.room, MSG_PEEK));
    VALUE(got_count);
    close_got();
    VALUE(receive(b, sizeof bytes, sizeof control.room, 0));
    VALUE(got_count);
    VALUE(fcntl(got_fds[0], F_GETFD));
    close_got();
    VALUE(receive(b, sizeof bytes, sizeof control.room, 0));
    /* Who has no room for them, or does not look, loses them. */
    for (int i = 0; i < 4; i++)
        VALUE(send_with(a, "lost", &control));
    VALUE(receive(b, 4, CMSG_LEN(0), 0));
    VALUE(receive(b, 4, 0, 0));
    VALUE(read(b, bytes, 4));
    VALUE(receive(b, 2, sizeof control.room, 0));
    VALUE(got_count);
    close_got();
    VALUE(receive(b, sizeof bytes, sizeof control.room, 0));
    control.length = 0;
    int three[3] = { null, null, null };
    add(&control, SCM_RIGHTS, three, sizeof three);
    VALUE(send_with(a, "three", &control));
    VALUE(receive(b, sizeof bytes, CMSG_LEN(2 * sizeof(int)), 0));
    VALUE(got_count);
    close_got();
    close(a);
    close(b);
    close(null);
}

static void refused(void)
{
    PART("what is refused");
    pair(SOCK_DGRAM);
    struct control control = { .length = 0 };
    int bad = 999;
    add(&control, SCM_RIGHTS, &bad, sizeof bad);
    VALUE(send_with(a, "x", &control));
    control.length = 0;
    add(&control, 77, &bad, sizeof bad);
    VALUE(send_with(a, "x", &control));
    ((struct cmsghdr *)control.room)->cmsg_level = SOL_SOCKET + 1;
    VALUE(send_with(a, "x", &control));
    VALUE(receive(b, sizeof bytes, sizeof control.room, 0));
    ((struct cmsghdr *)control.room)->cmsg_len = 3;
    VALUE(send_with(a, "x", &control));
    struct msghdr message = { .msg_iovlen = 2000 };
    VALUE(sendmsg(a, &message, 0));
    message.msg_iovlen = 1;
    message.msg_iov = (void *)8;
    VALUE(sendmsg(a, &message, 0));
    VALUE(sendmsg(a, (void *)8, 0));
    VALUE(recvmsg(a, (void *)8, MSG_DONTWAIT));
    VALUE(sendmsg(1000, &message, 0));
    int plain = open("passed", O_RDWR);
    VALUE(send(plain, "x", 1, 0));
    close(plain);
    close(a);
    close(b);
}

static void credentials(void)
{
    PART("credentials");
    pair(SOCK_STREAM);
    struct ucred peer;
    socklen_t length = sizeof peer;
    DO(getsockopt(a, SOL_SOCKET, SO_PEERCRED, &peer, &length));
    IS(peer.pid == getpid() && peer.uid == geteuid() && peer.gid == getegid());
    int on = 1;
    DO(setsockopt(b, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    VALUE(send_with(a, "mine", NULL));
    VALUE(receive(b, sizeof bytes, 256, 0));
    IS(got_cred.pid == getpid() && got_cred.uid == getuid() && got_cred.gid == getgid());
    pid_t child = fork();
    if (child == 0) {
        VALUE(send_with(a, "child's", NULL));
        _exit(0);
    }
    waitpid(child, NULL, 0);
    VALUE(send_with(a, "parent's", NULL));
    /* A read does not join what different processes wrote. */
    VALUE(recv(b, bytes, sizeof bytes, 0));
    VALUE(recv(b, bytes, sizeof bytes, 0));
    struct ucred said = { getpid(), getuid(), getgid() };
    struct control control = { .length = 0 };
    add(&control, SCM_CREDENTIALS, &said, sizeof said);
    VALUE(send_with(a, "said", &control));
    VALUE(receive(b, sizeof bytes, 256, 0));
    IS(got_cred.pid == getpid());
    DO(close(a));
    VALUE(receive(b, sizeof bytes, 256, MSG_DONTWAIT));
    close(b);
}

int main(void)
{
    scratch();
    rights();
    refused();
    credentials();
    return 0;
}
