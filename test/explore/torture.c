/*
 * What must hold in every order: mutexes of all kinds, conditions, priority inheritance, robust locks with dying owners,
 * barriers, semaphores, reader-writer locks and timeouts, by threads and by processes that share memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("line %d: %s does not hold\n", __LINE__, #condition);                                              \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

enum { THREADS = 3, ROUNDS = 3 };

/* One kind of lock: who is inside, and how often anybody was. */
struct guarded {
    pthread_mutex_t lock;
    volatile int inside, entered;
};

static void init(struct guarded *g, int kind, int protocol, int robust, int shared)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, kind);
    MUST(pthread_mutexattr_setprotocol(&attributes, protocol) == 0);
    MUST(pthread_mutexattr_setrobust(&attributes, robust) == 0);
    MUST(pthread_mutexattr_setpshared(&attributes, shared) == 0);
    MUST(pthread_mutex_init(&g->lock, &attributes) == 0);
    g->inside = g->entered = 0;
}

static void work_inside(struct guarded *g)
{
    MUST(g->inside++ == 0);
    g->entered++;
    MUST(--g->inside == 0);
}

static struct guarded plain, checked, inheriting;

static void pass(struct guarded *g)
{
    MUST(pthread_mutex_lock(&g->lock) == 0);
    work_inside(g);
    MUST(pthread_mutex_unlock(&g->lock) == 0);
}

static void *contend(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        pass(&plain);
        pass(&checked);
        pass(&inheriting);
        if (pthread_mutex_trylock(&plain.lock) == 0) {
            work_inside(&plain);
            plain.entered--;
            MUST(pthread_mutex_unlock(&plain.lock) == 0);
        }
    }
    MUST(pthread_mutex_unlock(&checked.lock) == EPERM);
    return unused;
}

static void all_at_once(void *(*work)(void *), int count)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < count; i++)
        MUST(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (int i = 0; i < count; i++)
        MUST(pthread_join(threads[i], NULL) == 0);
}

static void mutexes(void)
{
    init(&plain, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    init(&checked, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    init(&inheriting, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_STALLED, PTHREAD_PROCESS_PRIVATE);
    all_at_once(contend, THREADS);
    MUST(plain.entered == THREADS * ROUNDS && checked.entered == plain.entered && inheriting.entered == plain.entered);
}

/* A queue of one place: nothing is lost and nothing comes twice. */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int place, sum;

static void *take(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&inheriting.lock);
        while (place == 0)
            pthread_cond_wait(&changed, &inheriting.lock);
        sum += place;
        place = 0;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&inheriting.lock);
    }
    return unused;
}

static void *give(void *unused)
{
    for (int i = 1; i <= ROUNDS; i++) {
        pthread_mutex_lock(&inheriting.lock);
        while (place != 0)
            pthread_cond_wait(&changed, &inheriting.lock);
        place = i;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&inheriting.lock);
    }
    return unused;
}

static void conditions(void)
{
    pthread_t taker, giver;
    pthread_create(&taker, NULL, take, NULL);
    pthread_create(&giver, NULL, give, NULL);
    pthread_join(giver, NULL);
    pthread_join(taker, NULL);
    MUST(sum == ROUNDS * (ROUNDS + 1) / 2 && place == 0);
}

/* Owners die, by ending as threads or by SIGKILL as processes; the next one in repairs the state. */
static struct guarded *robust, *robust_inheriting;

static void enter_robust(struct guarded *g)
{
    int how = pthread_mutex_lock(&g->lock);
    MUST(how == 0 || how == EOWNERDEAD);
    if (how == EOWNERDEAD) {
        g->inside = 0;
        MUST(pthread_mutex_consistent(&g->lock) == 0);
    }
    MUST(g->inside++ == 0);
    g->entered++;
}

static void leave_robust(struct guarded *g)
{
    MUST(--g->inside == 0);
    MUST(pthread_mutex_unlock(&g->lock) == 0);
}

static void *die_inside(void *unused)
{
    enter_robust(robust);
    enter_robust(robust_inheriting);
    return unused;
}

static void *live_on(void *unused)
{
    enter_robust(robust);
    leave_robust(robust);
    enter_robust(robust_inheriting);
    leave_robust(robust_inheriting);
    return unused;
}

