/* What the tests of System V IPC and of POSIX message queues share. */
#ifndef DRUPE_IPC_H
#define DRUPE_IPC_H

#include "check.h"
#include <linux/capability.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};

/* Gives up a capability, which the machine may not have in the first place. */
static inline void drop_capability(int capability)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) == 0) {
        data[capability / 32].effective &= ~(1u << capability % 32);
        syscall(SYS_capset, &header, data);
    }
}

static inline void breathe(void) { nanosleep(&(struct timespec){0, 200000}, NULL); }

/* Errors that check.h does not name. */
static inline int named(const char *call, long result)
{
    const char *name = result == -1 && errno == EIDRM ? "EIDRM" : result == -1 && errno == ENOMSG ? "ENOMSG" : NULL;
    if (name)
        printf("%s: %s\n", call, name);
    else
        check_value(call, result);
    return (int)result;
}

/* As VALUE. */
#define ASK(call) (errno = 0, named(#call, (long)(call)))

/* Waits until a process sleeps, or has ended. */
static inline void until_asleep(pid_t pid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    for (;;) {
        int fd = open(path, O_RDONLY);
        ssize_t length = read(fd, text, sizeof text - 1);
        close(fd);
        text[length < 0 ? 0 : length] = 0;
        char *end = strrchr(text, ')');
        if (end && (end[2] == 'S' || end[2] == 'Z'))
            return;
        breathe();
    }
}

/* Runs a function in a child; answers its pid. */
static inline pid_t in_child(int (*run)(void *), void *argument)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(run(argument));
    return pid;
}

/* The exit status of a child, or minus the signal that ended it. */
static inline int end_of(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid)
        return -1000;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* A key that nobody else on this machine has: an object is made under it, and removed again, to find one. */
static inline key_t free_key(void)
{
    key_t key = (key_t)(0x44000000 + getpid() * 64);
    while (semget(key, 0, 0) >= 0 || shmget(key, 0, 0) >= 0 || msgget(key, 0) >= 0)
        key++;
    return key;
}

static inline void on_alarm(int signo) { (void)signo; }

/* A signal handler for SIGALRM, with or without SA_RESTART; the alarm comes again and again. */
static inline void alarms(int flags)
{
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm, .sa_flags = flags}, NULL);
}

#endif
