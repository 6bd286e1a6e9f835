/*
 * clone(2), clone3(2) and unshare(2) by hand: what is shared, exit signals, whose child it is.
 */
#include "check.h"
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static char *stack;
static volatile int seen;

static pid_t make(int flags, int (*run)(void *), void *arg)
{
    return clone(run, stack + (1 << 16), flags, arg);
}

static int status_of(pid_t child, int options)
{
    int status = -1;
    return waitpid(child, &status, options) == child ? status : -1;
}

static int set_seen(void *value)
{
    seen = (int)(intptr_t)value;
    return 4;
}

static int close_and_open(void *fd)
{
    close((int)(intptr_t)fd);
    fcntl(1, F_DUPFD, 50);
    return 0;
}

static int go_away(void *unused)
{
    (void)unused;
    umask(0135);
    return chdir("/proc");
}

static void on_signal(int signo) { seen = signo; }

static int set_handler(void *unused)
{
    (void)unused;
    signal(SIGUSR1, on_signal);
    return 0;
}

static void memory(void)
{
    PART("memory");
    pid_t child = make(SIGCHLD, set_seen, (void *)1);
    IS(status_of(child, 0) == 4 << 8 && seen == 0);
    child = make(CLONE_VM | SIGCHLD, set_seen, (void *)2);
    IS(status_of(child, 0) == 4 << 8 && seen == 2);
    child = make(CLONE_VM | CLONE_VFORK | SIGCHLD, set_seen, (void *)3);
    IS(seen == 3);
    IS(status_of(child, 0) == 4 << 8);
}

static void files(void)
{
    PART("files and directories");
    int fd = open("/", O_RDONLY);
    status_of(make(SIGCHLD, close_and_open, (void *)(intptr_t)fd), 0);
    VALUE(fcntl(fd, F_GETFD));
    status_of(make(CLONE_FILES | SIGCHLD, close_and_open, (void *)(intptr_t)fd), 0);
    VALUE(fcntl(fd, F_GETFD));
    VALUE(fcntl(50, F_GETFD));
    close(50);
    char path[64];
    umask(022);
    IS(chdir("/") == 0);
    status_of(make(SIGCHLD, go_away, NULL), 0);
    IS(!strcmp(getcwd(path, sizeof path), "/"));
    status_of(make(CLONE_FS | SIGCHLD, go_away, NULL), 0);
    IS(!strcmp(getcwd(path, sizeof path), "/proc"));
    VALUE(umask(022) == 0135);
}

static struct sigaction action_of(int signo)
{
    struct sigaction action;
    sigaction(signo, NULL, &action);
    return action;
}

static void handlers(void)
{
    PART("handlers");
    status_of(make(CLONE_VM | SIGCHLD, set_handler, NULL), 0);
    IS(action_of(SIGUSR1).sa_handler == SIG_DFL);
    status_of(make(CLONE_VM | CLONE_SIGHAND | SIGCHLD, set_handler, NULL), 0);
    IS(action_of(SIGUSR1).sa_handler == on_signal);
    signal(SIGUSR2, SIG_IGN);
    struct clone_args args = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
    long child = syscall(SYS_clone3, &args, sizeof args);
    if (child == 0)
        _exit(action_of(SIGUSR1).sa_handler == SIG_DFL ? action_of(SIGUSR2).sa_handler == SIG_IGN ? 7 : 8 : 9);
    VALUE(WEXITSTATUS(status_of((pid_t)child, 0)));
    signal(SIGUSR1, SIG_DFL);
}

static void exit_signals(void)
{
    PART("exit signals");
    signal(SIGUSR1, on_signal);
    seen = 0;
    pid_t child = make(SIGUSR1, set_seen, (void *)0);
    VALUE(waitpid(child, NULL, 0));
    IS(status_of(child, __WCLONE) == 4 << 8);
    IS(seen == SIGUSR1);
    child = make(0, set_seen, (void *)0);
    IS(status_of(child, __WALL) == 4 << 8);
    signal(SIGUSR1, SIG_DFL);
}

static int sibling(void *unused)
{
    (void)unused;
    return getppid() == seen ? 0 : 1;
}

static int make_sibling(void *unused)
{
    (void)unused;
    char own[1 << 14];
    /* The caller's own parent waits for it. */
    return clone(sibling, own + sizeof own, CLONE_PARENT | SIGUSR2, NULL) > 0 ? 0 : 1;
}

static void parents(void)
{
    PART("CLONE_PARENT");
    seen = getpid();
    IS(status_of(make(SIGCHLD, make_sibling, NULL), 0) == 0);
    int status;
    IS(waitpid(-1, &status, 0) > 0 && status == 0);
}

static int unshare_files(void *fd)
{
    if (unshare(CLONE_FILES | CLONE_FS))
        return 1;
    close((int)(intptr_t)fd);
    return chdir("/");
}

static void unsharing(void)
{
    PART("unshare");
    int fd = open("/", O_RDONLY);
    char path[64];
    IS(chdir("/proc") == 0);
    IS(status_of(make(CLONE_FILES | CLONE_FS | SIGCHLD, unshare_files, (void *)(intptr_t)fd), 0) == 0);
    VALUE(fcntl(fd, F_GETFD));
    IS(!strcmp(getcwd(path, sizeof path), "/proc"));
    DO(unshare(0));
    DO(unshare(CLONE_FILES | CLONE_FS | CLONE_SYSVSEM));
    DO(unshare(CLONE_SIGHAND));
    DO(unshare(CLONE_VM));
    DO(unshare(CLONE_THREAD));
    DO(unshare(CLONE_PARENT));
    DO(unshare(CLONE_VFORK));
    DO(unshare(SIGCHLD));
}

static int wait_for_word(void *from)
{
    char byte;
    while (read((int)(intptr_t)from, &byte, 1) != 1) {
    }
    return 0;
}

static void shared_unsharing(void)
{
    PART("unshare while others share");
    int there[2];
    DO(pipe(there));
    pid_t child = make(CLONE_VM | CLONE_SIGHAND | SIGCHLD, wait_for_word, (void *)(intptr_t)there[0]);
    DO(unshare(CLONE_SIGHAND));
    DO(unshare(CLONE_VM));
    DO(unshare(CLONE_FILES));
    VALUE(write(there[1], "", 1));
    IS(status_of(child, 0) == 0);
    DO(unshare(CLONE_VM));
}

int main(void)
{
    stack = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory();
    files();
    handlers();
    exit_signals();
    parents();
    unsharing();
    shared_unsharing();
}
