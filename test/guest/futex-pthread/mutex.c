/* Mutexes of every kind and protocol, under contention.
 * @flags -pthread
 * @link static dynamic musl
 */
#include "threads.h"

static pthread_mutex_t mutex;
static long counter;

static void make(int type, int protocol)
{
    pthread_mutexattr_t attribute;
    pthread_mutexattr_init(&attribute);
    pthread_mutexattr_settype(&attribute, type);
    pthread_mutexattr_setprotocol(&attribute, protocol);
    POSIX(pthread_mutex_init(&mutex, &attribute));
    pthread_mutexattr_destroy(&attribute);
}

static void *count(void *times)
{
    for (long i = 0; i < (long)times; i++) {
        pthread_mutex_lock(&mutex);
        long seen = counter;
        if (i % 64 == 0)
            sched_yield();
        counter = seen + 1;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *try_lock(void *unused)
{
    (void)unused;
    return (void *)(long)pthread_mutex_trylock(&mutex);
}

static void *unlock(void *unused)
{
    (void)unused;
    return (void *)(long)pthread_mutex_unlock(&mutex);
}

static void *lock_late(void *unused)
{
    (void)unused;
    struct timespec until = in_ms(CLOCK_REALTIME, 20);
    return (void *)(long)pthread_mutex_timedlock(&mutex, &until);
}

static void contend(const char *title, int type, int protocol)
{
    PART(title);
    make(type, protocol);
    counter = 0;
    pthread_t thread[8];
    for (int i = 0; i < 8; i++)
        thread[i] = start(count, (void *)2000);
    for (int i = 0; i < 8; i++)
        join(thread[i]);
    VALUE(counter);
    POSIX(pthread_mutex_lock(&mutex));
    VALUE(join(start(try_lock, NULL)) == EBUSY);
    VALUE(join(start(lock_late, NULL)) == ETIMEDOUT);
    struct timespec past = {1, 0};
    if (type != PTHREAD_MUTEX_NORMAL) {
        POSIX(pthread_mutex_lock(&mutex));
        /* C libraries differ in how they say it of an error checking one. */
        IS(pthread_mutex_trylock(&mutex) == 0);
        VALUE(join(start(unlock, NULL)) == EPERM);
        if (type == PTHREAD_MUTEX_RECURSIVE) {
            POSIX(pthread_mutex_unlock(&mutex));
            POSIX(pthread_mutex_unlock(&mutex));
        }
    }
    POSIX(pthread_mutex_unlock(&mutex));
    POSIX(pthread_mutex_timedlock(&mutex, &past));
    POSIX(pthread_mutex_unlock(&mutex));
    if (type != PTHREAD_MUTEX_NORMAL)
        POSIX(pthread_mutex_unlock(&mutex));
    POSIX(pthread_mutex_destroy(&mutex));
}

int main(void)
{
    contend("normal", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE);
    contend("recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE);
    contend("error checking", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE);
    contend("normal, inheriting priority", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT);
    contend("recursive, inheriting priority", PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_INHERIT);
    contend("error checking, inheriting priority", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT);
    return 0;
}
