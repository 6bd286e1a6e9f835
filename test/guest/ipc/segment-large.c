/*
 * A segment of several megabytes that processes change in turn: pages go from one to the other, and stay when all have left.
 */
#include "ipc.h"
#include <sys/mman.h>

#define PAGE 4096L
#define PAGES 700L

static int segment;

static unsigned sum(const unsigned *words)
{
    unsigned sum = 0;
    for (long i = 0; i < PAGES * PAGE / 4; i += 97)
        sum = sum * 31 + words[i];
    return sum;
}

static int add(void *argument)
{
    long step = (long)argument;
    unsigned *words = shmat(segment, NULL, 0);
    for (long i = step; i < PAGES * PAGE / 4; i += 333)
        words[i] += (unsigned)(i * step + 1);
    return shmdt(words);
}

static int read_only(void *unused)
{
    (void)unused;
    unsigned *words = shmat(segment, NULL, SHM_RDONLY);
    printf("child reads %u\n", sum(words));
    return shmdt(words);
}

int main(void)
{
    segment = shmget(IPC_PRIVATE, PAGES * PAGE, 0600);
    for (long step = 1; step < 6; step++)
        IS(end_of(in_child(add, (void *)step)) == 0);
    ASK(end_of(in_child(read_only, NULL)));
    unsigned *words = shmat(segment, NULL, 0);
    printf("all together %u\n", sum(words));
    pid_t children[3];
    for (long i = 0; i < 3; i++)
        children[i] = in_child(add, (void *)(11 + i));
    for (long i = 0; i < 3; i++)
        IS(end_of(children[i]) == 0);
    printf("all together %u\n", sum(words));
    unsigned *reader = shmat(segment, NULL, SHM_RDONLY);
    words[1000] = 77;
    IS(reader[1000] == 77 && sum(reader) == sum(words));
    ASK(end_of(in_child(read_only, NULL)));
    ASK(shmdt(words));
    ASK(end_of(in_child(read_only, NULL)));
    ASK(shmdt(reader));
    ASK(end_of(in_child(read_only, NULL)));
    return shmctl(segment, IPC_RMID, NULL);
}
