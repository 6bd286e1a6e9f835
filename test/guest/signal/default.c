/*
 * What happens to a program that has no handler: one run each.
 * @args TERM
 * @args KILL
 * @args SEGV
 * @args ABRT
 * @args PIPE
 * @args ALRM
 * @args USR1
 * @args RTMIN
 * @args CHLD
 * @args URG
 * @args WINCH
 * @args CONT
 * @args blocked
 * @args abort
 * @args abort-handled
 * @args abort-ignored
 * @args ignored-fault
 * @args blocked-fault
 * @args null
 * @args illegal
 * @args broken-pipe
 * @args alarm
 */
#include "check.h"
#include <setjmp.h>

static const struct {
    const char *name;
    int number;
} signals[] = {{"TERM", SIGTERM}, {"KILL", SIGKILL}, {"SEGV", SIGSEGV}, {"ABRT", SIGABRT}, {"PIPE", SIGPIPE},
               {"ALRM", SIGALRM}, {"USR1", SIGUSR1}, {"CHLD", SIGCHLD}, {"URG", SIGURG},   {"WINCH", SIGWINCH},
               {"CONT", SIGCONT}, {NULL, 0}};

static void note(int signal) { printf("handler %d\n", signal); }

static void illegal(void)
{
#ifdef __riscv
    __asm__ volatile(".4byte 0");
#else
    __asm__ volatile("ud2");
#endif
}

static void odd(const char *what)
{
    sigset_t set;
    sigfillset(&set);
    if (!strcmp(what, "RTMIN")) {
        raise(SIGRTMIN);
    } else if (!strcmp(what, "blocked")) {
        sigprocmask(SIG_BLOCK, &set, NULL);
        raise(SIGTERM);
        printf("still here\n");
        sigprocmask(SIG_UNBLOCK, &set, NULL);
    } else if (!strcmp(what, "abort")) {
        abort();
    } else if (!strcmp(what, "abort-handled")) {
        signal(SIGABRT, note);
        abort();
    } else if (!strcmp(what, "abort-ignored")) {
        signal(SIGABRT, SIG_IGN);
        abort();
    } else if (!strcmp(what, "ignored-fault")) {
        signal(SIGSEGV, SIG_IGN);
        *(volatile int *)16 = 1;
    } else if (!strcmp(what, "blocked-fault")) {
        signal(SIGSEGV, note);
        sigprocmask(SIG_BLOCK, &set, NULL);
        *(volatile int *)16 = 1;
    } else if (!strcmp(what, "null")) {
        *(volatile int *)NULL = 1;
    } else if (!strcmp(what, "illegal")) {
        illegal();
    } else if (!strcmp(what, "broken-pipe")) {
        int ends[2];
        DO(pipe(ends));
        close(ends[0]);
        DO(write(ends[1], "x", 1));
    } else if (!strcmp(what, "alarm")) {
        alarm(1);
        for (;;)
            pause();
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "TERM";
    printf("before %s\n", what);
    for (int i = 0; signals[i].name; i++)
        if (!strcmp(what, signals[i].name))
            raise(signals[i].number);
    odd(what);
    printf("after %s\n", what);
    return 7;
}
