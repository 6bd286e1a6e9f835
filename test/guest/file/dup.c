/* dup(2), dup2(2), dup3(2), fcntl(2): descriptor numbers, shared offsets, flags, limits. */
#include "check.h"
#include <sys/resource.h>

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027
#endif

int main(void)
{
    scratch();
    put_file("file", "0123456789");

    PART("the lowest number is taken");
    int a = VALUE(open("file", O_RDONLY));
    VALUE(dup(a));
    VALUE(dup(a));
    DO(close(a + 1));
    VALUE(open("file", O_RDONLY));
    VALUE(dup2(a, a + 7));
    VALUE(dup(a));
    VALUE(fcntl(a, F_DUPFD, a + 5));
    VALUE(fcntl(a, F_DUPFD, a + 7));
    DO(fcntl(a, F_DUPFD, -1));
    DO(dup(-1));
    DO(dup2(-1, 5));
    DO(dup2(a, -1));
    VALUE(dup2(a, a));
    DO(dup2(a + 100, a + 100));
    DO(dup3(a, a, 0));
    DO(dup3(a, a + 1, 1));
    DO(dup3(a, a + 1, O_CLOEXEC));
    VALUE(fcntl(a + 1, F_GETFD));

    PART("one offset and one set of status flags");
    int b = dup(a), other = open("file", O_RDONLY);
    VALUE(lseek(a, 4, SEEK_SET));
    VALUE(lseek(b, 0, SEEK_CUR));
    VALUE(lseek(other, 0, SEEK_CUR));
    DO(fcntl(a, F_SETFL, O_NONBLOCK | O_APPEND));
    IS(fcntl(b, F_GETFL) & O_NONBLOCK);
    IS(fcntl(b, F_GETFL) & O_APPEND);
    IS(fcntl(other, F_GETFL) & O_NONBLOCK);
    DO(close(a));
    VALUE(lseek(b, 0, SEEK_CUR));

    PART("descriptor flags are each descriptor's own");
    DO(fcntl(b, F_SETFD, FD_CLOEXEC));
    VALUE(fcntl(b, F_GETFD));
    VALUE(fcntl(dup(b), F_GETFD));
    int c = fcntl(b, F_DUPFD_CLOEXEC, 0);
    VALUE(fcntl(c, F_GETFD));
    VALUE(fcntl(open("file", O_RDONLY | O_CLOEXEC), F_GETFD));
    DO(fcntl(b, F_SETFD, 0));
    VALUE(fcntl(b, F_GETFD));

    PART("F_GETFL");
    int rw = open("made", O_RDWR | O_CREAT | O_EXCL | O_TRUNC | O_APPEND, 0644);
    VALUE(fcntl(rw, F_GETFL) & O_ACCMODE);
    IS(fcntl(rw, F_GETFL) & O_APPEND);
    IS(fcntl(rw, F_GETFL) & (O_CREAT | O_EXCL | O_TRUNC));
    DO(fcntl(rw, F_SETFL, O_RDONLY));
    VALUE(fcntl(rw, F_GETFL) & O_ACCMODE);
    IS(fcntl(rw, F_GETFL) & O_APPEND);
    VALUE(fcntl(open("file", O_WRONLY), F_GETFL) & O_ACCMODE);
    int path = open("file", O_PATH);
    IS(fcntl(path, F_GETFL) & O_PATH);
    DO(fcntl(path, F_SETFL, 0));
    DO(fcntl(-1, F_GETFL));
    DO(fcntl(rw, 9999));

    PART("closing twice, closing a range");
    DO(close(rw));
    DO(close(rw));
    for (int fd = 30; fd < 40; fd++)
        dup2(b, fd);
    DO(syscall(436 /* close_range */, 33, 36, 0));
    DO(fcntl(32, F_GETFD));
    DO(fcntl(33, F_GETFD));
    DO(fcntl(36, F_GETFD));
    VALUE(fcntl(37, F_GETFD));
    DO(syscall(436, 37, 39, 4 /* CLOSE_RANGE_CLOEXEC */));
    VALUE(fcntl(38, F_GETFD));
    DO(syscall(436, 5, 4, 0));
    DO(syscall(436, 5, 6, 64));

    PART("RLIMIT_NOFILE");
    struct rlimit limit = {40, 40};
    DO(setrlimit(RLIMIT_NOFILE, &limit));
    DO(dup2(b, 40));
    DO(dup2(b, 39));
    DO(fcntl(b, F_DUPFD, 40));
    while (dup(b) >= 0)
        ;
    IS(errno == EMFILE);
    DO(open("file", O_RDONLY));
    DO(open("none", O_RDONLY));
    return 0;
}
