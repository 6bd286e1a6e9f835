/*
 * wait4(2), waitid(2): which child, what happened to it, and what the parent is sent.
 */
#include "check.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static pid_t child_that_ends_with(int code)
{
    pid_t child = fork();
    if (child == 0)
        _exit(code);
    return child;
}

static pid_t child_that_sleeps(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    return child;
}

static void nobody(void)
{
    PART("no children");
    int status;
    VALUE(wait4(-1, &status, 0, NULL));
    VALUE(wait4(-1, &status, WNOHANG, NULL));
    VALUE(wait4(1 << 22, &status, 0, NULL));
    VALUE(wait4(-1, &status, 0x100, NULL));
    VALUE(wait4(INT32_MIN, &status, 0, NULL));
    siginfo_t info;
    VALUE(waitid(P_ALL, 0, &info, WEXITED));
    VALUE(waitid(P_ALL, 0, &info, 0));
    VALUE(waitid(P_ALL, 0, &info, 0x100));
    VALUE(waitid(99, 0, &info, WEXITED));
    VALUE(waitid(P_PID, 0, &info, WEXITED));
}

static void ends(void)
{
    PART("how a child ended");
    int status;
    pid_t child = child_that_ends_with(77);
    IS(waitpid(child, &status, 0) == child);
    IS(WIFEXITED(status) && WEXITSTATUS(status) == 77);
    VALUE(waitpid(child, &status, 0));
    child = child_that_sleeps();
    DO(kill(child, SIGTERM));
    IS(waitpid(child, &status, 0) == child);
    IS(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM && !WCOREDUMP(status));
    child = child_that_ends_with(3);
    struct rusage used;
    memset(&used, 0xff, sizeof used);
    IS(wait4(0, NULL, 0, &used) == child);
    IS(used.ru_utime.tv_sec == 0 && used.ru_maxrss > 0);
    child = child_that_ends_with(3);
    errno = 0;
    VALUE(wait4(-1, (int *)8, 0, NULL));
    VALUE(wait4(-1, &status, 0, NULL));
}

static void by_id(void)
{
    PART("waitid");
    siginfo_t info;
    pid_t child = child_that_ends_with(5);
    VALUE(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    IS(info.si_pid == child && info.si_signo == SIGCHLD && info.si_code == CLD_EXITED && info.si_status == 5);
    VALUE(waitid(P_PGID, getpgrp(), &info, WEXITED));
    IS(info.si_pid == child);
    VALUE(waitid(P_PID, child, &info, WEXITED));
    child = child_that_sleeps();
    memset(&info, 0xff, sizeof info);
    VALUE(waitid(P_ALL, 0, &info, WEXITED | WNOHANG));
    IS(info.si_pid == 0 && info.si_signo == 0);
    DO(kill(child, SIGSTOP));
    VALUE(waitid(P_PID, child, &info, WSTOPPED));
    IS(info.si_code == CLD_STOPPED && info.si_status == SIGSTOP);
    VALUE(waitid(P_PID, child, &info, WSTOPPED | WNOHANG));
    IS(info.si_pid == 0);
    DO(kill(child, SIGCONT));
    VALUE(waitid(P_PID, child, &info, WCONTINUED));
    IS(info.si_code == CLD_CONTINUED && info.si_status == SIGCONT);
    DO(kill(child, SIGKILL));
    VALUE(waitid(P_PID, child, &info, WEXITED));
    IS(info.si_code == CLD_KILLED && info.si_status == SIGKILL);
}

static void stops(void)
{
    PART("wait4 and stops");
    int status;
    pid_t child = child_that_sleeps();
    DO(kill(child, SIGTSTP));
    DO(kill(child, SIGSTOP));
    IS(waitpid(child, &status, WUNTRACED) == child);
    IS(WIFSTOPPED(status));
    DO(kill(child, SIGCONT));
    IS(waitpid(child, &status, WCONTINUED) == child);
    IS(WIFCONTINUED(status));
    VALUE(waitpid(child, &status, WNOHANG | WUNTRACED | WCONTINUED));
    DO(kill(child, SIGSTOP));
    DO(kill(child, SIGKILL));
    IS(waitpid(child, &status, 0) == child);
    IS(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static volatile int told, told_code, told_pid, told_status;

static void on_child(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    told++;
    told_code = info->si_code;
    told_pid = info->si_pid;
    told_status = info->si_status;
}

static void signals(void)
{
    PART("SIGCHLD");
    struct sigaction action = {.sa_sigaction = on_child, .sa_flags = SA_SIGINFO};
    DO(sigaction(SIGCHLD, &action, NULL));
    sigset_t blocked, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    pid_t child = child_that_ends_with(21);
    while (told == 0)
        sigsuspend(&old);
    IS(told == 1 && told_code == CLD_EXITED && told_pid == child && told_status == 21);
    sigprocmask(SIG_SETMASK, &old, NULL);
    IS(waitpid(child, NULL, 0) == child);

    PART("a wait that is told of the same child");
    told = 0;
    child = fork();
    if (child == 0) {
        nanosleep(&(struct timespec){0, 20000000}, NULL);
        _exit(22);
    }
    int status;
    IS(waitpid(child, &status, 0) == child);
    VALUE(WEXITSTATUS(status));
    VALUE(told);

    PART("children that nobody wants");
    action = (struct sigaction){.sa_handler = SIG_IGN};
    DO(sigaction(SIGCHLD, &action, NULL));
    child = child_that_ends_with(1);
    VALUE(waitpid(child, NULL, 0));
    action = (struct sigaction){.sa_sigaction = on_child, .sa_flags = SA_SIGINFO | SA_NOCLDWAIT | SA_RESTART};
    DO(sigaction(SIGCHLD, &action, NULL));
    told = 0;
    child = child_that_ends_with(1);
    VALUE(waitpid(child, NULL, 0));
    VALUE(told);
    action = (struct sigaction){.sa_handler = SIG_DFL};
    DO(sigaction(SIGCHLD, &action, NULL));
}

static void orphans(void)
{
    PART("orphans");
    int ends[2];
    DO(pipe(ends));
    pid_t child = fork();
    if (child == 0) {
        pid_t parent = getpid();
        if (fork() == 0) {
            while (getppid() == parent)
                nanosleep(&(struct timespec){0, 1000000}, NULL);
            if (write(ends[1], "adopted", 7) != 7)
                _exit(1);
            _exit(0);
        }
        _exit(0);
    }
    IS(waitpid(child, NULL, 0) == child);
    char bytes[8] = {0};
    VALUE(read(ends[0], bytes, 7));
    TEXT(bytes, 7);
}

int main(void)
{
    nobody();
    ends();
    by_id();
    stops();
    signals();
    orphans();
}
