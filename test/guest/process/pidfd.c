/*
 * pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2), CLONE_PIDFD, and waiting for a pidfd.
 * @flags -pthread
 */
#include "check.h"
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#define pidfd_open(pid, flags) syscall(SYS_pidfd_open, pid, flags)
#define pidfd_send_signal(fd, signo, info, flags) syscall(SYS_pidfd_send_signal, fd, signo, info, flags)
#define pidfd_getfd(fd, other, flags) syscall(SYS_pidfd_getfd, fd, other, flags)

static int polled(long fd)
{
    struct pollfd wait = {(int)fd, POLLIN | POLLOUT, 0};
    poll(&wait, 1, 0);
    return wait.revents;
}

static pid_t reader(int from)
{
    pid_t child = fork();
    char byte;
    if (child == 0) {
        while (read(from, &byte, 1) < 0) {
        }
        _exit(3);
    }
    return child;
}

static int there[2];

static void opening(void)
{
    PART("opening");
    DO(pidfd_open(0, 0));
    DO(pidfd_open(-1, 0));
    DO(pidfd_open(getpid(), 1));
    DO(pidfd_open(1 << 22, 0));
    long own = pidfd_open(getpid(), 0);
    VALUE(fcntl((int)own, F_GETFD));
    VALUE(polled(own));
    char byte, path[64], link[64] = {0};
    VALUE(read((int)own, &byte, 1));
    VALUE(write((int)own, "", 1));
    snprintf(path, sizeof path, "/proc/self/fd/%ld", own);
    VALUE(readlink(path, link, sizeof link - 1));
    TEXT(link, strlen(link));
    DO(pidfd_send_signal(own, 0, NULL, 0));
    DO(pidfd_send_signal(own, 65, NULL, 0));
    DO(pidfd_send_signal(own, 0, NULL, 8));
    DO(pidfd_send_signal(own, 0, NULL, 3));
    DO(pidfd_send_signal(own, 0, NULL, 1));
    DO(pidfd_send_signal(own, 0, NULL, 2));
    DO(pidfd_send_signal(0, 0, NULL, 0));
    DO(pidfd_send_signal(99, 0, NULL, 0));
    DO(pidfd_send_signal(own, SIGTERM, (void *)8, 0));
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE};
    DO(pidfd_send_signal(own, SIGTERM, &info, 0));
    close((int)own);
}

static void child(void)
{
    PART("a child");
    pid_t pid = reader(there[0]);
    long fd = pidfd_open(pid, 0);
    VALUE(polled(fd));
    siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_USER};
    DO(pidfd_send_signal(fd, SIGUSR1, &info, 0));
    siginfo_t told = {0};
    DO(waitid(P_PIDFD, (id_t)fd, &told, WEXITED | WNOHANG));
    VALUE(told.si_pid);
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    DO(epoll_ctl(epoll, EPOLL_CTL_ADD, (int)fd, &event));
    VALUE(epoll_wait(epoll, &event, 1, 0));
    VALUE(write(there[1], "", 1));
    VALUE(epoll_wait(epoll, &event, 1, -1));
    VALUE(polled(fd));
    DO(pidfd_send_signal(fd, SIGTERM, NULL, 0));
    DO(pidfd_getfd(fd, 0, 0));
    DO(waitid(P_PIDFD, (id_t)fd, &told, WEXITED));
    IS(told.si_pid == pid && told.si_code == CLD_EXITED && told.si_status == 3);
    VALUE(polled(fd));
    DO(pidfd_send_signal(fd, 0, NULL, 0));
    DO(waitid(P_PIDFD, (id_t)fd, &told, WEXITED));
    DO(waitid(P_PIDFD, (id_t)there[0], &told, WEXITED));
    DO(waitid(P_PIDFD, 99, &told, WEXITED));
    DO(waitid(P_PIDFD, -1, &told, WEXITED));
    DO(pidfd_open(pid, 0));
    close((int)fd);
    close(epoll);
    pid = reader(there[0]);
    fd = pidfd_open(pid, O_NONBLOCK);
    DO(waitid(P_PIDFD, (id_t)fd, &told, WEXITED));
    DO(pidfd_send_signal(fd, SIGKILL, NULL, 0));
    struct pollfd wait = {(int)fd, POLLIN, 0};
    VALUE(poll(&wait, 1, -1));
    DO(waitid(P_PIDFD, (id_t)fd, &told, WEXITED));
    IS(told.si_pid == pid && told.si_code == CLD_KILLED);
    close((int)fd);
}

