/*
 * Signal-driven I/O (fcntl(2)): O_ASYNC, F_SETOWN, F_SETSIG, and what the signals tell.
 */
#include "check.h"
#include <sys/socket.h>
#include <sys/wait.h>

static volatile sig_atomic_t count, code, band, fd_told, signo_told;

static void note(int signo, siginfo_t *info, void *context)
{
    (void)context;
    count++;
    signo_told = signo;
    code = info->si_code;
    band = info->si_band;
    fd_told = info->si_fd;
}

static void owners(int fd)
{
    PART("owners");
    VALUE(fcntl(fd, F_GETOWN));
    DO(fcntl(fd, F_SETOWN, 30000000));
    DO(fcntl(fd, F_SETOWN, getpid()));
    IS(fcntl(fd, F_GETOWN) == getpid());
    DO(fcntl(fd, F_SETOWN, -getpgrp()));
    IS(fcntl(fd, F_GETOWN) == -getpgrp());
    struct f_owner_ex owner = { F_OWNER_TID, getpid() };
    DO(fcntl(fd, F_SETOWN_EX, &owner));
    owner.pid = -1;
    DO(fcntl(fd, F_GETOWN_EX, &owner));
    IS(owner.type == F_OWNER_TID && owner.pid == getpid());
    owner.type = 9;
    DO(fcntl(fd, F_SETOWN_EX, &owner));
    DO(fcntl(fd, F_SETOWN, 0));
    VALUE(fcntl(fd, F_GETOWN));
    VALUE(fcntl(fd, F_GETSIG));
    DO(fcntl(fd, F_SETSIG, 65));
    DO(fcntl(fd, F_SETSIG, -1));
}

static void told(int reader, int writer)
{
    char byte;
    count = 0;
    VALUE(write(writer, "x", 1));
    VALUE(count);
    DO(fcntl(reader, F_SETFL, fcntl(reader, F_GETFL) | O_ASYNC));
    IS((fcntl(reader, F_GETFL) & O_ASYNC) != 0);
    VALUE(write(writer, "x", 1));
    VALUE(count);
    DO(fcntl(reader, F_SETOWN, getpid()));
    VALUE(write(writer, "x", 1));
    VALUE(count);
    IS(signo_told == SIGIO && code == SI_KERNEL);
    VALUE(read(reader, &byte, 1));
    DO(fcntl(reader, F_SETSIG, SIGRTMIN));
    IS(fcntl(reader, F_GETSIG) == SIGRTMIN);
    count = 0;
    VALUE(write(writer, "x", 1));
    VALUE(count);
    IS(signo_told == SIGRTMIN && code == POLL_IN && fd_told == reader);
    BITS(band & ~0x304);
    /* The owner of a file is told, whoever writes. */
    pid_t child = fork();
    if (child == 0) {
        write(writer, "x", 1);
        _exit(count != 1);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        ;
    VALUE(status);
    VALUE(count);
    DO(fcntl(reader, F_SETFL, fcntl(reader, F_GETFL) & ~O_ASYNC));
    VALUE(write(writer, "x", 1));
    VALUE(count);
    close(reader);
    close(writer);
}

int main(void)
{
    struct sigaction action = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
    sigaction(SIGIO, &action, NULL);
    sigaction(SIGRTMIN, &action, NULL);
    int ends[2];
    DO(pipe(ends));
    owners(ends[0]);
    PART("a pipe");
    told(ends[0], ends[1]);
    PART("a stream socket");
    DO(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
    told(ends[0], ends[1]);
    return 0;
}
