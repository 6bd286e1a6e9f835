/*
 * Who may use, change and remove objects of System V IPC: owner, maker, group, others.
 */
#include "ipc.h"
#include <sys/mman.h>
#include <sys/resource.h>

static int sems, shm, msgs;

static void modes(int mode, uid_t uid, gid_t gid)
{
    struct semid_ds sem;
    struct shmid_ds segment;
    struct msqid_ds queue;
    memset(&queue, 0, sizeof queue);
    queue.msg_qbytes = 16384;
    sem.sem_perm.mode = segment.shm_perm.mode = queue.msg_perm.mode = (unsigned short)mode;
    sem.sem_perm.uid = segment.shm_perm.uid = queue.msg_perm.uid = uid;
    sem.sem_perm.gid = segment.shm_perm.gid = queue.msg_perm.gid = gid;
    DO(semctl(sems, 0, IPC_SET, (union semun){.buf = &sem}));
    DO(shmctl(shm, IPC_SET, &segment));
    DO(msgctl(msgs, IPC_SET, &queue));
}

static key_t key;

static void use(void)
{
    struct semid_ds sem;
    struct shmid_ds segment;
    struct msqid_ds queue;
    unsigned short all[2];
    struct { long type; char text[8]; } message = {1, "text"};
    DO(semget(key, 2, 0));
    DO(semget(key, 2, 0400));
    DO(semget(key, 2, 0600));
    DO(semget(key, 2, IPC_CREAT | 0004));
    DO(shmget(key, 1, 0666));
    DO(shmget(key, 99999, 0666));
    DO(msgget(key, 0040));
    DO(semctl(sems, 0, IPC_STAT, (union semun){.buf = &sem}));
    DO(semctl(sems, 0, GETALL, (union semun){.array = all}));
    DO(semctl(sems, 1, SETVAL, 1));
    DO(semctl(sems, 9, SETVAL, 1));
    DO(semctl(sems, 9, GETVAL));
    DO(semop(sems, &(struct sembuf){0, 0, IPC_NOWAIT}, 1));
    DO(semop(sems, &(struct sembuf){0, 0, IPC_NOWAIT}, 1));
    DO(semop(sems, (struct sembuf[]){{1, 1, 0}, {1, -1, SEM_UNDO}}, 2));
    DO(semop(sems, &(struct sembuf){9, 1, 0}, 1));
    DO(shmctl(shm, IPC_STAT, &segment));
    void *memory = shmat(shm, NULL, SHM_RDONLY);
    IS(memory != (void *)-1);
    IS(shmat(shm, NULL, 0) != (void *)-1);
    IS(shmat(shm, NULL, SHM_RDONLY | SHM_EXEC) != (void *)-1);
    DO(shmctl(shm, SHM_LOCK, NULL));
    DO(shmctl(shm, SHM_UNLOCK, NULL));
    DO(msgctl(msgs, IPC_STAT, &queue));
    DO(msgsnd(msgs, &message, 4, IPC_NOWAIT));
    DO(msgrcv(msgs, &message, 8, 0, IPC_NOWAIT | MSG_NOERROR));
    queue.msg_perm.mode = segment.shm_perm.mode = sem.sem_perm.mode = 0;
    DO(semctl(sems, 0, IPC_RMID + 900));
    DO(msgctl(msgs, IPC_SET, NULL));
}

static int as_user(void *ids)
{
    int *id = ids;
    if (setgid((gid_t)id[1]) || setuid((uid_t)id[0]))
        printf("cannot be %d\n", id[0]);
    use();
    return 0;
}

static int tries_to_remove(void *ids)
{
    int *id = ids;
    if (setgid((gid_t)id[1]) || setuid((uid_t)id[0]))
        printf("cannot be %d\n", id[0]);
    struct msqid_ds queue;
    memset(&queue, 0, sizeof queue);
    queue.msg_perm.uid = (uid_t)id[0];
    queue.msg_qbytes = 20000;
    DO(msgctl(msgs, IPC_SET, &queue));
    DO(msgctl(msgs, IPC_RMID, NULL));
    DO(shmctl(shm, IPC_RMID, NULL));
    DO(semctl(sems, 0, IPC_RMID));
    return 0;
}

static int one, other;

static int locks(void *unused)
{
    (void)unused;
    struct rlimit small = {8192, 8192}, none = {0, 0};
    setrlimit(RLIMIT_MEMLOCK, &small);
    if (setuid(4321))
        return 1;
    int own = shmget(IPC_PRIVATE, 8192, 0600), second = shmget(IPC_PRIVATE, 100, 0600);
    DO(shmctl(one, SHM_LOCK, NULL));
    DO(shmctl(own, SHM_LOCK, NULL));
    DO(shmctl(second, SHM_LOCK, NULL));
    DO(shmctl(own, SHM_UNLOCK, NULL));
    DO(shmctl(second, SHM_LOCK, NULL));
    setrlimit(RLIMIT_MEMLOCK, &none);
    DO(shmctl(own, SHM_LOCK, NULL));
    DO(shmctl(second, SHM_UNLOCK, NULL));
    DO(shmctl(own, IPC_RMID, NULL));
    DO(shmctl(second, IPC_RMID, NULL));
    DO(shmctl(other, IPC_RMID, NULL));
    return 0;
}

static void as(const char *title, int uid, int gid, int (*what)(void *))
{
    PART(title);
    int ids[2] = {uid, gid};
    end_of(in_child(what, ids));
}

int main(void)
{
    drop_capability(CAP_IPC_OWNER);
    drop_capability(CAP_IPC_LOCK);
    drop_capability(CAP_SYS_ADMIN);
    drop_capability(CAP_SYS_RESOURCE);
    key = free_key();
    sems = semget(key, 2, IPC_CREAT | 0640);
    shm = shmget(key, 100, IPC_CREAT | 0640);
    msgs = msgget(key, IPC_CREAT | 0640);
    PART("root");
    use();
    as("somebody else", 1234, 1234, as_user);
    as("one of the group", 1234, (int)getegid(), as_user);
    modes(0604, 1234, 5678);
    as("the new owner", 1234, 1234, as_user);
    as("one of the new group", 1111, 5678, as_user);
    as("somebody else", 1111, 1111, as_user);
    modes(0222, 1234, 5678);
    as("somebody else", 1111, 1111, as_user);
    modes(0, 1234, 5678);
    as("the new owner", 1234, 1234, as_user);
    as("somebody else", 1111, 1111, tries_to_remove);
    PART("locks");
    one = shmget(IPC_PRIVATE, 8192, 0600);
    other = shmget(IPC_PRIVATE, 100, 0600);
    end_of(in_child(locks, NULL));
    shmctl(one, IPC_RMID, NULL);
    shmctl(other, IPC_RMID, NULL);
    as("the new owner", 1234, 1234, tries_to_remove);
    DO(shmctl(shm, IPC_RMID, NULL));
    return 0;
}
