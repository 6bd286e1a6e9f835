/*
 * Memory that several processes share: anonymous, a file, a memfd; small and large; counters, locks and semaphores in it.
 * @flags -pthread
 */
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

static int status_of(pid_t child)
{
    int status = -1;
    return waitpid(child, &status, 0) == child ? status : -1;
}

static void *shared(size_t bytes) { return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); }

/* Two processes in turns, through pipes: each must see what the other has stored in every page. */
static int turns(volatile unsigned char *memory, size_t bytes, int rounds)
{
    int there[2], back[2];
    char byte;
    if (pipe(there) || pipe(back))
        return 0;
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < rounds; i++) {
            if (read(there[0], &byte, 1) != 1)
                _exit(1);
            for (size_t at = 0; at < bytes; at += 4096)
                if (memory[at]++ != (unsigned char)(2 * i + 1))
                    _exit(2);
            if (write(back[1], "", 1) != 1)
                _exit(3);
        }
        _exit(0);
    }
    int right = 1;
    for (int i = 0; i < rounds; i++) {
        for (size_t at = 0; at < bytes; at += 4096)
            right &= memory[at]++ == (unsigned char)(2 * i);
        if (write(there[1], "", 1) != 1 || read(back[0], &byte, 1) != 1)
            break;
    }
    right &= status_of(child) == 0;
    close(there[0]), close(there[1]), close(back[0]), close(back[1]);
    return right;
}

/* What is stored in a page that the other process does not map must be in the file when it asks; nor may one that only reads lose it. */
static void one_sided(size_t bytes)
{
    int fd = memfd_create("one-sided", 0), there[2], back[2];
    char byte = 0, path[64];
    ftruncate(fd, (off_t)bytes);
    volatile char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (pipe(there) || pipe(back))
        return;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        munmap((char *)memory + 4096, bytes - 4096);
        write(back[1], "", 1);
        read(there[0], &byte, 1);
        pread(fd, &byte, 1, 4096);
        printf("%zu bytes: '%c' in the file", bytes, byte);
        char *reader = mmap(NULL, bytes, PROT_READ, MAP_SHARED, open(path, O_RDONLY), 0);
        printf(", '%c' in a reader's map\n", reader[4096]);
        exit(0);
    }
    read(back[0], &byte, 1);
    memory[4096] = 'n';
    write(there[1], "", 1);
    status_of(child);
    printf("still '%c'\n", memory[4096]);
    munmap((void *)memory, bytes);
    close(fd), close(there[0]), close(there[1]), close(back[0]), close(back[1]);
}

static void sizes(void)
{
    PART("pages of one side");
    one_sided(8192);
    one_sided(3 << 20);
    PART("in turns");
    static const size_t sizes[] = {4096, 65536, 3 << 20};
    for (int i = 0; i < 3; i++) {
        unsigned char *memory = shared(sizes[i]);
        printf("%zu bytes: %s\n", sizes[i], turns(memory, sizes[i], 20) ? "right" : "wrong");
        munmap(memory, sizes[i]);
    }
    scratch();
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    DO(ftruncate(fd, 2 << 20));
    unsigned char *memory = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    IS(turns(memory, 2 << 20, 10));
    unsigned char byte;
    IS(pread(fd, &byte, 1, 1 << 20) == 1 && byte == 20);
    byte = 99;
    IS(pwrite(fd, &byte, 1, 1 << 20) == 1 && memory[1 << 20] == 99);
}

static void apart(void)
{
    PART("mapped after the fork");
    int fd = memfd_create("between", 0);
    DO(ftruncate(fd, 8192));
    int turn[2];
    DO(pipe(turn));
    char byte;
    pid_t child = fork();
    volatile int *words = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (child == 0) {
        words[0] = 41;
        words[1024] = 42;
        _exit(write(turn[1], "", 1) != 1);
    }
    IS(read(turn[0], &byte, 1) == 1);
    IS(words[0] == 41 && words[1024] == 42);
    IS(status_of(child) == 0);
    IS(words[0] == 41);
}

/* Three processes show two pages of one file; the one that shows both must see what the others stored, whoever ran last. */
static void parts(void)
{
    PART("parts of a file");
    int fd = memfd_create("parts", 0), turn[2], back[2];
    DO(ftruncate(fd, 8192));
    DO(pipe(turn));
    DO(pipe(back));
    char byte;
    pid_t first = fork();
    if (first == 0) {
        volatile int *both = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        both[0] = 1;
        _exit(write(back[1], "", 1) != 1 || read(turn[0], &byte, 1) != 1);
    }
    IS(read(back[0], &byte, 1) == 1);
    pid_t second = fork();
    if (second == 0) {
        volatile int *upper = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
        upper[0] = 2;
        _exit(write(back[1], "", 1) != 1 || read(turn[0], &byte, 1) != 1);
    }
    IS(read(back[0], &byte, 1) == 1);
    volatile int *both = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    IS(both[0] == 1 && both[1024] == 2);
    IS(write(turn[1], "xx", 2) == 2);
    IS(status_of(first) == 0 && status_of(second) == 0);
    IS(both[0] == 1 && both[1024] == 2);
}

