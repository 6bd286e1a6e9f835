/*
 * Processes, threads, signals and futexes: what one operation costs, by the wall clock, when it is done again and again.
 * `tasks ROW COUNT` prints nanoseconds an operation.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/futex.h>
#include <stdatomic.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long guarded;

static void uncontended_mutex(long count)
{
    for (long i = 0; i < count; i++) {
        pthread_mutex_lock(&mutex);
        guarded++;
        pthread_mutex_unlock(&mutex);
    }
}

enum { CONTENDERS = 8, AUDIENCE = 100, SLEEPERS = 10000 };

static void *contend(void *count)
{
    uncontended_mutex((intptr_t)count);
    return NULL;
}

static void contended_mutex(long count)
{
    pthread_t threads[CONTENDERS];
    for (int i = 0; i < CONTENDERS; i++)
        if (pthread_create(&threads[i], NULL, contend, (void *)(intptr_t)(count / CONTENDERS)))
            fail("pthread_create");
    for (int i = 0; i < CONTENDERS; i++)
        pthread_join(threads[i], NULL);
}

static atomic_int turn;

static void await_turn(int mine)
{
    while (atomic_load(&turn) != mine)
        syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, 1 - mine, NULL, NULL, 0);
}

static void give_turn(int to)
{
    atomic_store(&turn, to);
    syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *other_player(void *count)
{
    for (long i = 0; i < (intptr_t)count; i++) {
        await_turn(1);
        give_turn(0);
    }
    return NULL;
}

static void futex_ping_pong(long count)
{
    pthread_t other;
    if (pthread_create(&other, NULL, other_player, (void *)(intptr_t)count))
        fail("pthread_create");
    for (long i = 0; i < count; i++) {
        give_turn(1);
        await_turn(0);
    }
    pthread_join(other, NULL);
}

static pthread_cond_t called = PTHREAD_COND_INITIALIZER, all_there = PTHREAD_COND_INITIALIZER;
static long call_number;
static int there;

static void *listen_to_calls(void *count)
{
    pthread_mutex_lock(&mutex);
    for (long i = 0; i < (intptr_t)count; i++) {
        if (++there == AUDIENCE)
            pthread_cond_signal(&all_there);
        while (call_number == i)
            pthread_cond_wait(&called, &mutex);
    }
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void broadcast(long count)
{
    pthread_t threads[AUDIENCE];
    for (int i = 0; i < AUDIENCE; i++)
        if (pthread_create(&threads[i], NULL, listen_to_calls, (void *)(intptr_t)count))
            fail("pthread_create");
    pthread_mutex_lock(&mutex);
    for (long i = 0; i < count; i++) {
        while (there < AUDIENCE)
            pthread_cond_wait(&all_there, &mutex);
        there = 0;
        call_number++;
        pthread_cond_broadcast(&called);
    }
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < AUDIENCE; i++)
        pthread_join(threads[i], NULL);
}

static void *nothing(void *argument) { return argument; }

static void create_join(long count)
{
    for (long i = 0; i < count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, nothing, NULL))
            fail("pthread_create");
        pthread_join(thread, NULL);
    }
}

static volatile sig_atomic_t handled;

static void handle(int signo) { handled += signo; }

static void signal_to_self(long count)
{
    signal(SIGUSR1, handle);
    pid_t self = getpid();
    for (long i = 0; i < count; i++)
        kill(self, SIGUSR1);
    if (handled != SIGUSR1 * count)
        fail("signals were lost");
}

static void signal_ping_pong(long count)
{
    sigset_t set;
    int signo;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        fail("fork");
    for (long i = 0; i < count; i++) {
        if (child == 0) {
            sigwait(&set, &signo);
            kill(parent, SIGUSR1);
        } else {
            kill(child, SIGUSR1);
            sigwait(&set, &signo);
        }
    }
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
}

static void pipe_ping_pong(long count)
{
    int there_ends[2], back[2];
    char byte = 0;
    if (pipe(there_ends) || pipe(back))
        fail("pipe");
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    for (long i = 0; i < count; i++) {
        int first = child ? write(there_ends[1], &byte, 1) : read(there_ends[0], &byte, 1);
        int second = child ? read(back[0], &byte, 1) : write(back[1], &byte, 1);
        if (first != 1 || second != 1)
            fail("pipe");
    }
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
}

static void fork_exit(long count)
{
    for (long i = 0; i < count; i++) {
        pid_t child = fork();
        if (child < 0)
            fail("fork");
        if (child == 0)
            _exit(0);
        waitpid(child, NULL, 0);
    }
}

static void fork_exec_wait(long count)
{
    for (long i = 0; i < count; i++) {
        int status;
        pid_t child = fork();
        if (child < 0)
            fail("fork");
        if (child == 0) {
            execl("/proc/self/exe", "tasks", NULL);
            _exit(9);
        }
        waitpid(child, &status, 0);
        if (status)
            fail("exec");
    }
}

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *sleep_at_gate(void *argument)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return argument;
}

/* Ten thousand threads fall asleep, wake and are joined; an operation is one of them. */
static void sleepers(long count)
{
    static pthread_t threads[SLEEPERS];
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    for (long done = 0; done < count; done += SLEEPERS) {
        pthread_mutex_lock(&gate);
        for (int i = 0; i < SLEEPERS; i++)
            if (pthread_create(&threads[i], &small, sleep_at_gate, NULL))
                fail("pthread_create");
        pthread_mutex_unlock(&gate);
        for (int i = 0; i < SLEEPERS; i++)
            pthread_join(threads[i], NULL);
    }
}

static const struct {
    const char *name;
    void (*run)(long count);
} rows[] = {
    {"uncontended-mutex", uncontended_mutex},
    {"contended-mutex", contended_mutex},
    {"futex-ping-pong", futex_ping_pong},
    {"broadcast", broadcast},
    {"signal-to-self", signal_to_self},
    {"signal-ping-pong", signal_ping_pong},
    {"pipe-ping-pong", pipe_ping_pong},
    {"create-join", create_join},
    {"fork-exit", fork_exit},
    {"fork-exec-wait", fork_exec_wait},
    {"sleepers", sleepers},
};

int main(int argc, char **argv)
{
    if (argc < 3)
        return 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].name, argv[1]))
            continue;
        long count = atol(argv[2]);
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        rows[i].run(count);
        clock_gettime(CLOCK_MONOTONIC, &end);
        double ns = (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
        printf("%.2f\n", ns / (double)count);
        return 0;
    }
    fprintf(stderr, "no row %s\n", argv[1]);
    return 2;
}
