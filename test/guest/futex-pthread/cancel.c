/* Cancellation of threads that sleep on futexes, and what detached and joined threads leave.
 * @flags -pthread
 * @link static musl
 */
#include "threads.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static sem_t never, ready;
static int cleaned, held;
static volatile int was_cancelled;

static void clean(void *unused)
{
    (void)unused;
    cleaned++;
}

static void clean_locked(void *unused)
{
    (void)unused;
    held = pthread_mutex_trylock(&mutex) == EBUSY;
    pthread_mutex_unlock(&mutex);
}

static void *wait_semaphore(void *unused)
{
    pthread_cleanup_push(clean, NULL);
    sem_post(&ready);
    sem_wait(&never);
    pthread_cleanup_pop(0);
    return unused;
}

static void *wait_condition(void *unused)
{
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(clean_locked, NULL);
    sem_post(&ready);
    for (;;)
        pthread_cond_wait(&condition, &mutex);
    pthread_cleanup_pop(1);
    return unused;
}

static void *wait_join(void *thread)
{
    pthread_cleanup_push(clean, NULL);
    sem_post(&ready);
    pthread_join(*(pthread_t *)thread, NULL);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *not_now(void *unused)
{
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    sem_post(&ready);
    while (!was_cancelled)
        breathe();
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    cleaned += 10;
    pthread_testcancel();
    cleaned += 100;
    return unused;
}

static void *spin(void *unused)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    sem_post(&ready);
    for (;;)
        __asm__ volatile("" ::: "memory");
    return unused;
}

static void cancel(const char *title, void *(*run)(void *), void *argument)
{
    PART(title);
    cleaned = held = was_cancelled = 0;
    pthread_t thread = start(run, argument);
    while (sem_wait(&ready))
        ;
    pause_ms(10);
    POSIX(pthread_cancel(thread));
    was_cancelled = 1;
    IS((void *)join(thread) == PTHREAD_CANCELED);
    VALUE(cleaned);
    VALUE(held);
}

static void *quick(void *value)
{
    sem_post(&ready);
    return value;
}

int main(void)
{
    sem_init(&never, 0, 0);
    sem_init(&ready, 0, 0);
    cancel("in sem_wait", wait_semaphore, NULL);
    cancel("in pthread_cond_wait", wait_condition, NULL);
    POSIX(pthread_mutex_trylock(&mutex));
    POSIX(pthread_mutex_unlock(&mutex));
    pthread_t sleeper = start(wait_semaphore, NULL);
    sem_wait(&ready);
    cancel("in pthread_join", wait_join, &sleeper);
    POSIX(pthread_cancel(sleeper));
    IS((void *)join(sleeper) == PTHREAD_CANCELED);
    cancel("while it is disabled", not_now, NULL);
    cancel("in a loop", spin, NULL);

    PART("threads come and go");
    long sum = 0;
    for (long i = 0; i < 300; i++)
        sum += join(start(quick, (void *)i));
    VALUE(sum);
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    int failures = 0;
    for (int i = 0; i < 100; i++) {
        pthread_t thread;
        failures += pthread_create(&thread, &detached, quick, NULL) != 0;
    }
    for (int i = 0; i < 400; i++)
        sem_wait(&ready);
    VALUE(failures);
    return 0;
}
