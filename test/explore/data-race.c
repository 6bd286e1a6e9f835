/* A data race: two processes add to a counter that they share, without a lock. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMES = 20 };

static void add(volatile int *counter)
{
    for (int i = 0; i < TIMES; i++)
        ++*counter;
}

int main(void)
{
    volatile int *counter = mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fork() == 0) {
        add(counter);
        _exit(0);
    }
    add(counter);
    wait(NULL);
    printf("%d\n", *counter);
    return 0;
}
