/* pipe2(2) within one process: capacity, non-blocking ends, the end of file, EPIPE. */
#include "check.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static void ready(const char *what, int fd)
{
    struct pollfd wait = {fd, POLLIN | POLLOUT, 0};
    int count = poll(&wait, 1, 0);
    printf("%s: %d%s%s%s%s%s\n", what, count, wait.revents & POLLIN ? " IN" : "", wait.revents & POLLOUT ? " OUT" : "",
           wait.revents & POLLHUP ? " HUP" : "", wait.revents & POLLERR ? " ERR" : "",
           wait.revents & POLLNVAL ? " NVAL" : "");
}

int main(void)
{
    int ends[2], count;
    char bytes[64];
    static char large[200000];
    DO(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
    VALUE(fcntl(ends[0], F_GETFD));
    IS(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
    VALUE(fcntl(ends[0], F_GETFL) & O_ACCMODE);
    VALUE(fcntl(ends[1], F_GETFL) & O_ACCMODE);
    DO(pipe2(ends, 0x40000000));
    DO(syscall(SYS_pipe2, 16, 0));

    PART("bytes");
    ready("read end", ends[0]);
    ready("write end", ends[1]);
    DO(read(ends[0], bytes, 64));
    VALUE(write(ends[1], "hello", 5));
    VALUE(write(ends[1], " world", 6));
    DO(ioctl(ends[0], FIONREAD, &count));
    VALUE(count);
    ready("read end", ends[0]);
    VALUE(read(ends[0], bytes, 3));
    TEXT(bytes, 3);
    VALUE(read(ends[0], bytes, 64));
    TEXT(bytes, 8);
    VALUE(read(ends[0], bytes, 0));
    DO(read(ends[1], bytes, 1));
    DO(write(ends[0], bytes, 1));
    DO(lseek(ends[0], 0, SEEK_CUR));
    struct iovec vector[2] = {{"ab", 2}, {"cd", 2}};
    VALUE(writev(ends[1], vector, 2));
    VALUE(read(ends[0], bytes, 64));
    struct stat st;
    DO(fstat(ends[0], &st));
    IS(S_ISFIFO(st.st_mode));
    VALUE(st.st_nlink);

    PART("full");
    VALUE(fcntl(ends[1], F_GETPIPE_SZ));
    VALUE(write(ends[1], large, sizeof large));
    DO(write(ends[1], large, 1));
    ready("write end", ends[1]);
    VALUE(read(ends[0], large, 4095));
    DO(write(ends[1], large, 4096));
    VALUE(read(ends[0], large, 4097));
    VALUE(write(ends[1], large, 4096));
    long total = 0, got;
    while ((got = read(ends[0], large, sizeof large)) > 0)
        total += got;
    VALUE(total);
    VALUE(fcntl(ends[1], F_SETPIPE_SZ, 8192));
    VALUE(write(ends[1], large, sizeof large));
    while (read(ends[0], large, sizeof large) > 0)
        ;

    PART("the writer closes");
    VALUE(write(ends[1], "rest", 4));
    int second = dup(ends[1]);
    DO(close(ends[1]));
    ready("read end", ends[0]);
    DO(close(second));
    ready("read end", ends[0]);
    VALUE(read(ends[0], bytes, 64));
    ready("read end", ends[0]);
    VALUE(read(ends[0], bytes, 64));
    VALUE(read(ends[0], bytes, 64));
    close(ends[0]);

    PART("the reader closes");
    signal(SIGPIPE, SIG_IGN);
    DO(pipe2(ends, O_NONBLOCK));
    VALUE(write(ends[1], "x", 1));
    DO(close(ends[0]));
    ready("write end", ends[1]);
    DO(write(ends[1], "x", 1));
    VALUE(write(ends[1], "x", 0));
    close(ends[1]);
    ready("closed", ends[1]);

    PART("a FIFO");
    scratch();
    DO(mkfifo("fifo", 0600));
    DO(mkfifo("fifo", 0600));
    DO(open("fifo", O_WRONLY | O_NONBLOCK));
    int r = open("fifo", O_RDONLY | O_NONBLOCK), w = open("fifo", O_WRONLY | O_NONBLOCK);
    IS(r >= 0 && w >= 0);
    VALUE(write(w, "through", 7));
    VALUE(read(r, bytes, 64));
    TEXT(bytes, 7);
    DO(read(r, bytes, 64));
    DO(close(w));
    VALUE(read(r, bytes, 64));
    int both = open("fifo", O_RDWR);
    IS(both >= 0);
    VALUE(write(both, "y", 1));
    VALUE(read(both, bytes, 64));
    return 0;
}
