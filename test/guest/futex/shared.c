/* Which words are the same: private and shared, two views of one file, processes.
 * @flags -pthread
 */
#include "futex.h"
#include <sys/wait.h>

static volatile uint32_t plain;

static void *wait_on(void *word) { return (void *)futex(word, FUTEX_WAIT, 0, NULL, NULL, 0); }

static long shared_sleepers(volatile void *word) { return futex2count(word, FUTEX_REQUEUE, 0, INT_MAX, word, 0); }

static void await_shared(volatile void *word, long count)
{
    while (shared_sleepers(word) != count)
        breathe();
}

static void scopes(void)
{
    PART("a shared sleeper, a private wake");
    pthread_t thread = start(wait_on, (void *)&plain);
    await_shared(&plain, 1);
    VALUE(futex(&plain, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(futex(&plain, FUTEX_WAKE, 1, NULL, NULL, 0));
    VALUE(join(thread));
}

static void views(const char *title, int first_flags, int second_flags, int second_prot)
{
    PART(title);
    scratch();
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    DO(ftruncate(fd, 8192));
    char *one = mmap(NULL, 8192, PROT_READ | PROT_WRITE, first_flags, fd, 0);
    char *two = mmap(NULL, 4096, second_prot, second_flags, fd, 4096);
    close(fd);
    pthread_t thread = start(wait_on, one + 4096 + 16);
    await_shared(one + 4096 + 16, 1);
    VALUE(futex(two + 12, FUTEX_WAKE, 1, NULL, NULL, 0));
    VALUE(futex(two + 16, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(futex(two + 16, FUTEX_WAKE, 1, NULL, NULL, 0));
    VALUE(futex(one + 4096 + 16, FUTEX_WAKE, 1, NULL, NULL, 0));
    VALUE(join(thread));
    munmap(one, 8192);
    munmap(two, 4096);
}

static void processes(void)
{
    PART("two processes");
    volatile uint32_t *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0)
        _exit(futex(word, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 7 : 8);
    await_shared(word, 1);
    VALUE(futex(word, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0));
    int status;
    waitpid(child, &status, 0);
    VALUE(WEXITSTATUS(status));

    PART("a value that another process stored");
    *word = 5;
    child = fork();
    if (child == 0) {
        *word = 6;
        futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    DO(futex(word, FUTEX_WAIT, 5, NULL, NULL, 0));

    PART("the same address in two processes");
    child = fork();
    if (child == 0) {
        struct timespec timeout = {0, 100000000};
        _exit(futex(&plain, FUTEX_WAIT, 0, &timeout, NULL, 0) == -1 && errno == ETIMEDOUT ? 7 : 8);
    }
    pause_ms(30);
    VALUE(futex(&plain, FUTEX_WAKE, 1, NULL, NULL, 0));
    waitpid(child, &status, 0);
    VALUE(WEXITSTATUS(status));

    PART("moved between processes' words");
    *word = 0;
    child = fork();
    if (child == 0)
        _exit(futex(word, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 7 : 8);
    await_shared(word, 1);
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE, 0, 1, word + 4, 0));
    VALUE(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0));
    VALUE(futex(word + 4, FUTEX_WAKE, 1, NULL, NULL, 0));
    waitpid(child, &status, 0);
    VALUE(WEXITSTATUS(status));
}

static void death(void)
{
    PART("a process is killed while it holds a lock that another one waits for");
    struct shared {
        struct robust_list_head head;
        struct robust_list link;
        volatile uint32_t word, ready;
    } *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t owner = fork();
    if (owner == 0) {
        shared->head.list.next = &shared->link;
        shared->link.next = &shared->head.list;
        shared->head.futex_offset = (long)((char *)&shared->word - (char *)&shared->link);
        shared->word = (uint32_t)tid();
        syscall(SYS_set_robust_list, &shared->head, sizeof shared->head);
        shared->ready = 1;
        for (;;)
            pause();
    }
    while (!shared->ready)
        breathe();
    pid_t waiter = fork();
    if (waiter == 0) {
        uint32_t value = __atomic_or_fetch(&shared->word, FUTEX_WAITERS, __ATOMIC_SEQ_CST);
        _exit(futex(&shared->word, FUTEX_WAIT, value, NULL, NULL, 0) == 0 ? 7 : 8);
    }
    await_shared(&shared->word, 1);
    kill(owner, SIGKILL);
    int status;
    waitpid(owner, &status, 0);
    VALUE(WTERMSIG(status));
    waitpid(waiter, &status, 0);
    VALUE(WEXITSTATUS(status));
    BITS(shared->word);
}

static void inherits(void)
{
    PART("priority inheritance between processes");
    volatile uint32_t *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    DO(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    pid_t child = fork();
    if (child == 0) {
        long result = futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
        int mine = (*word & FUTEX_TID_MASK) == (uint32_t)tid();
        futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
        _exit(result == 0 && mine ? 7 : 8);
    }
    while (!(*word & FUTEX_WAITERS))
        breathe();
    DO(futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    int status;
    waitpid(child, &status, 0);
    VALUE(WEXITSTATUS(status));
    BITS(*word);
    child = fork();
    if (child == 0) {
        futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
        for (;;)
            pause();
    }
    while (!*word)
        breathe();
    pid_t heir = fork();
    if (heir == 0) {
        long result = futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
        int died = *word == ((uint32_t)tid() | FUTEX_WAITERS | FUTEX_OWNER_DIED);
        futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
        _exit(result == 0 && died ? 7 : 8);
    }
    while (!(*word & FUTEX_WAITERS))
        breathe();
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    waitpid(heir, &status, 0);
    VALUE(WEXITSTATUS(status));
    BITS(*word);
}

int main(void)
{
    scopes();
    views("two shared views of a file", MAP_SHARED, MAP_SHARED, PROT_READ | PROT_WRITE);
    views("a view that may only be read", MAP_SHARED, MAP_SHARED, PROT_READ);
    views("a private view", MAP_SHARED, MAP_PRIVATE, PROT_READ | PROT_WRITE);
    views("a private view that may only be read", MAP_SHARED, MAP_PRIVATE, PROT_READ);
    views("two private views", MAP_PRIVATE, MAP_PRIVATE, PROT_READ | PROT_WRITE);
    processes();
    death();
    inherits();
    return 0;
}
