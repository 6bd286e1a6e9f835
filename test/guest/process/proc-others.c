/*
 * /proc/PID of others: states, names, descriptors, who may look (proc(5)).
 * @flags -pthread
 */
#include "check.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static char path[128], bytes[8192];

static const char *file_of(pid_t pid, const char *name)
{
    snprintf(path, sizeof path, "%d/%s", pid, name);
    return path;
}

static long load(pid_t pid, const char *name)
{
    int fd = open(file_of(pid, name), O_RDONLY);
    memset(bytes, 0, sizeof bytes);
    ssize_t length = fd < 0 ? -1 : read(fd, bytes, sizeof bytes - 1);
    int reason = errno;
    if (fd >= 0)
        close(fd);
    errno = reason;
    return length;
}

/* The state letter, and the numbers behind it. */
static char stat_of(pid_t pid, long numbers[5])
{
    char state = '?';
    if (load(pid, "stat") > 0)
        sscanf(strrchr(bytes, ')') + 1, " %c %ld %ld %ld %ld %ld", &state, numbers, numbers + 1, numbers + 2, numbers + 3,
               numbers + 4);
    return state;
}

static void until_state(pid_t pid, char wanted)
{
    long numbers[5];
    for (int i = 0; i < 5000 && stat_of(pid, numbers) != wanted; i++)
        usleep(1000);
    printf("state %c\n", stat_of(pid, numbers));
}

static void line_of(pid_t pid, const char *name)
{
    char wanted[64];
    load(pid, "status");
    snprintf(wanted, sizeof wanted, "\n%s:", name);
    char *line = strstr(bytes, wanted);
    if (line)
        printf("%.*s\n", (int)strcspn(line + 1, "\n"), line + 1);
    else
        printf("no %s\n", name);
}

static pid_t sleeper(int from)
{
    pid_t child = fork();
    char byte;
    if (child == 0) {
        prctl(PR_SET_NAME, "a) sleeper \\");
        while (read(from, &byte, 1) != 1) {
        }
        _exit(0);
    }
    return child;
}

static int there[2];

static void states(void)
{
    PART("states");
    long numbers[5];
    pid_t child = sleeper(there[0]);
    until_state(child, 'S');
    stat_of(child, numbers);
    IS(numbers[0] == getpid() && numbers[1] == getpgrp() && numbers[2] == getsid(0));
    load(child, "comm");
    TEXT(bytes, strlen(bytes));
    kill(child, SIGSTOP);
    until_state(child, 'T');
    line_of(child, "State");
    kill(child, SIGUSR1);
    line_of(child, "ShdPnd");
    kill(child, SIGCONT);
    until_state(child, 'Z');
    line_of(child, "State");
    line_of(child, "VmSize");
    load(child, "stat");
    IS(strstr(bytes, "(a) sleeper \\) Z ") != NULL);
    VALUE(load(child, "cmdline"));
    DO(readlink(file_of(child, "exe"), bytes, 10));
    DO(readlink(file_of(child, "cwd"), bytes, 10));
    waitpid(child, NULL, 0);
    VALUE(load(child, "stat"));
}

static void others(void)
{
    PART("what belongs to another");
    pid_t child = sleeper(there[0]);
    IS(load(child, "cmdline") > 0 && load(getpid(), "cmdline") > 0);
    int fd = open("/", O_RDONLY);
    DO(readlink(file_of(child, "fd/0"), bytes, 10));
    snprintf(bytes, sizeof bytes, "fd/%d", fd);
    DO(readlink(file_of(child, bytes), bytes, 10));
    load(getpid(), "task");
    char children[64];
    snprintf(children, sizeof children, "task/%d/children", getpid());
    load(getpid(), children);
    IS(atoi(bytes) == child);
    pid_t other = fork();
    if (other == 0) {
        if (setresgid(4321, 4321, 4321) || setresuid(4321, 4321, 4321))
            _exit(1);
        IS(load(child, "stat") > 0);
        IS(load(child, "cmdline") > 0);
        DO(load(child, "environ"));
        DO(load(child, "auxv"));
        DO(load(child, "maps"));
        DO(readlink(file_of(child, "exe"), bytes, 10));
        DO(readlink(file_of(child, "cwd"), bytes, 10));
        DO(readlink(file_of(child, "fd/0"), bytes, 10));
        DO((long)opendir(file_of(child, "fd")) ? 0 : -1);
        DO(open(file_of(child, "comm"), O_WRONLY));
        DO(readlink(file_of(getpid(), "exe"), bytes, 10));
        DO(prctl(PR_GET_DUMPABLE));
        struct stat st;
        DO(stat(file_of(getpid(), "stat"), &st));
        printf("owner %u\n", st.st_uid);
        DO(stat(file_of(getpid(), "."), &st));
        printf("owner %u\n", st.st_uid);
        prctl(PR_SET_DUMPABLE, 1);
        DO(stat(file_of(getpid(), "stat"), &st));
        printf("owner %u\n", st.st_uid);
        _exit(0);
    }
    int status;
    IS(waitpid(other, &status, 0) == other && status == 0);
    IS(write(there[1], "", 1) == 1);
    waitpid(child, NULL, 0);
    close(fd);
}

