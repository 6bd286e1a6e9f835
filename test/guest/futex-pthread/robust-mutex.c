/* Robust mutexes: their owner ends, in a thread, in a process, and killed while others wait.
 * @flags -pthread
 */
#include "threads.h"
#include <sys/mman.h>
#include <sys/wait.h>

static pthread_mutex_t *mutex;

static void make(int shared, int protocol, int type)
{
    pthread_mutexattr_t attribute;
    pthread_mutexattr_init(&attribute);
    pthread_mutexattr_setrobust(&attribute, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setprotocol(&attribute, protocol);
    pthread_mutexattr_settype(&attribute, type);
    pthread_mutexattr_setpshared(&attribute, shared);
    POSIX(pthread_mutex_init(mutex, &attribute));
}

static void *lock_and_end(void *unused)
{
    (void)unused;
    return (void *)(long)pthread_mutex_lock(mutex);
}

static volatile int started, waiters;
static void *lock_and_repair(void *repairs)
{
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    int result = pthread_mutex_lock(mutex);
    if (result == EOWNERDEAD && repairs)
        pthread_mutex_consistent(mutex);
    if (result == 0 || result == EOWNERDEAD)
        pthread_mutex_unlock(mutex);
    return (void *)(long)result;
}

static void *lock_wait_and_end(void *unused)
{
    (void)unused;
    pthread_mutex_lock(mutex);
    started = 1;
    while (started < waiters + 1)
        breathe();
    pause_ms(20);
    return NULL;
}

static void threads(int protocol, int type)
{
    make(PTHREAD_PROCESS_PRIVATE, protocol, type);
    join(start(lock_and_end, NULL));
    POSIX(pthread_mutex_trylock(mutex));
    POSIX(pthread_mutex_consistent(mutex));
    POSIX(pthread_mutex_unlock(mutex));
    POSIX(pthread_mutex_lock(mutex));
    POSIX(pthread_mutex_unlock(mutex));

    PART("not made consistent");
    join(start(lock_and_end, NULL));
    POSIX(pthread_mutex_lock(mutex));
    POSIX(pthread_mutex_unlock(mutex));
    POSIX(pthread_mutex_lock(mutex));
    POSIX(pthread_mutex_trylock(mutex));
    pthread_mutex_destroy(mutex);

    PART("while others wait");
    make(PTHREAD_PROCESS_PRIVATE, protocol, type);
    started = 0;
    waiters = 3;
    pthread_t owner = start(lock_wait_and_end, NULL), thread[3];
    while (!started)
        breathe();
    for (int i = 0; i < 3; i++)
        thread[i] = start(lock_and_repair, (void *)1);
    join(owner);
    int died = 0, fine = 0;
    for (int i = 0; i < 3; i++) {
        long result = join(thread[i]);
        died += result == EOWNERDEAD;
        fine += result == 0;
    }
    VALUE(died);
    VALUE(fine);

    PART("while others wait, and nobody repairs");
    /* Two wait, not three: glibc 2.36 does not wake another one when it finds the mutex not recoverable. */
    started = 0;
    waiters = 2;
    owner = start(lock_wait_and_end, NULL);
    while (!started)
        breathe();
    for (int i = 0; i < 2; i++)
        thread[i] = start(lock_and_repair, NULL);
    join(owner);
    died = fine = 0;
    for (int i = 0; i < 2; i++) {
        long result = join(thread[i]);
        died += result == EOWNERDEAD;
        fine += result == ENOTRECOVERABLE;
    }
    VALUE(died);
    VALUE(fine);
    pthread_mutex_destroy(mutex);
}

static void processes(int protocol)
{
    make(PTHREAD_PROCESS_SHARED, protocol, PTHREAD_MUTEX_NORMAL);
    pid_t child = fork();
    if (child == 0) {
        pthread_mutex_lock(mutex);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    POSIX(pthread_mutex_lock(mutex));
    POSIX(pthread_mutex_consistent(mutex));
    volatile int *ready = (int *)(mutex + 1);
    pid_t waiter = fork();
    if (waiter == 0) {
        *ready = 1;
        _exit(pthread_mutex_lock(mutex) == 0 ? 7 : 8);
    }
    while (!*ready)
        breathe();
    pause_ms(20);
    POSIX(pthread_mutex_unlock(mutex));
    int status;
    waitpid(waiter, &status, 0);
    VALUE(WEXITSTATUS(status));
    POSIX(pthread_mutex_lock(mutex));
    POSIX(pthread_mutex_consistent(mutex));
    POSIX(pthread_mutex_unlock(mutex));

    PART("killed while another one waits");
    *ready = 0;
    child = fork();
    if (child == 0) {
        pthread_mutex_lock(mutex);
        *ready = 1;
        for (;;)
            pause();
    }
    while (!*ready)
        breathe();
    waiter = fork();
    if (waiter == 0) {
        *ready = 2;
        int result = pthread_mutex_lock(mutex);
        if (result == EOWNERDEAD)
            pthread_mutex_consistent(mutex);
        pthread_mutex_unlock(mutex);
        _exit(result == EOWNERDEAD ? 7 : 8);
    }
    while (*ready != 2)
        breathe();
    pause_ms(20);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    VALUE(WTERMSIG(status));
    waitpid(waiter, &status, 0);
    VALUE(WEXITSTATUS(status));
    POSIX(pthread_mutex_lock(mutex));
    POSIX(pthread_mutex_unlock(mutex));
}

int main(void)
{
    mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    PART("threads");
    threads(PTHREAD_PRIO_NONE, PTHREAD_MUTEX_NORMAL);
    PART("threads, error checking");
    threads(PTHREAD_PRIO_NONE, PTHREAD_MUTEX_ERRORCHECK);
    PART("threads, inheriting priority");
    threads(PTHREAD_PRIO_INHERIT, PTHREAD_MUTEX_NORMAL);
    PART("processes");
    processes(PTHREAD_PRIO_NONE);
    PART("processes, inheriting priority");
    processes(PTHREAD_PRIO_INHERIT);
    return 0;
}