/* A word that is changed and changed back by another process is what it was, for all who saw the change. */
static void and_back(void)
{
    PART("changed and changed back");
    scratch();
    int fd = open("back", O_RDWR | O_CREAT, 0600), to_child[2], to_parent[2], word = 1;
    IS(pwrite(fd, &word, sizeof word, 0) == sizeof word);
    DO(ftruncate(fd, 8192));
    volatile int *words = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    DO(pipe(to_child));
    DO(pipe(to_parent));
    char byte;
    for (int bystander = 0; bystander < 2; bystander++) {
        pid_t child = fork();
        if (child == 0) {
            words[0]--;
            if (write(to_parent[1], "", 1) != 1 || read(to_child[0], &byte, 1) != 1)
                _exit(1);
            words[0]++;
            if (bystander && (write(to_parent[1], "", 1) != 1 || read(to_child[0], &byte, 1) != 1))
                _exit(1);
            _exit(0);
        }
        IS(read(to_parent[0], &byte, 1) == 1 && words[0] == 0);
        if (bystander) {
            pid_t other = fork();
            if (other == 0) {
                munmap((void *)words, 4096);
                words[1024] = 5;
                _exit(write(to_child[1], "", 1) != 1 || read(to_parent[0], &byte, 1) != 1 || words[1024] != 5 ||
                      write(to_parent[1], "", 1) != 1);
            }
            IS(status_of(other) == 0);
            IS(read(to_parent[0], &byte, 1) == 1);
        }
        IS(write(to_child[1], "", 1) == 1);
        IS(status_of(child) == 0);
        IS(words[0] == 1);
    }
}

/* What is stored in a page that another process shows for reading reaches the file. */
static void reader(void)
{
    PART("one that reads");
    int fd = open("read", O_RDWR | O_CREAT, 0600), turn[2], back[2];
    DO(ftruncate(fd, 4096));
    DO(pipe(turn));
    DO(pipe(back));
    char byte;
    int word;
    pid_t child = fork();
    if (child == 0) {
        volatile int *words = mmap(NULL, 4096, PROT_READ, MAP_SHARED, open("read", O_RDONLY), 0);
        if (words[0] != 0 || write(back[1], "", 1) != 1 || read(turn[0], &byte, 1) != 1)
            _exit(1);
        _exit(words[0] != 7);
    }
    IS(read(back[0], &byte, 1) == 1);
    volatile int *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    words[0] = 7;
    IS(pread(fd, &word, sizeof word, 0) == sizeof word && word == 7);
    IS(write(turn[1], "", 1) == 1);
    IS(status_of(child) == 0);
    words[1] = 8;
    IS(pread(fd, &word, sizeof word, 4) == sizeof word && word == 8);
}

struct together {
    atomic_int counter;
    int guarded;
    pthread_mutex_t mutex;
    pthread_cond_t condition;
    int stage;
    sem_t semaphore;
};

enum { CHILDREN = 4, ROUNDS = 500 };

static void locks(void)
{
    PART("atomics, a mutex, a condition, a semaphore");
    struct together *all = shared(sizeof *all);
    pthread_mutexattr_t of_mutex;
    pthread_condattr_t of_condition;
    pthread_mutexattr_init(&of_mutex);
    pthread_condattr_init(&of_condition);
    IS(pthread_mutexattr_setpshared(&of_mutex, PTHREAD_PROCESS_SHARED) == 0);
    IS(pthread_condattr_setpshared(&of_condition, PTHREAD_PROCESS_SHARED) == 0);
    pthread_mutex_init(&all->mutex, &of_mutex);
    pthread_cond_init(&all->condition, &of_condition);
    DO(sem_init(&all->semaphore, 1, 0));
    pid_t children[CHILDREN];
    for (int c = 0; c < CHILDREN; c++) {
        if ((children[c] = fork()) != 0)
            continue;
        for (int i = 0; i < ROUNDS; i++) {
            atomic_fetch_add(&all->counter, 1);
            pthread_mutex_lock(&all->mutex);
            int seen = all->guarded;
            if (i % 50 == 0)
                sched_yield();
            all->guarded = seen + 1;
            pthread_mutex_unlock(&all->mutex);
        }
        pthread_mutex_lock(&all->mutex);
        while (all->stage != c)
            pthread_cond_wait(&all->condition, &all->mutex);
        all->stage++;
        pthread_cond_broadcast(&all->condition);
        pthread_mutex_unlock(&all->mutex);
        sem_post(&all->semaphore);
        _exit(0);
    }
    for (int c = 0; c < CHILDREN; c++)
        sem_wait(&all->semaphore);
    int ended = 0;
    for (int c = 0; c < CHILDREN; c++)
        ended += status_of(children[c]) == 0;
    VALUE(ended);
    VALUE(atomic_load(&all->counter));
    VALUE(all->guarded);
    VALUE(all->stage);
}

static void killed(void)
{
    PART("what a killed process has stored stays");
    volatile int *words = shared(4096);
    int turn[2];
    char byte;
    DO(pipe(turn));
    pid_t child = fork();
    if (child == 0) {
        words[5] = 55;
        if (write(turn[1], "", 1) == 1)
            for (;;)
                pause();
    }
    IS(read(turn[0], &byte, 1) == 1);
    words[6] = 66;
    DO(kill(child, SIGKILL));
    IS(status_of(child) == SIGKILL);
    IS(words[5] == 55 && words[6] == 66);
}

int main(void)
{
    sizes();
    apart();
    parts();
    and_back();
    reader();
    locks();
    killed();
}