static void robust_locks(void)
{
    robust = mmap(NULL, 2 * sizeof *robust, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    robust_inheriting = robust + 1;
    init(robust, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED);
    init(robust_inheriting, PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_ROBUST, PTHREAD_PROCESS_SHARED);
    pid_t child = fork();
    if (child == 0) {
        die_inside(NULL);
        raise(SIGKILL);
    }
    pthread_t dying, living;
    MUST(pthread_create(&dying, NULL, die_inside, NULL) == 0);
    MUST(pthread_create(&living, NULL, live_on, NULL) == 0);
    pthread_join(dying, NULL);
    pthread_join(living, NULL);
    MUST(waitpid(child, NULL, 0) == child);
    live_on(NULL);
    MUST(robust->entered == 4 && robust_inheriting->entered == 4);
}

/* Barriers, semaphores and reader-writer locks. */
static pthread_barrier_t barrier;
static pthread_rwlock_t shelf = PTHREAD_RWLOCK_INITIALIZER;
static sem_t tokens;
static volatile int readers, writers;
static int serial;

static void *meet(void *unused)
{
    for (int i = 0; i < 2; i++) {
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
        pthread_rwlock_rdlock(&shelf);
        __atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST);
        MUST(writers == 0);
        __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
        pthread_rwlock_unlock(&shelf);
        pthread_rwlock_wrlock(&shelf);
        MUST(writers++ == 0 && readers == 0);
        writers--;
        pthread_rwlock_unlock(&shelf);
        while (sem_wait(&tokens) != 0)
            ;
        sem_post(&tokens);
    }
    return unused;
}

static void meetings(void)
{
    pthread_barrier_init(&barrier, NULL, THREADS);
    sem_init(&tokens, 0, 1);
    all_at_once(meet, THREADS);
    MUST(serial == 2);
    int left;
    MUST(sem_getvalue(&tokens, &left) == 0 && left == 1);
}

/*
 * A chain of locks that lend priority: who is urgent waits for a lock whose holder waits for another one. Its holder is not
 * urgent at all, and gets on nevertheless, past one that never sleeps.
 */
static pthread_mutex_t near, far;
static volatile int waiting, served;

static void *hold_far(void *unused)
{
    pthread_mutex_lock(&far);
    while (waiting < 2)
        usleep(10);
    pthread_mutex_unlock(&far);
    return unused;
}

static void *hold_near(void *unused)
{
    pthread_mutex_lock(&near);
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_lock(&far);
    MUST(!served);
    pthread_mutex_unlock(&far);
    pthread_mutex_unlock(&near);
    return unused;
}

static void *be_urgent(void *unused)
{
    while (waiting < 1)
        usleep(10);
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_lock(&near);
    served = 1;
    pthread_mutex_unlock(&near);
    return unused;
}

static void *be_in_the_way(void *unused)
{
    while (waiting < 2)
        usleep(10);
    while (!served)
        ;
    return unused;
}

static pthread_t start_at(int priority, void *(*work)(void *))
{
    pthread_t thread;
    pthread_attr_t attributes;
    struct sched_param param = {.sched_priority = priority};
    pthread_attr_init(&attributes);
    pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
    pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
    pthread_attr_setschedparam(&attributes, &param);
    MUST(pthread_create(&thread, &attributes, work, NULL) == 0);
    return thread;
}

static void chains(void)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&near, &attributes);
    pthread_mutex_init(&far, &attributes);
    pthread_t all[4] = {start_at(10, hold_far), start_at(20, hold_near), start_at(40, be_urgent),
                        start_at(30, be_in_the_way)};
    for (int i = 0; i < 4; i++)
        MUST(pthread_join(all[i], NULL) == 0);
}

/* A timeout is kept, however the wake-up comes. */
static void timeouts(void)
{
    struct timespec soon;
    pthread_mutex_lock(&plain.lock);
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 1000;
    soon.tv_sec += soon.tv_nsec / 1000000000;
    soon.tv_nsec %= 1000000000;
    MUST(pthread_cond_timedwait(&changed, &plain.lock, &soon) == ETIMEDOUT);
    pthread_mutex_unlock(&plain.lock);
}

int main(void)
{
    mutexes();
    conditions();
    robust_locks();
    meetings();
    chains();
    timeouts();
    puts("all held");
    return 0;
}
