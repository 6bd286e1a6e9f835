/*
 * Waiting to send and to receive: who gets a message, what ends a wait.
 */
#include "ipc.h"

typedef struct {
    long type;
    char text[8192];
} Message;

static int queue, tell[2];
static Message message;

static char way(long result)
{
    return result >= 0 ? '+' : errno == EIDRM ? 'r' : errno == EINTR ? 'i' : errno == E2BIG ? 'b' : errno == EACCES ? 'a' : errno == EINVAL ? 'v' : '?';
}

typedef struct {
    char name;
    size_t size;
    long type;
    int flags;
} Order;

static int receive(void *argument)
{
    Order *order = argument;
    long got = msgrcv(queue, &message, order->size, order->type, order->flags);
    char told[3] = {order->name, way(got), got > 0 ? message.text[0] : '-'};
    write(tell[1], told, 3);
    return 0;
}

static int send(void *argument)
{
    Order *order = argument;
    message.type = order->type;
    memset(message.text, order->name, order->size);
    long sent = msgsnd(queue, &message, order->size, order->flags);
    char told[3] = {order->name, way(sent), '-'};
    write(tell[1], told, 3);
    return 0;
}

static pid_t start(int (*what)(void *), char name, size_t size, long type, int flags)
{
    Order order = {name, size, type, flags};
    pid_t pid = in_child(what, &order);
    until_asleep(pid);
    return pid;
}

static void done(int many)
{
    char told[8][3];
    for (int i = 0; i < many; i++)
        read(tell[0], told[i], 3);
    for (int i = 0; i < many; i++)
        for (int j = i + 1; j < many; j++)
            if (told[j][0] < told[i][0]) {
                char other[3];
                memcpy(other, told[i], 3);
                memcpy(told[i], told[j], 3);
                memcpy(told[j], other, 3);
            }
    printf("done:");
    for (int i = 0; i < many; i++)
        printf(" %.3s", told[i]);
    printf("\n");
    for (int i = 0; i < many; i++)
        wait(NULL);
}

static long put(long type, const char *text)
{
    message.type = type;
    strcpy(message.text, text);
    return msgsnd(queue, &message, strlen(text), 0);
}

static void state(void)
{
    struct msqid_ds ds;
    msgctl(queue, IPC_STAT, &ds);
    printf("%lu messages, %lu bytes\n", ds.msg_qnum, ds.__msg_cbytes);
}

static void receivers(void)
{
    PART("the oldest whose message it is");
    start(receive, 'a', 100, 5, 0);
    start(receive, 'b', 100, -3, 0);
    start(receive, 'c', 100, 0, 0);
    start(receive, 'd', 100, 5, MSG_EXCEPT);
    ASK(put(2, "x"));
    done(1);
    ASK(put(5, "y"));
    done(1);
    ASK(put(5, "z"));
    done(1);
    ASK(put(5, "stays"));
    state();
    ASK(put(6, "w"));
    done(1);
    msgrcv(queue, &message, 100, 0, 0);
    PART("one who has no room for it");
    start(receive, 'a', 2, 0, 0);
    start(receive, 'b', 2, 0, MSG_NOERROR);
    start(receive, 'c', 100, 0, 0);
    ASK(put(1, "long"));
    done(2);
    ASK(put(1, "more"));
    done(1);
    state();
}

static void fill(size_t size)
{
    message.type = 9;
    memset(message.text, 'f', sizeof message.text);
    msgsnd(queue, &message, size, 0);
}

static void senders(void)
{
    PART("those that fit");
    struct msqid_ds ds;
    msgctl(queue, IPC_STAT, &ds);
    ds.msg_qbytes = 10000;
    ASK(msgctl(queue, IPC_SET, &ds));
    fill(5000);
    fill(5000);
    start(send, 'a', 1000, 1, 0);
    start(send, 'b', 8000, 1, 0);
    start(send, 'c', 1000, 1, 0);
    state();
    ASK(msgrcv(queue, &message, 8192, 0, 0));
    done(2);
    state();
    ASK(msgrcv(queue, &message, 8192, 9, 0));
    done(1);
    state();
    while (msgrcv(queue, &message, 8192, 0, IPC_NOWAIT) >= 0)
        ;
    ds.msg_qbytes = 16384;
    ASK(msgctl(queue, IPC_SET, &ds));
}

static void ends(void)
{
    PART("what ends a wait");
    alarms(SA_RESTART);
    pid_t pid = start(receive, 'i', 100, 0, 0);
    kill(pid, SIGALRM);
    done(1);
    fill(8192);
    fill(8192);
    pid = start(send, 'i', 100, 1, 0);
    kill(pid, SIGALRM);
    done(1);
    pid = start(send, 's', 100, 1, 0);
    kill(pid, SIGSTOP);
    kill(pid, SIGCONT);
    pid_t killed = start(send, 'k', 100, 1, 0);
    kill(killed, SIGKILL);
    end_of(killed);
    msgrcv(queue, &message, 8192, 0, 0);
    done(1);
    state();
    struct msqid_ds ds;
    msgctl(queue, IPC_STAT, &ds);
    ds.msg_qbytes = 10000;
    ASK(msgctl(queue, IPC_SET, &ds));
    start(send, 'q', 4000, 1, 0);
    ds.msg_qbytes = 16384;
    ASK(msgctl(queue, IPC_SET, &ds));
    done(1);
    state();
    while (msgrcv(queue, &message, 8192, 0, IPC_NOWAIT) >= 0)
        ;
    killed = start(receive, 'k', 100, 0, 0);
    kill(killed, SIGKILL);
    end_of(killed);
    start(receive, 'n', 100, 0, 0);
    ds.msg_qbytes = 100;
    ASK(msgctl(queue, IPC_SET, &ds));
    start(send, 'x', 101, 1, 0);
    start(receive, 'y', 100, 3, 0);
    ASK(put(7, "n"));
    done(1);
    ASK(msgctl(queue, IPC_RMID, NULL));
    done(2);
}

int main(void)
{
    pipe(tell);
    queue = msgget(IPC_PRIVATE, 0600);
    receivers();
    senders();
    ends();
    return 0;
}
