/*
 * fork(2), vfork(2): what the child has of its parent, and what it has of its own.
 */
#include "check.h"
#include <sys/mman.h>
#include <sys/wait.h>

static int status_of(pid_t child)
{
    int status = -1;
    return waitpid(child, &status, 0) == child ? status : -1;
}

static int global = 1;

static void memory(void)
{
    PART("memory is copied");
    int local = 2;
    char *heap = calloc(3, 1 << 20);
    char *mapped = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(heap, "heap");
    strcpy(mapped + 5000, "mapped");
    pid_t child = fork();
    if (child == 0) {
        IS(global == 1 && local == 2);
        IS(!strcmp(heap, "heap") && !strcmp(mapped + 5000, "mapped"));
        IS(heap[2 << 20] == 0);
        global = local = 7;
        strcpy(heap, "mine");
        strcpy(mapped + 5000, "mine too");
        exit(9);
    }
    IS(status_of(child) == 9 << 8);
    IS(global == 1 && local == 2);
    IS(!strcmp(heap, "heap") && !strcmp(mapped + 5000, "mapped"));
    free(heap);
    munmap(mapped, 1 << 16);
}

static void ids(void)
{
    PART("ids");
    pid_t parent = getpid(), group = getpgrp(), session = getsid(0);
    pid_t child = fork();
    if (child == 0) {
        IS(getppid() == parent);
        IS(getpid() != parent && getpid() == syscall(SYS_gettid));
        IS(getpgrp() == group && getsid(0) == session);
        _exit(0);
    }
    IS(status_of(child) == 0);
    IS(child > 0 && child != parent);
}

static void shared_memory(void)
{
    PART("shared memory is one");
    volatile int *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared[0] = 5;
    pid_t child = fork();
    if (child == 0) {
        IS(shared[0] == 5);
        shared[0] = 6;
        shared[1500] = 11;
        _exit(0);
    }
    IS(status_of(child) == 0);
    IS(shared[0] == 6 && shared[1500] == 11);

    int there[2], back[2];
    char byte;
    DO(pipe(there));
    DO(pipe(back));
    child = fork();
    if (child == 0) {
        for (int i = 0; i < 100; i++) {
            if (read(there[0], &byte, 1) != 1 || shared[7] != 2 * i)
                _exit(1);
            shared[7]++;
            if (write(back[1], "", 1) != 1)
                _exit(2);
        }
        _exit(0);
    }
    int right = 0;
    for (int i = 0; i < 100; i++) {
        if (write(there[1], "", 1) == 1 && read(back[0], &byte, 1) == 1)
            right += shared[7] == 2 * i + 1;
        shared[7]++;
    }
    IS(right == 100);
    IS(status_of(child) == 0);
}

static void shared_file(void)
{
    PART("a file mapped by two");
    scratch();
    put_file("shared", "0123456789");
    int fd = open("shared", O_RDWR);
    char *mine = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    pid_t child = fork();
    if (child == 0) {
        mine[0] = 'a';
        char *again = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        IS(again[0] == 'a');
        again[1] = 'b';
        IS(mine[1] == 'b');
        _exit(0);
    }
    IS(status_of(child) == 0);
    TEXT(mine, 10);
    show_file("shared");
}

static void files(void)
{
    PART("descriptors share their offset");
    put_file("text", "0123456789");
    int fd = open("text", O_RDONLY);
    char bytes[4] = {0};
    VALUE(read(fd, bytes, 2));
    pid_t child = fork();
    if (child == 0) {
        VALUE(read(fd, bytes, 3));
        TEXT(bytes, 3);
        close(fd);
        chdir("/");
        umask(0123);
        _exit(0);
    }
    IS(status_of(child) == 0);
    VALUE(read(fd, bytes, 2));
    TEXT(bytes, 2);
    DO(access("text", F_OK));
    IS(umask(022) != 0123);
}

static void by_vfork(void)
{
    PART("vfork");
    volatile int seen = 0;
    pid_t child = vfork();
    if (child == 0) {
        seen = 1;
        _exit(4);
    }
    IS(seen == 1);
    IS(status_of(child) == 4 << 8);
    child = vfork();
    if (child == 0) {
        execl("/proc/self/exe", "fork", "child", NULL);
        _exit(1);
    }
    IS(status_of(child) == 12 << 8);
}

static void many(void)
{
    PART("many");
    int right = 0;
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(i);
        right += status_of(child) == i << 8;
    }
    IS(right == 50);
    for (int i = 0; i < 5; i++)
        if (fork() == 0)
            _exit(i);
    int sum = 0, status;
    while (wait(&status) > 0)
        sum += WEXITSTATUS(status);
    IS(errno == ECHILD);
    VALUE(sum);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        _exit(12);
    memory();
    ids();
    shared_memory();
    shared_file();
    files();
    by_vfork();
    many();
}
