/*
 * semget(2), semop(2) and semctl(2) where nobody waits: values, sets of operations that are done as a whole, limits.
 */
#include "ipc.h"

static int set;

#define OP(...) (struct sembuf[]){__VA_ARGS__}, sizeof((struct sembuf[]){__VA_ARGS__}) / sizeof(struct sembuf)

static void values(void)
{
    unsigned short all[4] = {9, 9, 9, 9};
    semctl(set, 0, GETALL, (union semun){.array = all});
    printf("values %d %d %d\n", all[0], all[1], all[2]);
}

static void make(void)
{
    PART("semget");
    key_t key = free_key();
    ASK(semget(key, 1, 0600));
    ASK(semget(key, 0, IPC_CREAT | 0600));
    ASK(semget(key, -1, IPC_CREAT | 0600));
    ASK(semget(key, 32001, IPC_CREAT | 0600));
    int id = semget(key, 3, IPC_CREAT | 0640);
    IS(id >= 0);
    ASK(semget(key, 3, IPC_CREAT | IPC_EXCL | 0640));
    IS(semget(key, 3, 0) == id);
    IS(semget(key, 2, IPC_CREAT | 0777) == id);
    IS(semget(key, 0, 0) == id);
    ASK(semget(key, 4, 0));
    ASK(semget(key, -1, 0));
    struct semid_ds ds;
    memset(&ds, 0xff, sizeof ds);
    ASK(semctl(id, 0, IPC_STAT, (union semun){.buf = &ds}));
    IS(ds.sem_perm.__key == key && ds.sem_perm.uid == geteuid() && ds.sem_perm.cgid == getegid());
    BITS(ds.sem_perm.mode);
    VALUE(ds.sem_nsems);
    IS(ds.sem_otime == 0);
    IS(time(NULL) - ds.sem_ctime < 100);
    ASK(semctl(id, 0, IPC_RMID));
    ASK(semctl(id, 0, IPC_RMID));
    ASK(semctl(id, 0, GETVAL));
    ASK(semop(id, OP({0, 1, 0})));
    int first = semget(IPC_PRIVATE, 1, 0600), second = semget(IPC_PRIVATE, 1, 0600);
    IS(first >= 0 && second >= 0 && first != second);
    semctl(first, 0, IPC_RMID);
    semctl(second, 0, IPC_RMID);
}

static void operate(void)
{
    PART("semop");
    ASK(semop(set, OP({0, 3, 0}, {1, 0, 0}, {2, 1, 0})));
    values();
    ASK(semop(set, OP({0, -1, 0}, {2, -2, IPC_NOWAIT})));
    values();
    ASK(semop(set, OP({0, -1, 0}, {2, 0, IPC_NOWAIT})));
    ASK(semop(set, OP({0, -3, 0}, {0, 0, 0}, {0, 5, 0})));
    values();
    ASK(semop(set, OP({0, -3, 0}, {0, -2, 0}, {0, -1, IPC_NOWAIT})));
    ASK(semop(set, OP({0, 0, IPC_NOWAIT})));
    ASK(semop(set, OP({0, 32767, 0})));
    ASK(semop(set, OP({1, 32767, 0})));
    ASK(semop(set, OP({1, 1, 0})));
    ASK(semop(set, OP({1, -32768, IPC_NOWAIT})));
    ASK(semop(set, OP({1, -32767, 0})));
    ASK(semop(set, OP({1, 1, 0}, {1, -1, 0}, {1, 0, 0}, {1, 7, 0})));
    values();
    PART("what cannot be asked for");
    ASK(semop(set, OP({3, 1, 0})));
    ASK(semop(-1, OP({0, 1, 0})));
    ASK(semop(0x7fffffff, OP({0, 1, 0})));
    ASK(semop(set, NULL, 1));
    ASK(semop(set, NULL, 0));
    ASK(semop(set, NULL, 501));
    static struct sembuf many[501];
    for (int i = 0; i < 501; i++)
        many[i] = (struct sembuf){2, 1, 0};
    ASK(semop(set, many, 501));
    ASK(semop(set, many, 500));
    values();
    struct sembuf one = {0, -100, 0};
    ASK(semtimedop(set, &one, 1, &(struct timespec){-1, 0}));
    ASK(semtimedop(set, &one, 1, &(struct timespec){0, 1000000000}));
    ASK(semtimedop(set, &one, 1, &(struct timespec){0, 0}));
    ASK(semtimedop(set, &one, 1, &(struct timespec){0, 3000000}));
    ASK(semtimedop(set, &one, 1, (struct timespec *)16));
    ASK(semtimedop(-1, &one, 1, &(struct timespec){-1, 0}));
    ASK(semtimedop(-1, &one, 501, &(struct timespec){-1, 0}));
    ASK(semtimedop(-1, NULL, 1, &(struct timespec){-1, 0}));
    one.sem_op = 1;
    ASK(semtimedop(set, &one, 1, &(struct timespec){-1, 0}));
    ASK(semtimedop(set, &one, 1, &(struct timespec){0, 0}));
    values();
}

