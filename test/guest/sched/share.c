/*
 * Loops that never enter the kernel share the processor: threads and processes, by nice value.
 * @flags -pthread
 */
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static volatile long counts[8];
static volatile int started, stop;

static void *spin(void *at)
{
    volatile long *count = at;
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (!stop)
        ++*count;
    return NULL;
}

static void for_a_while(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* A thread that never sleeps does not keep others, a sleeper or the main thread, from running. */
static void threads(void)
{
    PART("threads");
    pthread_t ids[4];
    for (int i = 0; i < 4; i++)
        DO(pthread_create(&ids[i], NULL, spin, (void *)&counts[i]));
    while (started < 4)
        for_a_while(1);
    for_a_while(300);
    stop = 1;
    for (int i = 0; i < 4; i++)
        DO(pthread_join(ids[i], NULL));
    for (int i = 0; i < 4; i++)
        IS(counts[i] > 1000);
}

struct shared {
    volatile int stop;
    volatile long counts[3];
};

static void processes(void)
{
    PART("processes");
    struct shared *all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t children[3];
    for (int i = 0; i < 3; i++)
        if ((children[i] = fork()) == 0)
            for (;;)
                all->counts[i]++;
    for (int tries = 0; tries < 1000 && (!all->counts[0] || !all->counts[1] || !all->counts[2]); tries++)
        for_a_while(10);
    for (int i = 0; i < 3; i++) {
        IS(all->counts[i] > 0);
        DO(kill(children[i], SIGKILL));
        DO(waitpid(children[i], NULL, 0));
    }
}

static void *spin_nicely(void *at)
{
    setpriority(PRIO_PROCESS, 0, 19);
    return spin(at);
}

static double seconds(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* On one processor the nicer of two gets the smaller part of it: at nice 19 about a 68th. */
static void weights(void)
{
    PART("weights");
    cpu_set_t cpus;
    sched_getaffinity(0, sizeof cpus, &cpus);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &cpus))
        cpu++;
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    DO(sched_setaffinity(0, sizeof cpus, &cpus));
    pthread_t ids[2];
    clockid_t clocks[2];
    double before[2];
    stop = started = 0;
    for (int i = 0; i < 2; i++) {
        DO(pthread_create(&ids[i], NULL, i ? spin_nicely : spin, (void *)&counts[i]));
        DO(pthread_getcpuclockid(ids[i], &clocks[i]));
    }
    while (started < 2)
        for_a_while(1);
    for (int i = 0; i < 2; i++)
        before[i] = seconds(clocks[i]);
    for_a_while(500);
    double mine = seconds(clocks[0]) - before[0], nicer = seconds(clocks[1]) - before[1];
    IS(nicer < mine / 10);
    /* Its part is small, but it is none only for a while. */
    for (int tries = 0; tries < 2000 && seconds(clocks[1]) == before[1]; tries++)
        for_a_while(10);
    IS(seconds(clocks[1]) > before[1]);
    stop = 1;
    for (int i = 0; i < 2; i++)
        DO(pthread_join(ids[i], NULL));
}

/* sched_yield lets others go on that wait for the same processor. */
static volatile int token;
static void *take_turns(void *mine)
{
    for (int i = 0; i < 1000; i++) {
        while (token != (long)mine)
            sched_yield();
        token = !token;
    }
    return NULL;
}

static void yields(void)
{
    PART("yielding");
    pthread_t other;
    DO(pthread_create(&other, NULL, take_turns, (void *)1));
    take_turns((void *)0);
    DO(pthread_join(other, NULL));
    VALUE(token);
}

int main(void)
{
    threads();
    processes();
    weights();
    yields();
    return 0;
}
