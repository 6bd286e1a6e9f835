/*
 * msgget(2), msgsnd(2), msgrcv(2) and msgctl(2) where nobody waits: which message is taken, what fits, limits.
 */
#include "ipc.h"

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

typedef struct {
    long type;
    char text[9000];
} Message;

static int queue;
static Message message;

static long send(long type, const char *text, int flags)
{
    message.type = type;
    strcpy(message.text, text);
    return msgsnd(queue, &message, strlen(text), flags);
}

static void take(size_t size, long type, int flags)
{
    memset(&message, '.', sizeof message);
    errno = 0;
    long got = msgrcv(queue, &message, size, type, flags);
    if (got < 0)
        printf("take %zu of %ld, %#o: %s\n", size, type, flags, errno == ENOMSG ? "ENOMSG" : check_errno(errno));
    else
        printf("take %zu of %ld, %#o: %ld \"%.*s\" of %ld\n", size, type, flags, got, (int)got + 1, message.text, message.type);
}

static struct msqid_ds stat_of(void)
{
    struct msqid_ds ds;
    memset(&ds, 0, sizeof ds);
    msgctl(queue, IPC_STAT, &ds);
    return ds;
}

static void state(void)
{
    struct msqid_ds ds = stat_of();
    printf("%lu messages, %lu bytes of %lu\n", ds.msg_qnum, ds.__msg_cbytes, ds.msg_qbytes);
}

static void make(void)
{
    PART("msgget");
    key_t key = free_key();
    ASK(msgget(key, 0600));
    int id = msgget(key, IPC_CREAT | 0620);
    IS(id >= 0 && msgget(key, 0) == id && msgget(key, IPC_CREAT | 0777) == id);
    ASK(msgget(key, IPC_CREAT | IPC_EXCL | 0600));
    queue = id;
    struct msqid_ds ds = stat_of();
    BITS(ds.msg_perm.mode);
    IS(ds.msg_perm.__key == key && ds.msg_stime == 0 && ds.msg_rtime == 0 && time(NULL) - ds.msg_ctime < 100);
    IS(ds.msg_lspid == 0 && ds.msg_lrpid == 0);
    state();
    ASK(msgctl(id, IPC_RMID, NULL));
    ASK(msgctl(id, IPC_RMID, NULL));
    ASK(send(1, "x", 0));
    take(10, 0, IPC_NOWAIT);
    ASK(msgget(key, 0));
}

static void fill(void)
{
    send(3, "three", 0);
    send(1, "one", 0);
    send(2, "two", 0);
    send(1, "uno", 0);
    send(5, "", 0);
    send(2, "due", 0);
}

static void types(void)
{
    PART("which message");
    fill();
    state();
    take(100, 2, 0);
    take(100, -2, 0);
    take(100, -2, 0);
    take(100, -2, 0);
    take(100, -2, IPC_NOWAIT);
    take(100, 3, MSG_EXCEPT);
    take(100, 3, MSG_EXCEPT | IPC_NOWAIT);
    take(100, 7, IPC_NOWAIT);
    take(3, 0, 0);
    take(3, 0, MSG_NOERROR);
    take(3, 0, IPC_NOWAIT);
    state();
    IS(stat_of().msg_lspid == getpid() && stat_of().msg_lrpid == getpid());
    IS(stat_of().msg_stime != 0 && stat_of().msg_rtime != 0);
    PART("large types");
    send(0x7fffffffffffffff, "last", 0);
    send(0x7ffffffffffffffe, "last but one", 0);
    take(100, 0x7ffffffffffffffe, IPC_NOWAIT);
    take(100, (long)0x8000000000000000, IPC_NOWAIT);
    PART("MSG_COPY");
    fill();
    take(100, 0, MSG_COPY | IPC_NOWAIT);
    take(100, 4, MSG_COPY | IPC_NOWAIT);
    take(100, 2, MSG_COPY | IPC_NOWAIT);
    take(2, 1, MSG_COPY | IPC_NOWAIT);
    take(2, 1, MSG_COPY | IPC_NOWAIT | MSG_NOERROR);
    take(100, 6, MSG_COPY | IPC_NOWAIT);
    take(100, 0, MSG_COPY);
    take(100, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT);
    state();
    while (msgrcv(queue, &message, sizeof message.text, 0, IPC_NOWAIT) >= 0)
        ;
}

