/* Barriers, read-write locks, semaphores, once, spin locks and keys.
 * @flags -pthread
 * @link static musl
 */
#include "threads.h"

static pthread_barrier_t barrier;
static int arrived[5], serial;

static void *meet(void *name)
{
    for (int round = 0; round < 50; round++) {
        arrived[(long)name]++;
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
        for (int i = 0; i < 5; i++)
            if (arrived[i] < round + 1)
                return (void *)1;
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void barriers(void)
{
    PART("barriers");
    POSIX(pthread_barrier_init(&barrier, NULL, 0));
    POSIX(pthread_barrier_init(&barrier, NULL, 5));
    pthread_t thread[5];
    for (long i = 0; i < 5; i++)
        thread[i] = start(meet, (void *)i);
    long wrong = 0;
    for (int i = 0; i < 5; i++)
        wrong += join(thread[i]);
    VALUE(wrong);
    VALUE(serial);
    POSIX(pthread_barrier_destroy(&barrier));
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static int readers, writers;
static long written, wrong;

static void *read_or_write(void *name)
{
    for (int i = 0; i < 500; i++) {
        if ((i + (long)name) % 5 == 0) {
            pthread_rwlock_wrlock(&rwlock);
            if (__atomic_fetch_add(&writers, 1, __ATOMIC_SEQ_CST) || readers)
                wrong++;
            written++;
            if (i % 7 == 0)
                sched_yield();
            __atomic_fetch_sub(&writers, 1, __ATOMIC_SEQ_CST);
        } else {
            pthread_rwlock_rdlock(&rwlock);
            __atomic_fetch_add(&readers, 1, __ATOMIC_SEQ_CST);
            if (writers)
                wrong++;
            if (i % 7 == 0)
                sched_yield();
            __atomic_fetch_sub(&readers, 1, __ATOMIC_SEQ_CST);
        }
        pthread_rwlock_unlock(&rwlock);
    }
    return NULL;
}

static void *try_both(void *unused)
{
    (void)unused;
    struct timespec until = in_ms(CLOCK_REALTIME, 20);
    POSIX(pthread_rwlock_tryrdlock(&rwlock));
    POSIX(pthread_rwlock_trywrlock(&rwlock));
    POSIX(pthread_rwlock_timedwrlock(&rwlock, &until));
    return NULL;
}

static void rwlocks(void)
{
    PART("read-write locks");
    pthread_t thread[6];
    for (long i = 0; i < 6; i++)
        thread[i] = start(read_or_write, (void *)i);
    for (int i = 0; i < 6; i++)
        join(thread[i]);
    VALUE(written);
    VALUE(wrong);
    POSIX(pthread_rwlock_wrlock(&rwlock));
    join(start(try_both, NULL));
    POSIX(pthread_rwlock_unlock(&rwlock));
    POSIX(pthread_rwlock_rdlock(&rwlock));
    POSIX(pthread_rwlock_rdlock(&rwlock));
    POSIX(pthread_rwlock_trywrlock(&rwlock));
    POSIX(pthread_rwlock_unlock(&rwlock));
    POSIX(pthread_rwlock_unlock(&rwlock));
}

static sem_t ping, pong, free_slots;

static void *answer(void *times)
{
    for (long i = 0; i < (long)times; i++) {
        sem_wait(&ping);
        sem_post(&pong);
    }
    return NULL;
}

static int inside, most;

static void *enter(void *unused)
{
    (void)unused;
    for (int i = 0; i < 100; i++) {
        sem_wait(&free_slots);
        int now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
        if (now > most)
            most = now;
        sched_yield();
        __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
        sem_post(&free_slots);
    }
    return NULL;
}

static void semaphores(void)
{
    PART("semaphores");
    DO(sem_init(&ping, 0, 0));
    DO(sem_init(&pong, 0, 0));
    pthread_t other = start(answer, (void *)1000);
    for (int i = 0; i < 1000; i++) {
        sem_post(&ping);
        sem_wait(&pong);
    }
    join(other);
    DO(sem_trywait(&pong));
    struct timespec until = in_ms(CLOCK_REALTIME, 20);
    DO(sem_timedwait(&pong, &until));
    DO(sem_init(&free_slots, 0, 3));
    pthread_t thread[8];
    for (int i = 0; i < 8; i++)
        thread[i] = start(enter, NULL);
    for (int i = 0; i < 8; i++)
        join(thread[i]);
    IS(most >= 1 && most <= 3);
    int value;
    sem_getvalue(&free_slots, &value);
    VALUE(value);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initialised, destroyed;
static pthread_key_t key;
static void initialise(void)
{
    pause_ms(5);
    initialised++;
}
static void destroy(void *value) { __atomic_add_fetch(&destroyed, (int)(long)value, __ATOMIC_SEQ_CST); }

static void *use_once(void *unused)
{
    (void)unused;
    pthread_once(&once, initialise);
    pthread_setspecific(key, (void *)1);
    return (void *)(long)initialised;
}

static pthread_spinlock_t spin;
static long spun;
static void *spin_some(void *unused)
{
    (void)unused;
    for (int i = 0; i < 10000; i++) {
        pthread_spin_lock(&spin);
        spun++;
        pthread_spin_unlock(&spin);
    }
    return NULL;
}

static void others(void)
{
    PART("once, keys and spin locks");
    pthread_key_create(&key, destroy);
    pthread_t thread[6];
    for (int i = 0; i < 6; i++)
        thread[i] = start(use_once, NULL);
    long sum = 0;
    for (int i = 0; i < 6; i++)
        sum += join(thread[i]);
    VALUE(sum);
    VALUE(initialised);
    VALUE(destroyed);
    pthread_spin_init(&spin, 0);
    for (int i = 0; i < 3; i++)
        thread[i] = start(spin_some, NULL);
    for (int i = 0; i < 3; i++)
        join(thread[i]);
    VALUE(spun);
}

int main(void)
{
    barriers();
    rwlocks();
    semaphores();
    others();
    return 0;
}
