/* Children that do nothing but wait for signals: groups, stops, ends, and all ways to wait for them. */
#include <sys/resource.h>
#include <sys/wait.h>

#define CHILDREN 5

typedef struct {
    pid_t pid;
    enum { ABSENT, RUNNING, STOPPED, ENDED } state;
    /* A signal that ends it when it goes on. */
    int waiting;
} Child;

static Child children[CHILDREN];
static pid_t own_group;

/* Numbers differ from system to system: children are told by their index, this process as 90. */
static long index_of(long pid)
{
    if (pid <= 0)
        return pid < -1 ? -100 - index_of(-pid) : pid;
    if (pid == getpid() || pid == own_group)
        return 90;
    for (int i = 0; i < CHILDREN; i++)
        if (children[i].pid == pid)
            return i + 1;
    return 99;
}

static void forget(pid_t pid)
{
    for (int i = 0; i < CHILDREN; i++)
        if (children[i].pid == pid)
            children[i] = (Child){0};
}

static void beget(int i)
{
    static const char *const kinds[] = {"as it is", "own group", "own session", "exits", "ignores"};
    int kind = pick(COUNT(kinds)), ready[2];
    char byte;
    if (children[i].state != ABSENT || pipe(ready))
        return;
    pid_t pid = fork();
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (kind == 1)
            setpgid(0, 0);
        if (kind == 2)
            setsid();
        if (kind == 3)
            _exit(i * 16 + 3);
        if (kind == 4)
            signal(SIGUSR1, SIG_IGN);
        write(ready[1], "r", 1);
        for (;;)
            pause();
    }
    close(ready[1]);
    read(ready[0], &byte, 1);
    close(ready[0]);
    children[i] = (Child){pid, kind == 3 ? ENDED : RUNNING, 0};
    if (kind == 3) {
        siginfo_t info;
        waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    }
    told(i + 1, "fork %s", kinds[kind]);
}

/* Waits until a child that goes on sleeps again: before that it tells its parent. */
static void wait_asleep(pid_t pid)
{
    char path[40], text[200];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    for (;;) {
        FILE *file = fopen(path, "r");
        int got = file && fgets(text, sizeof text, file);
        if (file)
            fclose(file);
        if (!got || strstr(text, ") S "))
            return;
        usleep(500);
    }
}

/* Waits until a child has become what a signal makes of it. */
static void settle(Child *child, int number)
{
    siginfo_t info;
    int fatal = number == SIGTERM || number == SIGUSR1 || number == 40;
    if (number == SIGKILL && child->state != ENDED) {
        waitid(P_PID, child->pid, &info, WEXITED | WNOWAIT);
        child->state = ENDED;
    } else if (number == SIGSTOP && child->state == RUNNING) {
        waitid(P_PID, child->pid, &info, WSTOPPED | WNOWAIT);
        child->state = STOPPED;
    } else if (number == SIGCONT && child->state == STOPPED) {
        waitid(P_PID, child->pid, &info, WCONTINUED | (child->waiting ? WEXITED : 0) | WNOWAIT);
        child->state = RUNNING;
        number = child->waiting;
        fatal = number != 0;
        if (!fatal)
            wait_asleep(child->pid);
    }
    if (fatal && child->state == STOPPED)
        child->waiting = number;
    if (fatal && child->state == RUNNING) {
        waitid(P_PID, child->pid, &info, WEXITED | WNOWAIT);
        child->state = ENDED;
    }
}

static void signal_one(void)
{
    static const int numbers[] = {SIGSTOP, SIGSTOP, SIGCONT, SIGCONT, SIGTERM, SIGKILL, 0, SIGCHLD, 40, 65, -1};
    int number = ONE_OF(numbers);
    Child *child = &children[pick(CHILDREN)];
    if (child->state == ABSENT)
        return;
    long result = rarely(2) ? kill(child->pid, number) : sigqueue(child->pid, number, (union sigval){.sival_int = step});
    told(result, "kill %ld %d", index_of(child->pid), number);
    if (result == 0)
        settle(child, number);
}

static pid_t any_whom(void)
{
    int i = pick(CHILDREN + 4);
    if (i < CHILDREN && children[i].pid)
        return rarely(4) ? -children[i].pid : children[i].pid;
    return i % 3 == 0 ? -1 : i % 3 == 1 ? 0 : 0x7ffffff;
}