static void control(void)
{
    PART("semctl");
    ASK(semctl(set, 1, SETVAL, 17));
    ASK(semctl(set, 1, GETVAL));
    IS(semctl(set, 1, GETPID) == getpid());
    /* Only the low half of the register is the value. */
    ASK(syscall(SYS_semctl, set, 1, SETVAL, 0x1122334400000005));
    ASK(semctl(set, 1, GETVAL));
    ASK(semctl(set, 1, SETVAL, -1));
    ASK(semctl(set, 1, SETVAL, 32768));
    ASK(semctl(set, 3, SETVAL, 1));
    ASK(semctl(set, -1, SETVAL, 1));
    ASK(semctl(-1, 0, SETVAL, 32768));
    ASK(semctl(set, 9, SETVAL, 32768));
    ASK(semctl(set, 3, GETVAL));
    ASK(semctl(set, -1, GETPID));
    ASK(semctl(set, 1, GETNCNT));
    ASK(semctl(set, 1, GETZCNT));
    ASK(semctl(set, 0, SETALL, (union semun){.array = (unsigned short[]){1, 32768, 3}}));
    ASK(semctl(set, 0, SETALL, (union semun){.array = (unsigned short[]){1, 2, 3}}));
    ASK(semctl(set, 0, SETALL, (union semun){.array = NULL}));
    ASK(semctl(set, 0, GETALL, (union semun){.array = NULL}));
    ASK(semctl(set, 100, GETALL, (union semun){.array = (unsigned short[3]){0}}));
    values();
    ASK(semctl(set, 0, 99, 0));
    ASK(semctl(-1, 0, IPC_STAT, 0));
    ASK(semctl(set, 0, IPC_STAT, (union semun){.buf = NULL}));
    ASK(semctl(set, 0, IPC_SET, (union semun){.buf = NULL}));
    ASK(semctl(0x7fffffff, 0, IPC_SET, (union semun){.buf = NULL}));
    struct semid_ds ds;
    semctl(set, 0, IPC_STAT, (union semun){.buf = &ds});
    IS(ds.sem_otime != 0);
    ds.sem_perm.mode = 0177607;
    ds.sem_perm.gid = 77;
    ASK(semctl(set, 0, IPC_SET, (union semun){.buf = &ds}));
    semctl(set, 0, IPC_STAT, (union semun){.buf = &ds});
    BITS(ds.sem_perm.mode);
    VALUE(ds.sem_perm.gid);
    IS(ds.sem_perm.cgid == getegid());
    ds.sem_perm.uid = (uid_t)-1;
    ASK(semctl(set, 0, IPC_SET, (union semun){.buf = &ds}));
}

static void limits(void)
{
    PART("limits");
    struct seminfo info;
    memset(&info, 0xff, sizeof info);
    IS(semctl(0, 0, IPC_INFO, (union semun){.info = &info}) >= 0);
    printf("%d %d %d %d %d %d %d %d %d %d\n", info.semmap, info.semmni, info.semmns, info.semmnu, info.semmsl,
           info.semopm, info.semume, info.semusz, info.semvmx, info.semaem);
    int highest = semctl(1234, 0, SEM_INFO, (union semun){.info = &info});
    IS(info.semusz >= 1 && info.semaem >= 3);
    ASK(semctl(0, 0, SEM_INFO, (union semun){.info = NULL}));
    struct semid_ds ds;
    int found = -1;
    for (int place = 0; place <= highest; place++)
        if (semctl(place, 0, SEM_STAT, (union semun){.buf = &ds}) == set)
            found = place;
    IS(found >= 0);
    IS(semctl(found, 0, SEM_STAT_ANY, (union semun){.buf = &ds}) == set && ds.sem_nsems == 3);
    ASK(semctl(found, 0, SEM_STAT, (union semun){.buf = NULL}));
    ASK(semctl(-1, 0, SEM_STAT, (union semun){.buf = &ds}));
    show_file("/proc/sys/kernel/sem");
}

int main(void)
{
    make();
    set = semget(IPC_PRIVATE, 3, 0600);
    operate();
    control();
    limits();
    return semctl(set, 0, IPC_RMID);
}