static void refusals(void)
{
    PART("what cannot be done");
    ASK(send(0, "x", 0));
    ASK(send(-1, "x", 0));
    message.type = 1;
    ASK(msgsnd(queue, &message, 8193, 0));
    ASK(msgsnd(queue, &message, (size_t)-1, 0));
    ASK(msgsnd(-1, &message, 1, 0));
    ASK(msgsnd(0x7fffffff, &message, 1, 0));
    ASK(msgsnd(queue, NULL, 1, 0));
    ASK(msgsnd(-1, NULL, 1, 0));
    ASK(msgsnd(queue, (char *)sbrk(0) + (1 << 20), 1, 0));
    ASK(msgrcv(-1, &message, 1, 0, IPC_NOWAIT));
    ASK(msgrcv(queue, &message, (size_t)-1, 0, IPC_NOWAIT));
    ASK(msgrcv(0x7fffffff, &message, 1, 0, MSG_COPY));
    ASK(msgrcv(0x7fffffff, &message, 1, 0, 0));
    send(1, "lost", 0);
    ASK(msgrcv(queue, NULL, 10, 0, IPC_NOWAIT));
    ASK(msgrcv(queue, NULL, 10, 0, IPC_NOWAIT));
    send(1, "ignored flags", 0777 | IPC_CREAT);
    take(100, 0, 0777 | IPC_CREAT);
}

static void room(void)
{
    PART("room");
    memset(message.text, 'm', sizeof message.text);
    message.type = 4;
    ASK(msgsnd(queue, &message, 8192, IPC_NOWAIT));
    ASK(msgsnd(queue, &message, 8192, IPC_NOWAIT));
    ASK(msgsnd(queue, &message, 0, IPC_NOWAIT));
    ASK(msgsnd(queue, &message, 1, IPC_NOWAIT));
    state();
    struct msqid_ds ds = stat_of();
    ds.msg_qbytes = 3;
    ASK(msgctl(queue, IPC_SET, &ds));
    ASK(msgrcv(queue, &message, 8192, 0, 0));
    ASK(msgrcv(queue, &message, 8192, 0, 0));
    ASK(msgsnd(queue, &message, 4, IPC_NOWAIT));
    ASK(msgsnd(queue, &message, 3, IPC_NOWAIT));
    ASK(msgsnd(queue, &message, 0, IPC_NOWAIT));
    ASK(msgsnd(queue, &message, 0, IPC_NOWAIT));
    state();
    ds.msg_qbytes = 16385;
    ASK(msgctl(queue, IPC_SET, &ds));
    ds.msg_qbytes = 16384;
    ds.msg_perm.mode = 0177606;
    ds.msg_perm.uid = 44;
    ASK(msgctl(queue, IPC_SET, &ds));
    state();
    BITS(stat_of().msg_perm.mode);
    VALUE(stat_of().msg_perm.uid);
    ds.msg_perm.uid = (uid_t)-1;
    ds.msg_qbytes = 5;
    ASK(msgctl(queue, IPC_SET, &ds));
    state();
    ASK(msgctl(queue, IPC_SET, NULL));
    ASK(msgctl(queue, IPC_STAT, NULL));
    ASK(msgctl(-1, IPC_STAT, NULL));
    ASK(msgctl(queue, -1, NULL));
    ASK(msgctl(queue, 99, NULL));
    PART("limits");
    struct msginfo info;
    IS(msgctl(0, IPC_INFO, (struct msqid_ds *)&info) >= 0);
    printf("%d %d %d %d %d %d %d %d\n", info.msgpool, info.msgmap, info.msgmax, info.msgmnb, info.msgmni, info.msgssz,
           info.msgtql, info.msgseg);
    int highest = msgctl(0, MSG_INFO, (struct msqid_ds *)&info), found = -1;
    IS(info.msgpool >= 1 && info.msgmap >= 2 && info.msgtql >= 3);
    for (int place = 0; place <= highest; place++)
        if (msgctl(place, MSG_STAT, &ds) == queue)
            found = place;
    IS(found >= 0);
    ASK(msgctl(0, IPC_INFO, NULL));
    show_file("/proc/sys/kernel/msgmax");
    show_file("/proc/sys/kernel/msgmnb");
    show_file("/proc/sys/kernel/msgmni");
}

int main(void)
{
    drop_capability(CAP_SYS_RESOURCE);
    make();
    queue = msgget(IPC_PRIVATE, 0600);
    types();
    refusals();
    room();
    return msgctl(queue, IPC_RMID, NULL);
}
