/*
 * SEM_UNDO: what is given back when a process ends, who shares it, what forgets it.
 */
#include "ipc.h"
#include <pthread.h>
#include <sched.h>

static int set;

#define OP(...) (struct sembuf[]){__VA_ARGS__}, sizeof((struct sembuf[]){__VA_ARGS__}) / sizeof(struct sembuf)

static void values(void)
{
    unsigned short all[3] = {9, 9, 9};
    semctl(set, 0, GETALL, (union semun){.array = all});
    printf("values %d %d %d\n", all[0], all[1], all[2]);
}

static void reset(int a, int b, int c)
{
    semctl(set, 0, SETALL, (union semun){.array = (unsigned short[]){(unsigned short)a, (unsigned short)b, (unsigned short)c}});
}

static int take(void *unused)
{
    (void)unused;
    ASK(semop(set, OP({0, -2, SEM_UNDO}, {1, 3, SEM_UNDO}, {2, -1, 0})));
    ASK(semop(set, OP({0, -1, SEM_UNDO})));
    values();
    return 0;
}

static int killed(void *unused)
{
    (void)unused;
    semop(set, OP({0, -1, SEM_UNDO}));
    raise(SIGKILL);
    return 0;
}

static int forks(void *unused)
{
    (void)unused;
    semop(set, OP({0, -1, SEM_UNDO}));
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    end_of(pid);
    printf("after the child's end: ");
    values();
    return 0;
}

static int forgets(void *unused)
{
    (void)unused;
    semop(set, OP({0, -1, SEM_UNDO}, {1, -1, SEM_UNDO}));
    ASK(semctl(set, 0, SETVAL, 1));
    return 0;
}

static int capped(void *unused)
{
    (void)unused;
    semop(set, OP({0, 5, SEM_UNDO}, {1, -5, SEM_UNDO}));
    semop(set, OP({0, -4, 0}, {1, 32767, 0}));
    values();
    return 0;
}

static int range(void *unused)
{
    (void)unused;
    for (int i = 0; i < 3; i++) {
        ASK(semop(set, OP({0, 16384, SEM_UNDO})));
        semop(set, OP({0, -16384, IPC_NOWAIT}));
    }
    semctl(set, 1, SETVAL, 32767);
    ASK(semop(set, OP({1, -32767, SEM_UNDO})));
    semctl(set, 2, SETVAL, 1);
    semop(set, OP({1, 1, 0}));
    ASK(semop(set, OP({1, -1, SEM_UNDO})));
    values();
    return 0;
}

static void *in_thread(void *unused)
{
    (void)unused;
    semop(set, OP({0, -1, SEM_UNDO}));
    return NULL;
}

/* Threads share what is undone: nothing is before the last one ends. */
static int threads(void *unused)
{
    (void)unused;
    pthread_t thread;
    pthread_create(&thread, NULL, in_thread, NULL);
    pthread_join(thread, NULL);
    for (int i = 0; i < 20; i++)
        breathe();
    printf("after the thread's end: ");
    values();
    return 0;
}

static int parts(void *unused)
{
    (void)unused;
    semop(set, OP({0, -1, SEM_UNDO}));
    values();
    ASK(unshare(CLONE_SYSVSEM));
    values();
    ASK(unshare(CLONE_SYSVSEM));
    return 0;
}

static int executes(void *unused)
{
    (void)unused;
    semop(set, OP({0, -1, SEM_UNDO}));
    char id[16];
    snprintf(id, sizeof id, "%d", set);
    execl("/proc/self/exe", "semaphore-undo", id, NULL);
    return 1;
}

static int waits(void *unused)
{
    (void)unused;
    return semop(set, OP({0, -3, 0})) == 0 ? 7 : 8;
}

static int holds(void *unused)
{
    (void)unused;
    semop(set, OP({0, -3, SEM_UNDO}));
    pause();
    return 0;
}

static int waits_for_its_own_end(void *unused)
{
    (void)unused;
    semop(set, OP({0, 1, SEM_UNDO}));
    return semop(set, OP({0, 0, 0}, {1, 1, 0}));
}

static int gone(void *unused)
{
    (void)unused;
    int other = semget(IPC_PRIVATE, 1, 0600);
    semop(other, OP({0, 1, SEM_UNDO}));
    ASK(semctl(other, 0, IPC_RMID));
    ASK(semop(other, OP({0, 1, SEM_UNDO})));
    ASK(semop(-1, OP({9, 1, SEM_UNDO})));
    return 0;
}

static void run(const char *title, int (*what)(void *))
{
    PART(title);
    ASK(end_of(in_child(what, NULL)));
    values();
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        set = atoi(argv[1]);
        printf("after execve: ");
        values();
        return 0;
    }
    set = semget(IPC_PRIVATE, 3, 0600);
    reset(5, 5, 5);
    pid_t last = in_child(take, NULL);
    ASK(end_of(last));
    values();
    IS(semctl(set, 0, GETPID) == last);
    IS(semctl(set, 2, GETPID) == last);
    run("killed", killed);
    run("a child has nothing to undo", forks);
    run("SETVAL forgets", forgets);
    reset(0, 5, 0);
    run("within 0 and the maximum", capped);
    reset(0, 0, 0);
    run("too much to undo", range);
    reset(5, 5, 5);
    run("threads", threads);
    run("unshare", parts);
    run("execve", executes);
    run("a set that is gone", gone);
    PART("who waits for it");
    reset(3, 0, 0);
    pid_t holder = in_child(holds, NULL);
    while (semctl(set, 0, GETVAL) != 0)
        breathe();
    pid_t waiter = in_child(waits, NULL);
    while (semctl(set, 0, GETNCNT) != 1)
        breathe();
    kill(holder, SIGKILL);
    ASK(end_of(waiter));
    ASK(end_of(holder));
    values();
    PART("what has ended waits no more");
    reset(0, 0, 0);
    waiter = in_child(waits_for_its_own_end, NULL);
    while (semctl(set, 0, GETZCNT) != 1)
        breathe();
    kill(waiter, SIGKILL);
    ASK(end_of(waiter));
    values();
    return semctl(set, 0, IPC_RMID);
}
