/* sigprocmask(2), sigpending(2), sigsuspend(2), sigtimedwait(2): order, queueing, waiting. */
#include "check.h"
#include <time.h>

static int order[64];
static volatile int count;

static void note(int signal) { order[count++] = signal; }

static void show(const char *what)
{
    printf("%s:", what);
    for (int i = 0; i < count; i++)
        printf(order[i] >= SIGRTMIN ? " RTMIN+%d" : " %d", order[i] >= SIGRTMIN ? order[i] - SIGRTMIN : order[i]);
    printf("\n");
    count = 0;
}

static sigset_t set_of(int a, int b, int c, int d)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0, all[] = {a, b, c, d}; i < 4; i++)
        if (all[i])
            sigaddset(&set, all[i]);
    return set;
}

static void blocking(void)
{
    PART("blocked, pending, delivered");
    sigset_t all = set_of(SIGUSR1, SIGUSR2, SIGRTMIN, SIGRTMIN + 1), old, pending, usr1 = set_of(SIGUSR1, 0, 0, 0);
    DO(sigprocmask(SIG_BLOCK, &all, NULL));
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1);
    for (int i = 0; i < 3; i++)
        raise(SIGRTMIN + 1);
    raise(SIGRTMIN);
    VALUE(count);
    DO(sigpending(&pending));
    VALUE(sigismember(&pending, SIGUSR1));
    VALUE(sigismember(&pending, SIGRTMIN + 1));
    VALUE(sigismember(&pending, SIGHUP));
    DO(sigprocmask(SIG_UNBLOCK, &usr1, &old));
    show("SIGUSR1 unblocked");
    VALUE(sigismember(&old, SIGUSR1));
    DO(sigprocmask(SIG_SETMASK, &usr1, &old));
    VALUE(count);
    count = 0;
    DO(sigprocmask(SIG_SETMASK, NULL, &old));
    VALUE(sigismember(&old, SIGUSR1));
    VALUE(sigismember(&old, SIGUSR2));
    DO(syscall(SYS_rt_sigprocmask, 99, &all, NULL, 8));
    DO(syscall(SYS_rt_sigprocmask, 99, NULL, NULL, 8));
    DO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, 16));
    DO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, (void *)16, NULL, 8));
    sigset_t kill_set = set_of(SIGKILL, SIGSTOP, 0, 0);
    DO(sigprocmask(SIG_BLOCK, &kill_set, NULL));
    DO(sigprocmask(SIG_SETMASK, NULL, &old));
    VALUE(sigismember(&old, SIGKILL));
}

static void suspending(void)
{
    PART("sigsuspend");
    sigset_t both = set_of(SIGUSR1, SIGUSR2, 0, 0), only2 = set_of(SIGUSR2, 0, 0, 0), old;
    sigprocmask(SIG_SETMASK, &both, NULL);
    raise(SIGUSR1);
    raise(SIGUSR2);
    DO(sigsuspend(&only2));
    show("delivered");
    sigprocmask(SIG_SETMASK, NULL, &old);
    VALUE(sigismember(&old, SIGUSR1));
    sigset_t none = set_of(0, 0, 0, 0);
    DO(sigsuspend(&none));
    show("delivered");
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void waiting(void)
{
    PART("sigtimedwait, sigwaitinfo, sigwait");
    sigset_t all = set_of(SIGUSR1, SIGUSR2, SIGRTMIN, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &all, NULL);
    siginfo_t info;
    struct timespec none = {0, 0}, some = {0, 20000000}, bad = {0, 1000000000};
    DO(sigtimedwait(&all, &info, &none));
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    DO(sigtimedwait(&all, &info, &some));
    clock_gettime(CLOCK_MONOTONIC, &to);
    IS((to.tv_sec - from.tv_sec) * 1000000000L + to.tv_nsec - from.tv_nsec >= 20000000);
    DO(sigtimedwait(&all, &info, &bad));
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1});
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 2});
    raise(SIGUSR2);
    VALUE(sigwaitinfo(&all, &info));
    IS(info.si_code == SI_TKILL);
    IS(sigtimedwait(&all, &info, &none) == SIGRTMIN);
    VALUE(info.si_value.sival_int);
    IS(sigtimedwait(&all, &info, &none) == SIGRTMIN);
    VALUE(info.si_value.sival_int);
    DO(sigtimedwait(&all, &info, &none));
    int number;
    raise(SIGUSR1);
    VALUE(sigwait(&all, &number));
    VALUE(number);
    VALUE(count);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
}

/* A signal that is sent while another's handler runs waits if that handler's mask says so. */
static void inner(int signal) { order[count++] = signal; }
static void outer(int signal)
{
    order[count++] = -1;
    raise(SIGUSR2);
    order[count++] = signal;
}

static void masks_of_handlers(void)
{
    PART("sa_mask");
    for (int masked = 0; masked < 2; masked++) {
        struct sigaction first = {.sa_handler = outer}, second = {.sa_handler = inner};
        sigemptyset(&first.sa_mask);
        if (masked)
            sigaddset(&first.sa_mask, SIGUSR2);
        sigaction(SIGUSR1, &first, NULL);
        sigaction(SIGUSR2, &second, NULL);
        raise(SIGUSR1);
        show(masked ? "masked" : "not masked");
    }
}

int main(void)
{
    struct sigaction action = {.sa_handler = note};
    sigfillset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGRTMIN, &action, NULL);
    sigaction(SIGRTMIN + 1, &action, NULL);
    blocking();
    suspending();
    waiting();
    masks_of_handlers();
    return 0;
}
