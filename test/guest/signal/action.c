/* sigaction(2), kill(2), tgkill(2), sigqueue(3): flags, what the handler is told, what is refused. */
#include "check.h"

static volatile int calls, depth, deepest;
static volatile siginfo_t seen;
static sigset_t mask_inside;

static void handler(int signal, siginfo_t *info, void *context)
{
    (void)context;
    calls++;
    seen = *info;
    sigprocmask(SIG_SETMASK, NULL, &mask_inside);
    depth++;
    deepest = depth > deepest ? depth : deepest;
    if (calls == 1 && signal == SIGUSR2)
        raise(SIGUSR2);
    depth--;
}

static void install(int signal, int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGHUP);
    calls = depth = deepest = 0;
    DO(sigaction(signal, &action, NULL));
}

static void told(void)
{
    PART("what the handler is told");
    install(SIGUSR1, 0);
    DO(kill(getpid(), SIGUSR1));
    VALUE(calls);
    IS(seen.si_signo == SIGUSR1 && seen.si_code == SI_USER);
    IS(seen.si_pid == getpid() && seen.si_uid == getuid());
    VALUE(sigismember(&mask_inside, SIGUSR1));
    VALUE(sigismember(&mask_inside, SIGHUP));
    VALUE(sigismember(&mask_inside, SIGUSR2));
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    VALUE(sigismember(&now, SIGUSR1));
    VALUE(sigismember(&now, SIGHUP));
    DO(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1));
    IS(seen.si_code == SI_TKILL && seen.si_pid == getpid());
    DO(raise(SIGUSR1));
    IS(seen.si_code == SI_TKILL);
    DO(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 4711}));
    IS(seen.si_code == SI_QUEUE && seen.si_pid == getpid());
    VALUE(seen.si_value.sival_int);
    VALUE(calls);
}

static void nesting(void)
{
    PART("SA_NODEFER and its absence");
    install(SIGUSR2, 0);
    raise(SIGUSR2);
    VALUE(calls);
    VALUE(deepest);
    install(SIGUSR2, SA_NODEFER);
    raise(SIGUSR2);
    VALUE(calls);
    VALUE(deepest);
    VALUE(sigismember(&mask_inside, SIGUSR2));
    VALUE(sigismember(&mask_inside, SIGHUP));
}

static void reset(void)
{
    PART("SA_RESETHAND");
    install(SIGURG, SA_RESETHAND);
    raise(SIGURG);
    raise(SIGURG);
    VALUE(calls);
    struct sigaction now;
    DO(sigaction(SIGURG, NULL, &now));
    IS(now.sa_handler == SIG_DFL);
}

static void old_action(void)
{
    PART("the old action");
    install(SIGUSR1, SA_RESTART);
    struct sigaction old, ignore = {.sa_handler = SIG_IGN};
    DO(sigaction(SIGUSR1, &ignore, &old));
    IS(old.sa_sigaction == handler);
    IS((old.sa_flags & (SA_SIGINFO | SA_RESTART)) == (SA_SIGINFO | SA_RESTART));
    VALUE(sigismember(&old.sa_mask, SIGHUP));
    VALUE(sigismember(&old.sa_mask, SIGINT));
    raise(SIGUSR1);
    VALUE(calls);
    DO(sigaction(SIGUSR1, NULL, &old));
    IS(old.sa_handler == SIG_IGN);
}

static void refused(void)
{
    PART("refused");
    struct sigaction action = {.sa_handler = SIG_IGN}, old;
    DO(sigaction(SIGKILL, &action, NULL));
    DO(sigaction(SIGSTOP, &action, NULL));
    DO(sigaction(SIGKILL, NULL, &old));
    DO(syscall(SYS_rt_sigaction, 0, &action, NULL, 8));
    DO(syscall(SYS_rt_sigaction, 65, &action, NULL, 8));
    DO(syscall(SYS_rt_sigaction, SIGUSR1, &action, NULL, 4));
    DO(syscall(SYS_rt_sigaction, SIGUSR1, (void *)16, NULL, 8));
    DO(kill(getpid(), 0));
    DO(kill(getpid(), 65));
    DO(kill(getpid(), -1));
    DO(kill(0x3ffffff, 0));
    DO(kill(0x3ffffff, 65));
    DO(syscall(SYS_tgkill, getpid(), 0, SIGUSR1));
    DO(syscall(SYS_tgkill, -1, getpid(), SIGUSR1));
    DO(syscall(SYS_tgkill, getpid(), 0x3ffffff, 0));
    siginfo_t info = {.si_code = SI_USER};
    DO(syscall(SYS_rt_sigqueueinfo, 0x3ffffff, SIGUSR1, &info));
}

static void ignored(void)
{
    PART("pending signals are thrown away when they become ignored");
    sigset_t block, pending;
    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    sigprocmask(SIG_BLOCK, &block, NULL);
    install(SIGUSR1, 0);
    raise(SIGUSR1);
    sigpending(&pending);
    VALUE(sigismember(&pending, SIGUSR1));
    signal(SIGUSR1, SIG_IGN);
    sigpending(&pending);
    VALUE(sigismember(&pending, SIGUSR1));
    install(SIGUSR1, 0);
    sigprocmask(SIG_UNBLOCK, &block, NULL);
    VALUE(calls);
}

int main(void)
{
    told();
    nesting();
    reset();
    old_action();
    refused();
    ignored();
    return 0;
}