static volatile pid_t thread_id;
static void *thread(void *unused)
{
    char byte;
    prctl(PR_SET_NAME, "a rather long name");
    thread_id = (pid_t)syscall(SYS_gettid);
    while (read(there[0], &byte, 1) != 1) {
    }
    return unused;
}

static void threads(void)
{
    PART("threads");
    char name[64], own[17] = {0};
    pthread_t handle;
    prctl(PR_SET_NAME, "main");
    pthread_create(&handle, NULL, thread, NULL);
    while (!thread_id)
        usleep(1000);
    prctl(PR_GET_NAME, own);
    TEXT(own, strlen(own));
    snprintf(name, sizeof name, "task/%d/comm", thread_id);
    load(getpid(), name);
    TEXT(bytes, strlen(bytes));
    load(getpid(), "comm");
    TEXT(bytes, strlen(bytes));
    int fd = open(file_of(getpid(), name), O_WRONLY);
    VALUE(write(fd, "by another", 10));
    close(fd);
    load(getpid(), name);
    TEXT(bytes, strlen(bytes));
    fd = open(file_of(getpid(), "comm"), O_WRONLY);
    VALUE(write(fd, "", 0));
    VALUE(write(fd, "new\n", 4));
    close(fd);
    prctl(PR_GET_NAME, own);
    TEXT(own, strlen(own));
    IS(load(thread_id, "comm") > 0);
    TEXT(bytes, strlen(bytes));
    line_of(getpid(), "Threads");
    IS(write(there[1], "", 1) == 1);
    pthread_join(handle, NULL);
    pid_t child = fork();
    if (child == 0) {
        load(getpid(), "comm");
        TEXT(bytes, strlen(bytes));
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void death_signal(void)
{
    PART("PR_SET_PDEATHSIG");
    int signo = -1;
    DO(prctl(PR_SET_PDEATHSIG, 65));
    DO(prctl(PR_SET_PDEATHSIG, SIGUSR1));
    DO(prctl(PR_GET_PDEATHSIG, &signo));
    VALUE(signo);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_GET_PDEATHSIG, &signo);
        VALUE(signo);
        prctl(PR_SET_PDEATHSIG, SIGUSR2);
        prctl(PR_GET_PDEATHSIG, &signo);
        VALUE(signo);
        if (setresuid(4321, 4321, 4321))
            _exit(1);
        prctl(PR_GET_PDEATHSIG, &signo);
        VALUE(signo);
        VALUE(prctl(PR_GET_DUMPABLE));
        _exit(0);
    }
    waitpid(child, NULL, 0);
    prctl(PR_SET_PDEATHSIG, 0);
    /* The signal comes when the parent has gone, be it adopted or not. */
    int told[2];
    DO(pipe(told));
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    child = fork();
    if (child == 0) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGUSR1);
            if (write(told[1], "r", 1) != 1)
                _exit(1);
            sigwaitinfo(&set, NULL);
            if (write(told[1], "s", 1) != 1)
                _exit(1);
            _exit(0);
        }
        char byte;
        _exit(read(told[0], &byte, 1) == 1 ? 0 : 1);
    }
    waitpid(child, NULL, 0);
    char byte = 0;
    VALUE(read(told[0], &byte, 1));
    VALUE(byte == 's');
}

int main(void)
{
    DO(pipe(there));
    IS(chdir("/proc") == 0);
    states();
    others();
    threads();
    death_signal();
}
