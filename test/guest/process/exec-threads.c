/*
 * execve(2) in a process with several threads, after vfork(2), and where it fails.
 * @flags -pthread
 */
#include "check.h"
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static pthread_barrier_t both;
static char self[4096];

static void *sleep_on(void *unused)
{
    pthread_barrier_wait(&both);
    for (;;)
        pause();
    return unused;
}

static void *execute(void *unused)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_kill(pthread_self(), SIGUSR2);
    pthread_barrier_wait(&both);
    char parent[32];
    snprintf(parent, sizeof parent, "%d", getpid());
    execl(self, "other", "again", parent, NULL);
    return unused;
}

/* What the new program finds. */
static int again(const char *pid)
{
    sigset_t set;
    sigpending(&set);
    IS(getpid() == atoi(pid) && syscall(SYS_gettid) == getpid());
    IS(sigismember(&set, SIGUSR2));
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    IS(action.sa_handler == SIG_DFL);
    sigaction(SIGHUP, NULL, &action);
    IS(action.sa_handler == SIG_IGN);
    char name[17] = {0};
    prctl(PR_GET_NAME, name);
    IS(strcmp(name, "thread"));
    return 5;
}

static int status_of(pid_t child)
{
    int status = -1;
    return waitpid(child, &status, 0) == child ? status : -1;
}

static void from_a_thread(void)
{
    PART("by another thread than the first");
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        pthread_t threads[2];
        signal(SIGUSR1, _exit);
        signal(SIGHUP, SIG_IGN);
        pthread_barrier_init(&both, NULL, 3);
        pthread_create(&threads[0], NULL, sleep_on, NULL);
        pthread_create(&threads[1], NULL, execute, NULL);
        pthread_barrier_wait(&both);
        for (;;)
            pause();
    }
    IS(status_of(child) == 5 << 8);
}

static void failing(void)
{
    PART("failing");
    char *const argv[] = {"x", NULL};
    pid_t child = vfork();
    if (child == 0) {
        execve("/nonexistent/program", argv, NULL);
        _exit(errno == ENOENT ? 8 : 9);
    }
    IS(status_of(child) == 8 << 8);
    DO(execve("", argv, NULL));
    DO(execve("/", argv, NULL));
    DO(execve("/dev/null", argv, NULL));
    DO(syscall(SYS_execve, 8, argv, NULL));
    DO(syscall(SYS_execve, self, 8, NULL));
    DO(execve("/proc/self/exe/x", argv, NULL));
    scratch();
    put_file("text", "plain");
    DO(execve("text", argv, NULL));
    chmod("text", 0755);
    DO(execve("text", argv, NULL));
    put_file("script", "#!/nonexistent/interpreter\n");
    chmod("script", 0755);
    DO(execve("script", argv, NULL));
    unlink("text");
    unlink("script");
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return again(argv[2]);
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = 0;
    prctl(PR_SET_NAME, "thread");
    from_a_thread();
    failing();
}
