/*
 * SCHED_FIFO and SCHED_RR on one processor: who runs when is certain there.
 * @flags -pthread
 * @oracle expect
 */
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static char order[64];
static int length;

static void note(char what) { order[length++] = what; }

static void show(void)
{
    order[length] = 0;
    printf("order: %s\n", order);
    length = 0;
}

static void become(int policy, int priority)
{
    struct sched_param param = {.sched_priority = priority};
    if (sched_setscheduler(0, policy, &param))
        printf("cannot become %d %d: %s\n", policy, priority, check_errno(errno));
}

static pthread_t start(void *(*work)(void *), void *argument, int policy, int priority)
{
    pthread_t thread;
    pthread_attr_t attributes;
    struct sched_param param = {.sched_priority = priority};
    pthread_attr_init(&attributes);
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, policy);
    pthread_attr_setschedparam(&attributes, &param);
    int error = pthread_create(&thread, &attributes, work, argument);
    if (error)
        printf("pthread_create: %s\n", check_errno(error));
    return thread;
}

static void *say(void *what)
{
    note(*(char *)what);
    return NULL;
}

static void by_priority(void)
{
    PART("by priority");
    pthread_t all[4];
    all[0] = start(say, "d", SCHED_FIFO, 10);
    all[1] = start(say, "a", SCHED_FIFO, 30);
    all[2] = start(say, "c", SCHED_RR, 20);
    all[3] = start(say, "b", SCHED_FIFO, 30);
    note('-');
    for (int i = 0; i < 4; i++)
        pthread_join(all[i], NULL);
    show();
}

static sem_t wanted;

static void *wait_for_it(void *what)
{
    sem_wait(&wanted);
    return say(what);
}

/* Whoever wakes up a more urgent task runs again only after that. */
static void wake_ups(void)
{
    PART("waking up");
    sem_init(&wanted, 0, 0);
    pthread_t higher = start(wait_for_it, "H", SCHED_FIFO, 60), lower = start(wait_for_it, "l", SCHED_FIFO, 40);
    struct timespec little = {0, 1000000};
    nanosleep(&little, NULL);
    note('1');
    sem_post(&wanted);
    note('2');
    sem_post(&wanted);
    note('3');
    pthread_join(higher, NULL);
    pthread_join(lower, NULL);
    show();
}

static void *yield_often(void *what)
{
    for (int i = 0; i < 3; i++) {
        say(what);
        sched_yield();
    }
    return NULL;
}

static void yielding(void)
{
    PART("sched_yield");
    pthread_t a = start(yield_often, "a", SCHED_FIFO, 20), b = start(yield_often, "b", SCHED_FIFO, 20),
              c = start(yield_often, "c", SCHED_FIFO, 10);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    pthread_join(c, NULL);
    show();
}

static volatile int turn;

/* Each waits for the other in a loop: only turns that end by themselves let both get through. */
static void *need_the_other(void *number)
{
    for (int i = 0; i < 3; i++) {
        while (turn != (long)number)
            ;
        turn = !turn;
    }
    return NULL;
}

static void round_robin(void)
{
    PART("round robin");
    pthread_t a = start(need_the_other, (void *)0, SCHED_RR, 20), b = start(need_the_other, (void *)1, SCHED_RR, 20);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    VALUE(turn);
}

static pthread_mutex_t lock;
static volatile int holds, all_wait, stop;

static void *hold(void *unused)
{
    pthread_mutex_lock(&lock);
    holds = 1;
    while (!all_wait)
        ;
    note('l');
    pthread_mutex_unlock(&lock);
    note('L');
    return unused;
}

static void *want(void *unused)
{
    pthread_mutex_lock(&lock);
    note('h');
    pthread_mutex_unlock(&lock);
    return unused;
}

/* The one in the middle must not keep the highest from what the lowest holds. */
static void inheritance(void)
{
    PART("priority inheritance");
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&lock, &attributes);
    pthread_t low = start(hold, NULL, SCHED_FIFO, 10);
    struct timespec little = {0, 100000};
    while (!holds)
        nanosleep(&little, NULL);
    pthread_t high = start(want, NULL, SCHED_FIFO, 40), middle = start(say, "m", SCHED_FIFO, 20);
    all_wait = 1;
    pthread_join(high, NULL);
    pthread_join(middle, NULL);
    pthread_join(low, NULL);
    show();
}

/* Giving up one's own priority lets others go first at once. */
static void descending(void)
{
    PART("giving up priority");
    pthread_t other = start(say, "o", SCHED_FIFO, 30);
    note('1');
    become(SCHED_FIFO, 20);
    note('2');
    become(SCHED_FIFO, 50);
    pthread_join(other, NULL);
    show();
}

static void *spin(void *unused)
{
    while (!stop)
        ;
    return unused;
}

/* What is not real-time is left a little of the processor even by one that never sleeps. */
static void starvation(void)
{
    PART("starvation");
    pthread_t spinner = start(spin, NULL, SCHED_FIFO, 20);
    become(SCHED_OTHER, 0);
    stop = 1;
    become(SCHED_FIFO, 50);
    DO(pthread_join(spinner, NULL));
}

static void inherited(void)
{
    PART("fork");
    fflush(stdout);
    for (int reset = 0; reset < 2; reset++) {
        become(SCHED_FIFO | (reset ? SCHED_RESET_ON_FORK : 0), 50);
        pid_t child = fork();
        if (child == 0) {
            struct sched_param param;
            VALUE(sched_getscheduler(0));
            DO(sched_getparam(0, &param));
            VALUE(param.sched_priority);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    struct timespec interval;
    become(SCHED_RR, 50);
    DO(sched_rr_get_interval(0, &interval));
    IS(interval.tv_sec == 0 && interval.tv_nsec > 0);
    become(SCHED_FIFO, 50);
    DO(sched_rr_get_interval(0, &interval));
    IS(interval.tv_sec == 0 && interval.tv_nsec == 0);
}

int main(void)
{
    cpu_set_t cpus;
    sched_getaffinity(0, sizeof cpus, &cpus);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &cpus))
        cpu++;
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    DO(sched_setaffinity(0, sizeof cpus, &cpus));
    become(SCHED_FIFO, 50);
    by_priority();
    wake_ups();
    yielding();
    round_robin();
    inheritance();
    descending();
    starvation();
    inherited();
    return 0;
}
