/*
 * inotify(7): what is told of files and directories, in which order, and how watches change and end.
 */
#include "check.h"
#include <dirent.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

static int watcher;
static uint32_t cookie;

static const struct {
    uint32_t bit;
    const char *name;
} BITS_OF[] = {{IN_ACCESS, "ACCESS"}, {IN_MODIFY, "MODIFY"}, {IN_ATTRIB, "ATTRIB"}, {IN_CLOSE_WRITE, "CLOSE_WRITE"},
    {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {IN_OPEN, "OPEN"}, {IN_MOVED_FROM, "MOVED_FROM"}, {IN_MOVED_TO, "MOVED_TO"},
    {IN_CREATE, "CREATE"}, {IN_DELETE, "DELETE"}, {IN_DELETE_SELF, "DELETE_SELF"}, {IN_MOVE_SELF, "MOVE_SELF"},
    {IN_Q_OVERFLOW, "Q_OVERFLOW"}, {IN_IGNORED, "IGNORED"}, {IN_ISDIR, "ISDIR"}, {IN_UNMOUNT, "UNMOUNT"}};

/* Prints all events that wait. */
static void events(const char *what)
{
    static char buffer[1 << 16] __attribute__((aligned(8)));
    printf("%s:\n", what);
    for (;;) {
        ssize_t length = read(watcher, buffer, sizeof buffer);
        if (length <= 0)
            return;
        for (char *at = buffer; at < buffer + length;) {
            struct inotify_event *event = (struct inotify_event *)at;
            printf("  %d", event->wd);
            for (unsigned i = 0; i < sizeof BITS_OF / sizeof BITS_OF[0]; i++)
                if (event->mask & BITS_OF[i].bit)
                    printf(" %s", BITS_OF[i].name);
            if (event->cookie)
                printf(event->cookie == cookie ? ", same cookie" : ", a cookie");
            cookie = event->cookie ? event->cookie : cookie;
            if (event->len)
                printf(" \"%s\" in %u", event->name, event->len);
            printf("\n");
            at += sizeof *event + event->len;
        }
    }
}

static void files(void)
{
    PART("a file in a watched directory");
    VALUE(inotify_add_watch(watcher, "d", IN_ALL_EVENTS));
    int fd = open("d/file", O_RDWR | O_CREAT, 0644);
    events("open with O_CREAT");
    char bytes[100];
    write(fd, "hello", 5);
    write(fd, "", 0);
    events("write, write of nothing");
    read(fd, bytes, 1);
    pread(fd, bytes, 2, 0);
    pread(fd, bytes, 0, 0);
    events("read at the end, pread, pread of nothing");
    ftruncate(fd, 2);
    truncate("d/file", 2);
    fchmod(fd, 0600);
    chown("d/file", (uid_t)-1, (gid_t)-1);
    chown("d/file", geteuid(), (gid_t)-1);
    events("ftruncate, truncate, fchmod, chown of nobody, chown");
    struct timespec times[2] = {{1, 0}, {2, 0}};
    utimensat(AT_FDCWD, "d/file", times, 0);
    events("utimensat of both");
    times[0].tv_nsec = UTIME_OMIT;
    utimensat(AT_FDCWD, "d/file", times, 0);
    events("utimensat of mtime");
    times[0].tv_nsec = 0, times[1].tv_nsec = UTIME_OMIT;
    utimensat(AT_FDCWD, "d/file", times, 0);
    events("utimensat of atime");
    posix_fallocate(fd, 0, 100);
    events("fallocate");
    int copy = dup(fd);
    close(fd);
    events("close of one descriptor");
    close(copy);
    events("close of the last one");
    close(open("d/file", O_RDONLY));
    close(open("d/file", O_WRONLY | O_TRUNC));
    events("open to read; open to write with O_TRUNC");
    close(open("d/file", O_PATH));
    DO(open("d/file", O_CREAT | O_EXCL, 0600));
    DO(open("d/none", O_RDONLY));
    struct stat st;
    stat("d/file", &st);
    events("O_PATH, opens that fail, stat");
    link("d/file", "d/other");
    symlink("file", "d/link");
    events("link, symlink");
    close(open("d/link", O_RDONLY));
    events("open of a link");
    unlink("d/other");
    unlink("d/link");
    events("unlink");
    mkdir("d/sub", 0755);
    close(open("d/sub/below", O_CREAT | O_WRONLY, 0600));
    chmod("d/sub", 0700);
    events("mkdir, a file below, chmod");
    DIR *directory = opendir("d/sub");
    readdir(directory);
    closedir(directory);
    events("reading a directory");
    unlink("d/sub/below");
    rmdir("d/sub");
    events("rmdir");
    rename("d/file", "d/new");
    events("rename within");
    rename("d/new", "new");
    events("rename out");
    rename("new", "d/file");
    events("rename in");
    close(open("d/second", O_CREAT | O_WRONLY, 0600));
    rename("d/file", "d/second");
    events("rename over a file");
    directory = opendir("d");
    while (readdir(directory))
        ;
    closedir(directory);
    chmod("d", 0711);
    events("the directory itself");
}

static void selves(void)
{
    PART("a file that is watched itself");
    put_file("self", "text");
    VALUE(inotify_add_watch(watcher, "self", IN_ALL_EVENTS));
    link("self", "name");
    events("another name");
    unlink("self");
    events("the first name goes");
    rename("name", "self");
    events("moved");
    int fd = open("self", O_RDWR);
    unlink("self");
    events("unlinked while open");
    write(fd, "x", 1);
    fchmod(fd, 0600);
    close(fd);
    events("closed");
    put_file("self", "text");
    put_file("over", "text");
    VALUE(inotify_add_watch(watcher, "over", IN_ALL_EVENTS));
    VALUE(inotify_add_watch(watcher, "self", IN_ALL_EVENTS));
    rename("self", "over");
    events("moved over a watched one");
    unlink("over");
    events("unlinked");
    mkdir("dir", 0700);
    VALUE(inotify_add_watch(watcher, "dir", IN_ALL_EVENTS));
    rename("dir", "moved");
    rmdir("moved");
    events("a directory moved and removed");
    PART("a file and its directory");
    put_file("d/both", "text");
    events("made");
    VALUE(inotify_add_watch(watcher, "d/both", IN_ALL_EVENTS));
    fd = open("d/both", O_RDWR);
    write(fd, "x", 1);
    close(fd);
    events("written");
    rename("d/both", "d/too");
    unlink("d/too");
    events("moved and unlinked");
}

static void watches(void)
{
    PART("watches");
    DO(inotify_add_watch(watcher, "d", 0));
    DO(inotify_add_watch(watcher, "d", 0x00001000));
    DO(inotify_add_watch(watcher, "none", IN_OPEN));
    DO(inotify_add_watch(-1, "none", IN_OPEN));
    DO(inotify_add_watch(-1, "none", 0));
    DO(inotify_add_watch(0, "d", IN_OPEN));
    DO(inotify_add_watch(watcher, "d", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
    DO(inotify_add_watch(0, "d", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
    DO(inotify_add_watch(watcher, NULL, IN_OPEN));
    put_file("plain", "text");
    DO(inotify_add_watch(watcher, "plain", IN_OPEN | IN_ONLYDIR));
    int one = inotify_add_watch(watcher, "plain", IN_OPEN);
    IS(inotify_add_watch(watcher, "plain", IN_CLOSE) == one);
    close(open("plain", O_RDONLY));
    events("replaced");
    IS(inotify_add_watch(watcher, "plain", IN_OPEN | IN_MASK_ADD) == one);
    close(open("plain", O_RDONLY));
    events("added");
    DO(inotify_add_watch(watcher, "plain", IN_OPEN | IN_MASK_CREATE));
    symlink("plain", "to-plain");
    IS(inotify_add_watch(watcher, "to-plain", IN_OPEN) == one);
    int link = inotify_add_watch(watcher, "to-plain", IN_ALL_EVENTS | IN_DONT_FOLLOW);
    IS(link > one);
    unlink("to-plain");
    events("a link");
    IS(inotify_add_watch(watcher, "plain", IN_ALL_EVENTS | IN_ONESHOT) == one);
    close(open("plain", O_RDONLY));
    events("once");
    DO(inotify_rm_watch(watcher, one));
    DO(inotify_rm_watch(watcher, -1));
    DO(inotify_rm_watch(-1, one));
    DO(inotify_rm_watch(0, one));
    one = inotify_add_watch(watcher, "plain", IN_OPEN);
    close(open("plain", O_RDONLY));
    DO(inotify_rm_watch(watcher, one));
    close(open("plain", O_RDONLY));
    events("removed");
    PART("what is unlinked");
    inotify_rm_watch(watcher, 1);
    events("removed");
    for (int i = 0; i < 2; i++) {
        int wd = inotify_add_watch(watcher, "d", IN_MODIFY | IN_CLOSE | (i ? IN_EXCL_UNLINK : 0));
        int fd = open("d/gone", O_RDWR | O_CREAT, 0600);
        write(fd, "x", 1);
        unlink("d/gone");
        write(fd, "x", 1);
        fchmod(fd, 0644);
        close(fd);
        printf("%s", wd > 0 ? "" : "no watch\n");
        events(i ? "left out" : "told");
        inotify_rm_watch(watcher, wd);
        events("removed");
    }
}

static void reading(void)
{
    PART("reading");
    char buffer[256];
    DO(inotify_init1(1));
    int fd = inotify_init1(IN_CLOEXEC);
    VALUE(fcntl(fd, F_GETFD));
    BITS(fcntl(fd, F_GETFL));
    close(fd);
    DO(read(watcher, buffer, sizeof buffer));
    DO(write(watcher, buffer, 1));
    int left = -1;
    DO(ioctl(watcher, FIONREAD, &left));
    VALUE(left);
    struct pollfd poller = {.fd = watcher, .events = POLLIN | POLLOUT | POLLRDNORM};
    VALUE(poll(&poller, 1, 0));
    inotify_add_watch(watcher, "d", IN_CREATE | IN_DELETE);
    put_file("d/sixteen-letters", "");
    put_file("d/short", "");
    VALUE(poll(&poller, 1, 0));
    BITS(poller.revents);
    ioctl(watcher, FIONREAD, &left);
    VALUE(left);
    DO(read(watcher, buffer, 16));
    DO(read(watcher, buffer, 47));
    VALUE(read(watcher, buffer, 60));
    ioctl(watcher, FIONREAD, &left);
    VALUE(left);
    events("the rest");
    PART("the same again and again");
    inotify_add_watch(watcher, "d/short", IN_MODIFY | IN_ATTRIB);
    fd = open("d/short", O_WRONLY);
    for (int i = 0; i < 5; i++)
        write(fd, "x", 1);
    fchmod(fd, 0600);
    write(fd, "x", 1);
    events("five writes, a chmod, a write");
    PART("too many");
    for (int i = 0; i < 9000; i++) {
        write(fd, "x", 1);
        fchmod(fd, 0600);
    }
    close(fd);
    long count = 0, last = 0;
    for (;;) {
        char many[4096] __attribute__((aligned(8)));
        ssize_t length = read(watcher, many, sizeof many);
        if (length <= 0)
            break;
        for (char *at = many; at < many + length; at += sizeof(struct inotify_event) + ((struct inotify_event *)at)->len) {
            last = ((struct inotify_event *)at)->mask;
            count++;
        }
    }
    printf("%ld events, the last %#lx\n", count, last);
    show_file("/proc/sys/fs/inotify/max_queued_events");
}

int main(void)
{
    scratch();
    mkdir("d", 0755);
    watcher = inotify_init1(IN_NONBLOCK);
    IS(watcher >= 0);
    files();
    selves();
    watches();
    reading();
    int waiting = inotify_init();
    inotify_add_watch(waiting, "d", IN_CREATE);
    pid_t pid = fork();
    if (pid == 0) {
        usleep(20000);
        close(open("d/from-child", O_CREAT | O_WRONLY, 0600));
        _exit(0);
    }
    char buffer[256];
    VALUE(read(waiting, buffer, sizeof buffer));
    waitpid(pid, NULL, 0);
    return 0;
}
