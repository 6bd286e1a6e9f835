/* eventfd2(2): the counter, semaphores, overflow, readiness. */
#include "check.h"
#include <poll.h>
#include <sys/eventfd.h>

static int readiness(int fd)
{
    struct pollfd wait = {fd, POLLIN | POLLOUT, 0};
    poll(&wait, 1, 0);
    return wait.revents;
}

static long take(int fd)
{
    uint64_t value = 0;
    return read(fd, &value, 8) == 8 ? (long)value : -1;
}

static long give(int fd, uint64_t value) { return write(fd, &value, 8); }

int main(void)
{
    char small[4];
    int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
    IS(fd >= 0);
    VALUE(fcntl(fd, F_GETFD));
    VALUE(readiness(fd));
    VALUE(take(fd));
    VALUE(readiness(fd));
    VALUE(take(fd));
    VALUE(give(fd, 5));
    VALUE(give(fd, 6));
    VALUE(take(fd));
    DO(read(fd, small, 4));
    DO(write(fd, small, 4));
    DO(give(fd, ~0ULL));
    VALUE(give(fd, ~0ULL - 1));
    VALUE(readiness(fd));
    DO(give(fd, 1));
    VALUE(give(fd, 0));
    IS(take(fd) == (long)(~0ULL - 1));
    DO(pread(fd, small, 4, 0));
    DO(lseek(fd, 0, SEEK_SET));

    PART("EFD_SEMAPHORE");
    int semaphore = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
    VALUE(take(semaphore));
    VALUE(take(semaphore));
    DO(take(semaphore));

    PART("refused");
    DO(eventfd(0, 0x40000000));
    return 0;
}
