/* Signals of one process: what is blocked, pending, handled, waited for, and in which order handlers see them. */
#include <sys/signalfd.h>
#include <sys/time.h>
#include <ucontext.h>

static const int numbers[] = {SIGUSR1, SIGUSR2, SIGHUP, SIGCHLD, SIGWINCH, SIGCONT, SIGURG, 34, 35, 64, SIGALRM};
static char seen[4000];
static int signal_file = -1;
static char alternate[65536] __attribute__((aligned(16)));

static int any_number(void)
{
    static const int odd[] = {0, -1, 65, SIGKILL, SIGSTOP};
    return rarely(25) ? ONE_OF(odd) : ONE_OF(numbers);
}

static void note(int number, siginfo_t *info, void *context)
{
    char here;
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    unsigned long mask;
    memcpy(&mask, &now, sizeof mask);
    unsigned long under;
    memcpy(&under, &((ucontext_t *)context)->uc_sigmask, sizeof under);
    int on_alternate = &here >= alternate && &here < alternate + sizeof alternate;
    if (info)
        snprintf(seen + strlen(seen), sizeof seen - strlen(seen), " [%d code %d value %d pid %d alt %d mask %lx under %lx]", number,
                 info->si_code, info->si_code == SI_QUEUE ? info->si_int : 0, info->si_pid == getpid(), on_alternate, mask, under);
}

static void tell_seen(void)
{
    if (seen[0])
        told(0, "handled%s", seen);
    seen[0] = 0;
}

static sigset_t any_set(unsigned long *bits)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < COUNT(numbers); i++)
        if (rarely(3))
            sigaddset(&set, numbers[i]);
    memcpy(bits, &set, sizeof *bits);
    return set;
}

static unsigned long bits_of(const sigset_t *set)
{
    unsigned long bits;
    memcpy(&bits, set, sizeof bits);
    return bits;
}

static void arrange(void)
{
    static const int ways[] = {0, SA_RESTART, SA_NODEFER, SA_RESETHAND, SA_ONSTACK, SA_NODEFER | SA_RESETHAND, SA_NOCLDWAIT};
    int number = any_number(), way = ONE_OF(ways), kind = pick(6);
    unsigned long bits;
    struct sigaction action = {.sa_sigaction = note, .sa_flags = way | SA_SIGINFO, .sa_mask = any_set(&bits)}, old;
    /* The default action of most would end this walk. */
    if (kind == 0)
        action.sa_handler = SIG_IGN;
    else if (kind == 1 && (number == SIGCHLD || number == SIGWINCH || number == SIGURG || number == SIGCONT))
        action.sa_handler = SIG_DFL;
    if (action.sa_sigaction == note && (way & SA_RESETHAND) && number != SIGCHLD && number != SIGWINCH)
        action.sa_flags &= ~SA_RESETHAND;
    long result = sigaction(number, &action, &old);
    told(result, "sigaction %d kind %d flags %#x mask %lx old %d %#x %lx", number, kind, way, bits,
         result < 0 ? -1 : old.sa_handler == SIG_IGN ? 1 : old.sa_handler == SIG_DFL ? 0 : 2, result < 0 ? 0 : old.sa_flags & 0x7bffffff /* without SA_RESTORER */,
         result < 0 ? 0 : bits_of(&old.sa_mask));
}

static void block_some(void)
{
    unsigned long bits;
    sigset_t set = any_set(&bits), old;
    int how = pick(4);
    long result = sigprocmask(how, &set, &old);
    told(result, "sigprocmask %d %lx old %lx", how, bits, result < 0 ? 0 : bits_of(&old));
}

static void post(void)
{
    int number = any_number();
    if (number == SIGKILL || number == SIGSTOP)
        number = 0;
    switch (pick(5)) {
    case 0:
        told(kill(getpid(), number), "kill %d", number);
        return;
    case 1:
        told(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), number), "tgkill %d", number);
        return;
    case 2:
    case 3:
        told(sigqueue(getpid(), number, (union sigval){.sival_int = step}), "sigqueue %d", number);
        return;
    default: {
        siginfo_t info = {.si_signo = number, .si_code = rarely(2) ? SI_QUEUE : rarely(2) ? SI_TKILL : SI_MESGQ};
        info.si_value.sival_int = step;
        told(syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), number, &info), "tgsigqueue %d code %d", number, info.si_code);
    }
    }
}

static void wait_some(void)
{
    unsigned long bits;
    sigset_t set = any_set(&bits);
    siginfo_t info = {0};
    struct timespec none = {0, 0};
    switch (pick(5)) {
    case 0: {
        sigset_t pending;
        long result = sigpending(&pending);
        told(result, "sigpending %lx", bits_of(&pending));
        return;
    }
    case 1:
    case 2: {
        long result = sigtimedwait(&set, &info, &none);
        told(result, "sigtimedwait %lx code %d value %d", bits, info.si_code, info.si_code == SI_QUEUE ? info.si_int : 0);
        return;
    }
    case 3: {
        signal_file = signalfd(signal_file, &set, SFD_NONBLOCK);
        struct pollfd one = {.fd = signal_file, .events = POLLIN};
        told(poll(&one, 1, 0), "signalfd %lx", bits);
        return;
    }
    default: {
        struct signalfd_siginfo got[3];
        long result = signal_file < 0 ? 0 : read(signal_file, got, sizeof got);
        told(result, "read signalfd %d %d %d", result >= 128 ? (int)got[0].ssi_signo : 0, result >= 256 ? (int)got[1].ssi_signo : 0,
             result >= 128 ? got[0].ssi_code : 0);
    }
    }
}

/* Lets in what is pending under another mask, if something of it would come in: sigsuspend would wait otherwise. */
static void suspend(void)
{
    sigset_t pending, all;
    sigpending(&pending);
    sigemptyset(&all);
    int handled = 0;
    for (int i = 0; i < COUNT(numbers); i++) {
        struct sigaction action;
        sigaction(numbers[i], NULL, &action);
        if (sigismember(&pending, numbers[i]) && action.sa_sigaction == note)
            handled = 1;
    }
    if (!handled)
        return;
    long result = rarely(2) ? sigsuspend(&all) : ppoll(NULL, 0, NULL, &all);
    told(result, "suspend");
}

static void stacks(void)
{
    static const int flags[] = {0, SS_DISABLE, (int)(1U << 31) /* SS_AUTODISARM */, 77};
    stack_t stack = {.ss_sp = alternate, .ss_size = rarely(5) ? 1000 : sizeof alternate, .ss_flags = ONE_OF(flags)}, old;
    long result = sigaltstack(&stack, &old);
    told(result, "sigaltstack %#x size %zu old %#x %zu", (unsigned)stack.ss_flags, stack.ss_size, result < 0 ? 0 : (unsigned)old.ss_flags,
         result < 0 ? 0 : old.ss_size);
}

static void begin_signals(void)
{
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
    for (int i = 0; i < COUNT(numbers); i++)
        sigaction(numbers[i], &action, NULL);
}

static void walk_signals(void)
{
    switch (pick(12)) {
    case 0:
    case 1:
        arrange();
        break;
    case 2:
    case 3:
    case 4:
        block_some();
        break;
    case 5:
    case 6:
    case 7:
    case 8:
        post();
        break;
    case 9:
    case 10:
        wait_some();
        break;
    default:
        if (rarely(2))
            suspend();
        else
            stacks();
    }
    tell_seen();
}