static void borrowing(void)
{
    PART("borrowing a descriptor");
    int own[2];
    DO(pipe(own));
    pid_t pid = reader(there[0]);
    dup2(own[1], 77);
    close(own[1]);
    long fd = pidfd_open(pid, 0);
    DO(pidfd_getfd(fd, 77, 0));
    DO(pidfd_getfd(fd, own[1], 1));
    DO(pidfd_getfd(there[0], 0, 0));
    close(77);
    long got = pidfd_getfd(fd, own[1], 0);
    VALUE(fcntl((int)got, F_GETFD));
    VALUE(write((int)got, "borrowed", 8));
    char bytes[8];
    VALUE(read(own[0], bytes, 8));
    TEXT(bytes, 8);
    close((int)got);
    if (fork() == 0) {
        if (setresuid(4321, 4321, 4321))
            _exit(1);
        DO(pidfd_getfd(fd, own[1], 0));
        DO(pidfd_send_signal(fd, 0, NULL, 0));
        _exit(0);
    }
    wait(NULL);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close((int)fd);
    close(own[0]);
}

static void cloning(void)
{
    PART("CLONE_PIDFD");
    int fd = -1;
    struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&fd, .exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) {
        _exit(fcntl(fd, F_GETFD) == -1 ? 5 : 6);
    }
    VALUE(fcntl(fd, F_GETFD));
    siginfo_t told;
    DO(waitid(P_PIDFD, (id_t)fd, &told, WEXITED));
    IS(told.si_pid == pid && told.si_status == 5);
    close(fd);
    args.pidfd = 8;
    DO(syscall(SYS_clone3, &args, sizeof args));
    VALUE(waitpid(-1, NULL, 0));
}

static void *thread(void *id)
{
    *(pid_t *)id = (pid_t)syscall(SYS_gettid);
    char byte;
    while (read(there[0], &byte, 1) != 1) {
    }
    return NULL;
}

static void threads(void)
{
    PART("threads");
    volatile pid_t id = 0;
    pthread_t handle;
    pthread_create(&handle, NULL, thread, (void *)&id);
    while (!id)
        usleep(1000);
    long fd = pidfd_open(id, O_EXCL);
    VALUE(polled(fd));
    DO(pidfd_send_signal(fd, 0, NULL, 0));
    DO(pidfd_open(id, 0));
    VALUE(write(there[1], "", 1));
    struct pollfd wait = {(int)fd, POLLIN, 0};
    VALUE(poll(&wait, 1, -1));
    pthread_join(handle, NULL);
    DO(pidfd_send_signal(fd, 0, NULL, 0));
    close((int)fd);
}

static void choosing(void)
{
    PART("choosing an id");
    pid_t free_id = fork(), chosen[2];
    if (free_id == 0)
        _exit(0);
    chosen[0] = chosen[1] = getpid();
    struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)chosen, .set_tid_size = 1};
    DO(syscall(SYS_clone3, &args, sizeof args));
    chosen[0] = free_id;
    DO(syscall(SYS_clone3, &args, sizeof args));
    waitpid(free_id, NULL, 0);
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0)
        _exit(getpid() == free_id ? 0 : 1);
    int status;
    IS(pid == free_id && waitpid(free_id, &status, 0) == pid && status == 0);
    chosen[0] = 0;
    DO(syscall(SYS_clone3, &args, sizeof args));
    chosen[0] = -5;
    DO(syscall(SYS_clone3, &args, sizeof args));
    args.set_tid_size = 33;
    DO(syscall(SYS_clone3, &args, sizeof args));
    args.set_tid_size = 0;
    DO(syscall(SYS_clone3, &args, sizeof args));
    args.set_tid_size = 1, args.set_tid = 0;
    DO(syscall(SYS_clone3, &args, sizeof args));
    args.set_tid = 8;
    DO(syscall(SYS_clone3, &args, sizeof args));
    args.set_tid = (uintptr_t)chosen;
    chosen[0] = free_id;
    if (fork() == 0) {
        if (setresuid(4321, 4321, 4321))
            _exit(1);
        DO(syscall(SYS_clone3, &args, sizeof args));
        _exit(0);
    }
    wait(NULL);
}

int main(void)
{
    DO(pipe(there));
    opening();
    child();
    borrowing();
    cloning();
    threads();
    choosing();
}
