/* Files that no path leads to: attributes that change, AT_EMPTY_PATH, statfs. */
#include "check.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/vfs.h>

static void attributes(const char *what, int fd)
{
    struct stat now;
    fstat(fd, &now);
    printf("%s: mode %o uid %d gid %d mtime %ld\n", what, now.st_mode, now.st_uid, now.st_gid, (long)now.st_mtime);
}

static void changed(int fd)
{
    DO(fchmod(fd, 0640));
    DO(fchown(fd, 7, 8));
    DO(fchownat(fd, "", -1, 9, AT_EMPTY_PATH));
    struct timespec times[2] = {{100, 0}, {200, 5}};
    DO(futimens(fd, times));
}

static void kind(int fd)
{
    struct statfs fs;
    DO(fstatfs(fd, &fs));
    printf("type %lx, names of %ld bytes\n", (unsigned long)fs.f_type, (long)fs.f_namelen);
}

static void by_descriptor(int fd)
{
    char target[9];
    DO(faccessat(fd, "", F_OK, AT_EMPTY_PATH));
    DO(syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH));
    DO(readlinkat(fd, "", target, sizeof target));
    DO(openat(fd, "file", O_RDONLY));
    DO(syscall(SYS_execveat, fd, "", NULL, NULL, AT_EMPTY_PATH));
}

int main(void)
{
    int ends[2], pair[2];
    pipe(ends);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    PART("pipe");
    changed(ends[0]);
    attributes("the other end", ends[1]);
    kind(ends[0]);
    by_descriptor(ends[0]);
    PART("socket");
    changed(pair[0]);
    attributes("itself", pair[0]);
    kind(pair[0]);
    by_descriptor(pair[0]);
    PART("event counter");
    int event = eventfd(0, 0);
    kind(event);
    by_descriptor(event);
    PART("epoll set");
    kind(epoll_create1(0));
    return 0;
}
