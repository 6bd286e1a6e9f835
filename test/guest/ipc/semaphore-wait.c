/*
 * Waiting for semaphores: who goes first, what ends a wait, how many wait.
 */
#include "ipc.h"

static int set, tell[2];

typedef struct {
    char name;
    struct sembuf *operations;
    size_t count;
    long timeout_ms;
} Waiter;

static int wait_for(void *argument)
{
    Waiter *waiter = argument;
    struct timespec timeout = {waiter->timeout_ms / 1000, waiter->timeout_ms % 1000 * 1000000};
    long result = semtimedop(set, waiter->operations, waiter->count, waiter->timeout_ms ? &timeout : NULL);
    char told[2] = {waiter->name, result == 0 ? '+' : errno == EIDRM ? 'r' : errno == EINTR ? 'i' : errno == EAGAIN ? 't' : errno == ERANGE ? 'R' : '?'};
    write(tell[1], told, 2);
    return 0;
}

static pid_t start(char name, struct sembuf *operations, size_t count)
{
    Waiter *waiter = malloc(sizeof *waiter);
    *waiter = (Waiter){name, operations, count, 0};
    int before = 0, after = 0;
    for (int i = 0; i < 3; i++)
        before += semctl(set, i, GETNCNT) + semctl(set, i, GETZCNT);
    pid_t pid = in_child(wait_for, waiter);
    do {
        breathe();
        after = 0;
        for (int i = 0; i < 3; i++)
            after += semctl(set, i, GETNCNT) + semctl(set, i, GETZCNT);
    } while (after <= before);
    return pid;
}

#define OP(...) (struct sembuf[]){__VA_ARGS__}, sizeof((struct sembuf[]){__VA_ARGS__}) / sizeof(struct sembuf)

static void counts(void)
{
    for (int i = 0; i < 3; i++)
        printf("%d: value %d, %d for more, %d for zero\n", i, semctl(set, i, GETVAL), semctl(set, i, GETNCNT),
               semctl(set, i, GETZCNT));
}

/* Who has come through: so many of them, in any order, because they tell it themselves. */
static void done(int many)
{
    char told[2], names[64] = "", ways[64] = "";
    for (int i = 0; i < many; i++) {
        read(tell[0], told, 2);
        names[i] = told[0];
        ways[i] = told[1];
    }
    for (int i = 0; i < many; i++)
        for (int j = i + 1; j < many; j++)
            if (names[j] < names[i]) {
                char name = names[i], way = ways[i];
                names[i] = names[j], ways[i] = ways[j];
                names[j] = name, ways[j] = way;
            }
    printf("done:");
    for (int i = 0; i < many; i++)
        printf(" %c%c", names[i], ways[i]);
    printf("\n");
    for (int i = 0; i < many; i++)
        wait(NULL);
}

static void one_by_one(void)
{
    PART("the oldest goes first");
    semctl(set, 0, SETALL, (union semun){.array = (unsigned short[]){0, 0, 0}});
    start('a', OP({0, -2, 0}));
    start('b', OP({0, -1, 0}));
    start('c', OP({0, -1, 0}));
    counts();
    ASK(semop(set, OP({0, 1, 0})));
    done(1);
    ASK(semop(set, OP({0, 2, 0})));
    done(1);
    counts();
    ASK(semop(set, OP({0, 1, 0})));
    done(1);
    counts();
}

static void zero(void)
{
    PART("those who wait for zero go before those who take");
    semctl(set, 0, SETALL, (union semun){.array = (unsigned short[]){1, 1, 1}});
    start('z', OP({0, 0, 0}));
    start('y', OP({0, 0, 0}, {1, 0, 0}));
    start('x', OP({0, 0, 0}, {0, 5, 0}));
    start('w', OP({0, -3, 0}));
    counts();
    ASK(semop(set, OP({0, -1, 0})));
    done(3);
    counts();
    ASK(semctl(set, 1, SETVAL, 0));
    counts();
    ASK(semctl(set, 0, SETVAL, 0));
    done(1);
    counts();
}

static void together(void)
{
    PART("several semaphores");
    semctl(set, 0, SETALL, (union semun){.array = (unsigned short[]){0, 0, 0}});
    start('a', OP({0, -1, 0}, {1, -1, 0}));
    start('b', OP({1, -1, 0}));
    start('c', OP({1, 1, 0}, {2, -1, 0}));
    start('d', OP({0, -1, 0}));
    counts();
    ASK(semop(set, OP({0, 1, 0})));
    done(1);
    counts();
    /* What the third does lets the second go on, and the first must wait on. */
    ASK(semop(set, OP({2, 1, 0})));
    done(2);
    counts();
    ASK(semop(set, OP({0, 1, 0}, {1, 1, 0})));
    done(1);
    counts();
}

static void ends(void)
{
    PART("what ends a wait");
    Waiter timed = {'t', OP({0, -1, 0}), 20};
    pid_t pid = in_child(wait_for, &timed);
    done(1);
    alarms(SA_RESTART);
    pid = start('i', OP({0, -1, 0}));
    kill(pid, SIGALRM);
    done(1);
    pid = start('s', OP({0, -1, 0}));
    kill(pid, SIGSTOP);
    kill(pid, SIGCONT);
    done(1);
    pid = start('k', OP({0, -1, 0}));
    kill(pid, SIGKILL);
    ASK(end_of(pid));
    counts();
    start('o', OP({0, -1, 0}, {1, 1, 0}));
    semctl(set, 1, SETVAL, 32767);
    ASK(semop(set, OP({0, 1, 0})));
    done(1);
    counts();
    semctl(set, 0, SETVAL, 0);
    start('a', OP({0, -1, 0}));
    start('b', OP({1, 0, 0}));
    start('c', OP({2, -1, 0}, {0, -1, 0}));
    ASK(semctl(set, 0, IPC_RMID));
    done(3);
}

int main(void)
{
    pipe(tell);
    set = semget(IPC_PRIVATE, 3, 0600);
    one_by_one();
    zero();
    together();
    ends();
    return 0;
}
