/* How much a pipe takes, in slots of a page (pipe(7)), and packets (O_DIRECT). */
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

static char bytes[70000];

static int is_writable(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLOUT};
    return poll(&one, 1, 0) == 1 && one.revents == POLLOUT;
}

static int unread(int fd)
{
    int count = -1;
    ioctl(fd, FIONREAD, &count);
    return count;
}

static void slots(void)
{
    int ends[2];
    DO(pipe2(ends, O_NONBLOCK));
    PART("small writes share a page");
    VALUE(write(ends[1], bytes, 5000));
    VALUE(write(ends[1], bytes, 3000));
    VALUE(write(ends[1], bytes, 70000));
    VALUE(unread(ends[0]));
    IS(!is_writable(ends[1]));
    PART("what was read of a page is not written again");
    VALUE(read(ends[0], bytes, 100));
    VALUE(write(ends[1], bytes, 1));
    IS(!is_writable(ends[1]));
    VALUE(read(ends[0], bytes, 4000));
    IS(is_writable(ends[1]));
    VALUE(write(ends[1], bytes, 70000));
    PART("and it cannot be made smaller than that");
    VALUE(fcntl(ends[1], F_SETPIPE_SZ, 4096));
    close(ends[0]);
    close(ends[1]);
}

static void packets(void)
{
    int ends[2];
    DO(pipe2(ends, O_NONBLOCK | O_DIRECT));
    IS(fcntl(ends[1], F_GETFL) & O_DIRECT);
    PART("each write is read by itself, and what is not read of it is lost");
    VALUE(write(ends[1], "abc", 3));
    VALUE(write(ends[1], "defgh", 5));
    VALUE(write(ends[1], "", 0));
    VALUE(write(ends[1], bytes, 5000));
    VALUE(unread(ends[0]));
    VALUE(read(ends[0], bytes, 100));
    VALUE(read(ends[0], bytes, 2));
    VALUE(read(ends[0], bytes, 10000));
    VALUE(read(ends[0], bytes, 10000));
    VALUE(read(ends[0], bytes, 10000));
    PART("from now on the writer joins bytes again");
    VALUE(fcntl(ends[1], F_SETFL, O_NONBLOCK));
    VALUE(write(ends[1], "ab", 2));
    VALUE(write(ends[1], "cd", 2));
    VALUE(fcntl(ends[1], F_SETFL, O_NONBLOCK | O_DIRECT));
    VALUE(write(ends[1], "ef", 2));
    VALUE(read(ends[0], bytes, 100));
    VALUE(read(ends[0], bytes, 100));
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    slots();
    packets();
    return 0;
}
