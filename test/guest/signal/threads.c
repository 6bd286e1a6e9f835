/*
 * Signals of a process with several threads: who takes them, and what ends with them.
 * @flags -pthread
 */
#include "check.h"
#include <pthread.h>
#include <semaphore.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <poll.h>
#include <time.h>

#define gettid() ((pid_t)syscall(SYS_gettid))

static sem_t ready, go;
static volatile pid_t taker;
static volatile int count;
static void on_signal(int signo)
{
    (void)signo;
    taker = gettid();
    count++;
}

static sigset_t set_of(int signo)
{
    sigset_t set;
    sigemptyset(&set);
    if (signo)
        sigaddset(&set, signo);
    return set;
}

static void until(volatile int *value, int wanted)
{
    while (*value < wanted)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
}

static volatile pid_t worker_id;
static void *worker(void *unblocked)
{
    worker_id = gettid();
    sigset_t set = set_of((int)(intptr_t)unblocked);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    sem_post(&ready);
    while (sem_wait(&go)) {
    }
    return NULL;
}

static void chosen(void)
{
    PART("the thread that does not block it");
    pthread_t thread;
    sigset_t both = set_of(SIGUSR1);
    signal(SIGUSR1, on_signal);
    pthread_sigmask(SIG_BLOCK, &both, NULL);
    pthread_create(&thread, NULL, worker, (void *)(intptr_t)SIGUSR1);
    sem_wait(&ready);
    count = 0;
    DO(kill(getpid(), SIGUSR1));
    until(&count, 1);
    IS(taker == worker_id);
    DO(kill(worker_id, SIGUSR1));
    until(&count, 2);
    IS(taker == worker_id);
    DO(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1));
    sigset_t pending;
    sigpending(&pending);
    IS(sigismember(&pending, SIGUSR1));
    sem_post(&go);
    pthread_join(thread, NULL);
    VALUE(count);
    pthread_sigmask(SIG_UNBLOCK, &both, NULL);
    VALUE(count);
    IS(taker == gettid());
    DO(kill(getpid(), SIGUSR1));
    IS(count == 4 && taker == gettid());
}



static void on_first(int signo)
{
    (void)signo;
    /* The other signal, which this handler blocks, is another thread's now. */
    until(&count, 1);
}

static void passed_on(void)
{
    PART("a signal that its thread comes to block");
    struct sigaction action = {.sa_handler = on_first};
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGUSR2, on_signal);
    sigset_t both = set_of(SIGUSR1), none = set_of(0);
    sigaddset(&both, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &both, NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, worker, (void *)(intptr_t)SIGUSR2);
    sem_wait(&ready);
    count = 0;
    pid_t child = fork();
    if (child == 0) {
        /* While the parent is stopped both signals come to wait. */
        int status = kill(getppid(), SIGSTOP) || kill(getppid(), SIGUSR1) || kill(getppid(), SIGUSR2);
        kill(getppid(), SIGCONT);
        _exit(status);
    }
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    until(&count, 1);
    IS(taker == worker_id || taker == gettid());
    waitpid(child, NULL, 0);
    sem_post(&go);
    pthread_join(thread, NULL);
    signal(SIGUSR1, on_signal);
}

static void *waiter(void *set)
{
    sem_post(&ready);
    siginfo_t info;
    int got;
    while ((got = sigwaitinfo(set, &info)) < 0 && errno == EINTR) {
    }
    return (void *)(intptr_t)(got * 100 + info.si_value.sival_int);
}

static void waits(void)
{
    PART("sigwaitinfo");
    pthread_t thread;
    sigset_t set = set_of(SIGRTMIN + 1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&thread, NULL, waiter, &set);
    sem_wait(&ready);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    DO(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 7}));
    void *answer;
    pthread_join(thread, &answer);
    IS((intptr_t)answer == (SIGRTMIN + 1) * 100 + 7);
    siginfo_t info = {0};
    info.si_code = SI_QUEUE;
    info.si_value.sival_int = 9;
    DO(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGRTMIN + 1, &info));
    DO(syscall(SYS_rt_tgsigqueueinfo, getpid(), 0, SIGRTMIN + 1, &info));
    DO(syscall(SYS_rt_tgsigqueueinfo, getpid() + 1, gettid(), SIGRTMIN + 1, &info));
    info.si_code = SI_USER;
    pid_t child = fork();
    if (child == 0) {
        DO(syscall(SYS_rt_sigqueueinfo, getppid(), SIGRTMIN + 1, &info));
        DO(syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), SIGRTMIN + 1, &info));
        info.si_code = SI_TKILL;
        DO(syscall(SYS_rt_tgsigqueueinfo, getppid(), getppid(), SIGRTMIN + 1, &info));
        _exit(0);
    }
    waitpid(child, NULL, 0);
    IS(sigwaitinfo(&set, &info) == SIGRTMIN + 1 && info.si_value.sival_int == 9);
    VALUE(sigtimedwait(&set, &info, &(struct timespec){0, 0}));
}

