/*
 * kill(2) between processes: one, a group, everyone of a user; who may, and which error comes first.
 */
#include "check.h"
#include <sys/wait.h>

/* Read by children to the end of the test. */
static int life[2];

static void sleep_to_the_end(void)
{
    char byte;
    close(life[1]);
    while (read(life[0], &byte, 1) < 0 && errno == EINTR) {
    }
    _exit(0);
}

/* A child that waits to be signalled, in a group of its own or its leader's; the parent goes on once it is there. */
static pid_t sleeper(pid_t group, uid_t user)
{
    int ready[2];
    char byte;
    if (pipe(ready))
        exit(99);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, group);
        if (user != 0 && setresuid(user, user, user))
            _exit(99);
        if (write(ready[1], "", 1) != 1)
            _exit(99);
        sleep_to_the_end();
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        exit(99);
    close(ready[0]);
    return child;
}

static int ended_by(pid_t child)
{
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static void targets(void)
{
    PART("targets");
    pid_t one = sleeper(0, 0), two = sleeper(one, 0), three = sleeper(0, 0);
    DO(kill(one, 0));
    DO(kill(-one, 0));
    DO(kill(-two, 0));
    DO(kill(one, 65));
    DO(kill(one, -1));
    DO(kill(-two, 65));
    DO(kill(-one, SIGUSR1));
    VALUE(ended_by(one));
    VALUE(ended_by(two));
    DO(kill(one, 0));
    DO(kill(-one, 0));
    DO(kill(three, SIGSTOP));
    int status;
    IS(waitpid(three, &status, WUNTRACED) == three && WIFSTOPPED(status));
    DO(kill(three, SIGTERM));
    VALUE(waitpid(three, &status, WNOHANG));
    DO(kill(three, SIGCONT));
    VALUE(ended_by(three));
    DO(kill(INT32_MIN, 0));
    DO(kill(INT32_MIN, 65));
}

static void zombies(void)
{
    PART("zombies");
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        _exit(0);
    }
    siginfo_t info;
    DO(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    DO(kill(child, SIGTERM));
    DO(kill(-child, SIGTERM));
    DO(kill(child, 65));
    VALUE(getpgid(child) == child);
    IS(waitpid(child, NULL, 0) == child);
    DO(kill(child, SIGTERM));
}

static volatile int caught;
static void on_signal(int signo) { caught = signo; }

static void own_group(void)
{
    PART("own group");
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        pid_t other = sleeper(getpid(), 0);
        signal(SIGUSR1, on_signal);
        IS(kill(0, SIGUSR1) == 0 && caught == SIGUSR1);
        VALUE(ended_by(other));
        _exit(0);
    }
    IS(waitpid(child, NULL, 0) == child);
}

static void users(void)
{
    PART("other users");
    uid_t user = 50000 + (uid_t)getpid() % 10000, other = user + 10000;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        pid_t roots = sleeper(0, 0), same = sleeper(0, user), foreign = sleeper(roots, other);
        if (setresuid(user, user, user))
            _exit(1);
        DO(kill(roots, 0));
        DO(kill(roots, SIGTERM));
        DO(kill(roots, 65));
        /* The same session. */
        DO(kill(roots, SIGCONT));
        DO(kill(-roots, SIGTERM));
        DO(kill(foreign, SIGTERM));
        DO(kill(same, 0));
        DO(kill(parent, 0));
        DO(syscall(SYS_tgkill, parent, parent, 0));
        DO(syscall(SYS_tgkill, parent, INT32_MAX, 0));
        signal(SIGUSR1, on_signal);
        DO(kill(-1, SIGUSR1));
        VALUE(caught);
        VALUE(ended_by(same));
        _exit(0);
    }
    int status;
    IS(waitpid(child, &status, 0) == child && status == 0);
}

static void effective(void)
{
    PART("real, effective and saved ids");
    static const uid_t ids[][4] = {{7, 0, 0, 1}, {0, 7, 7, 1}, {0, 7, 0, 0}, {0, 0, 7, 1}, {8, 9, 7, 1}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        pid_t child = fork();
        if (child == 0) {
            int ready[2];
            char byte;
            if (pipe(ready))
                _exit(1);
            pid_t target = fork();
            if (target == 0) {
                if (setresuid(ids[i][0], ids[i][1], ids[i][2]) || write(ready[1], "", 1) != 1)
                    _exit(1);
                sleep_to_the_end();
            }
            if (read(ready[0], &byte, 1) != 1 || setresuid(7, 7, 7))
                _exit(1);
            int answer = kill(target, 0);
            printf("%u %u %u: %s\n", ids[i][0], ids[i][1], ids[i][2], answer ? check_errno(errno) : "ok");
            /* Only its parent may end it now. */
            _exit(0);
        }
        IS(waitpid(child, NULL, 0) == child);
    }
}

int main(void)
{
    DO(pipe(life));
    targets();
    zombies();
    own_group();
    users();
    effective();
}