static void wait_one(void)
{
    static const int options[] = {0, WUNTRACED, WCONTINUED, WUNTRACED | WCONTINUED, __WALL, __WCLONE, 0x100};
    int option = ONE_OF(options) | WNOHANG, status = 0;
    pid_t whom = any_whom();
    struct rusage usage;
    pid_t pid = wait4(whom, &status, option, &usage);
    told(pid > 0 ? index_of(pid) : pid, "wait4 %ld %#x status %#x", index_of(whom), option, pid > 0 ? status : 0);
    if (pid > 0 && (WIFEXITED(status) || WIFSIGNALED(status)))
        forget(pid);
}

static void waitid_one(void)
{
    static const int options[] = {WEXITED, WSTOPPED, WCONTINUED, WEXITED | WSTOPPED | WCONTINUED, WEXITED | WNOWAIT,
                                  WSTOPPED | WNOWAIT, 0, WNOWAIT, WEXITED | 0x100};
    static const int kinds[] = {P_ALL, P_PID, P_PGID, 3, 9};
    int option = ONE_OF(options) | WNOHANG, kind = ONE_OF(kinds);
    pid_t whom = any_whom();
    if (kind == 3)
        whom = 5000;
    siginfo_t info = {0};
    long result = waitid(kind, whom, &info, option);
    told(result, "waitid %d %ld %#x: %ld code %d status %d", kind, index_of(whom), option, index_of(info.si_pid), info.si_code,
         info.si_status);
    if (result == 0 && info.si_pid && !(option & WNOWAIT) && info.si_code <= CLD_DUMPED)
        forget(info.si_pid);
}

static void regroup(void)
{
    Child *child = &children[pick(CHILDREN)];
    pid_t whom = rarely(6) ? 0x7ffffff : child->pid;
    if (!whom)
        return;
    switch (pick(4)) {
    case 0: {
        pid_t groups[] = {0, whom, own_group, children[pick(CHILDREN)].pid, -0x7ffffff, 0x7ffffff};
        pid_t group = ONE_OF(groups);
        told(setpgid(whom, group), "setpgid %ld %ld", index_of(whom), index_of(group));
        return;
    }
    case 1: {
        pid_t group = getpgid(whom);
        told(group > 0 ? index_of(group) : group, "getpgid %ld", index_of(whom));
        return;
    }
    case 2: {
        pid_t session = getsid(whom);
        told(session > 0 ? session == getsid(0) ? 90 : index_of(session) : session, "getsid %ld", index_of(whom));
        return;
    }
    default: {
        int value = (int)pick(25) - 2;
        if (rarely(2)) {
            told(setpriority(PRIO_PROCESS, whom, value), "setpriority %ld %d", index_of(whom), value);
        } else {
            errno = 0;
            long result = getpriority(PRIO_PROCESS, whom);
            told(errno ? -1 : result + 100, "getpriority %ld", index_of(whom));
        }
    }
    }
}

static void child_signal(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    siginfo_t info = {0};
    struct timespec none = {0, 0};
    long result = sigtimedwait(&set, &info, &none);
    if (result < 0)
        told(result, "sigtimedwait");
    else
        told(result, "sigtimedwait %ld code %d status %d", index_of(info.si_pid), info.si_code, info.si_status);
}

static void arrange_children(void)
{
    static const int flags[] = {0, SA_NOCLDSTOP, 0, SA_NOCLDSTOP | SA_RESTART};
    struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = ONE_OF(flags)};
    told(sigaction(SIGCHLD, &action, NULL), "sigaction %#x", action.sa_flags);
}

static void end_processes(void)
{
    for (int i = 0; i < CHILDREN; i++)
        if (children[i].pid)
            kill(children[i].pid, SIGKILL);
    while (wait(NULL) > 0)
        ;
}

static void begin_processes(void)
{
    setpgid(0, 0);
    own_group = getpgid(0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    atexit(end_processes);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void walk_processes(void)
{
    switch (pick(12)) {
    case 0:
    case 1:
    case 2:
        beget(pick(CHILDREN));
        return;
    case 3:
    case 4:
    case 5:
        signal_one();
        return;
    case 6:
    case 7:
        wait_one();
        return;
    case 8:
        waitid_one();
        return;
    case 9:
        regroup();
        return;
    case 10:
        child_signal();
        return;
    default:
        if (rarely(3))
            arrange_children();
        else
            waitid_one();
    }
}