static void *reader(void *fd)
{
    struct signalfd_siginfo info;
    sem_post(&ready);
    ssize_t length = read((int)(intptr_t)fd, &info, sizeof info);
    return (void *)(intptr_t)(length == sizeof info ? info.ssi_signo : 0);
}

static void descriptors(void)
{
    PART("signalfd");
    pthread_t thread;
    sigset_t set = set_of(SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, 0);
    pthread_create(&thread, NULL, reader, (void *)(intptr_t)fd);
    sem_wait(&ready);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    DO(kill(getpid(), SIGUSR2));
    void *answer;
    pthread_join(thread, &answer);
    VALUE((long)answer);
    /* A child that inherits the descriptor reads its own signals. */
    int there[2];
    char byte;
    DO(pipe(there));
    pid_t child = fork();
    if (child == 0) {
        struct pollfd wait = {fd, POLLIN, 0};
        VALUE(poll(&wait, 1, 0));
        if (write(there[1], "", 1) != 1)
            _exit(1);
        struct signalfd_siginfo info;
        IS(read(fd, &info, sizeof info) == sizeof info && info.ssi_signo == SIGUSR2);
        IS(info.ssi_pid == (uint32_t)getppid());
        _exit(0);
    }
    IS(read(there[0], &byte, 1) == 1);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    kill(child, SIGUSR2);
    waitpid(child, NULL, 0);
    struct pollfd wait = {fd, POLLIN, 0};
    VALUE(poll(&wait, 1, 0));
    close(fd);
}

static void *idle(void *unused)
{
    if (unused)
        return NULL;
    for (;;)
        pause();
}

static void *killer(void *how)
{
    if ((intptr_t)how == 0)
        _exit(7);
    if ((intptr_t)how == 1)
        raise(SIGTERM);
    if ((intptr_t)how == 2)
        syscall(SYS_exit, 9);
    if ((intptr_t)how == 3) {
        nanosleep(&(struct timespec){0, 20000000}, NULL);
        syscall(SYS_exit, 9);
    }
    return NULL;
}

static void ends(void)
{
    PART("the end of all threads");
    for (intptr_t how = 0; how < 4; how++) {
        pid_t child = fork();
        if (child == 0) {
            pthread_t threads[3];
            if (how < 2)
                for (int i = 0; i < 2; i++)
                    pthread_create(&threads[i], NULL, idle, NULL);
            pthread_create(&threads[2], NULL, killer, (void *)how);
            if (how == 2) {
                pthread_join(threads[2], NULL);
                _exit(1);
            }
            if (how == 3)
                syscall(SYS_exit, 4);
            for (;;)
                pause();
        }
        int status;
        IS(waitpid(child, &status, 0) == child);
        VALUE(status);
    }
}

static void *outlive(void *there)
{
    char byte;
    sigset_t none = set_of(0);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    while (read((int)(intptr_t)there, &byte, 1) != 1) {
    }
    _exit(count);
}

static void without_leader(void)
{
    PART("a process whose first thread has ended");
    int there[2];
    DO(pipe(there));
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        count = 0;
        signal(SIGUSR1, on_signal);
        pthread_create(&thread, NULL, outlive, (void *)(intptr_t)there[0]);
        syscall(SYS_exit, 1);
    }
    nanosleep(&(struct timespec){0, 50000000}, NULL);
    int status;
    VALUE(waitpid(child, &status, WNOHANG));
    DO(kill(child, 0));
    DO(kill(child, SIGUSR1));
    DO(syscall(SYS_tgkill, child, child, SIGUSR1));
    DO(syscall(SYS_tgkill, child, child, 65));
    VALUE(getpgid(child) == getpgrp());
    nanosleep(&(struct timespec){0, 50000000}, NULL);
    IS(write(there[1], "", 1) == 1);
    IS(waitpid(child, &status, 0) == child);
    VALUE(WEXITSTATUS(status));
}

static void stops(void)
{
    PART("stopping all threads");
    int there[2];
    DO(pipe(there));
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        count = 0;
        signal(SIGUSR1, on_signal);
        pthread_create(&thread, NULL, outlive, (void *)(intptr_t)there[0]);
        for (;;)
            pause();
    }
    int status;
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    DO(kill(child, SIGSTOP));
    IS(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    IS(write(there[1], "", 1) == 1);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    DO(kill(child, SIGUSR1));
    VALUE(waitpid(child, &status, WNOHANG));
    DO(kill(child, SIGCONT));
    IS(waitpid(child, &status, 0) == child && WIFEXITED(status));
}

int main(void)
{
    sem_init(&ready, 0, 0);
    sem_init(&go, 0, 0);
    chosen();
    /* In a process that is nobody's first one, so that its child may stop it. */
    pid_t child = fork();
    if (child == 0) {
        passed_on();
        exit(0);
    }
    waitpid(child, NULL, 0);
    waits();
    descriptors();
    ends();
    without_leader();
    stops();
}
