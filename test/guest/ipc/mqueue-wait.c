/*
 * Waiting for messages and for room: who is served first, what ends a wait, and who is told that a message has come.
 * @flags -pthread
 */
#include "ipc.h"
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>

static char name[32];
static mqd_t queue;
static int tell[2];

static char way(long result)
{
    return result >= 0 ? '+' : errno == EINTR ? 'i' : errno == ETIMEDOUT ? 't' : '?';
}

typedef struct {
    char name;
    int nice;
    long timeout_ms;
} Order;

static const struct timespec *deadline(Order *order, struct timespec *at)
{
    if (!order->timeout_ms)
        return NULL;
    clock_gettime(CLOCK_REALTIME, at);
    at->tv_nsec += order->timeout_ms * 1000000;
    at->tv_sec += at->tv_nsec / 1000000000;
    at->tv_nsec %= 1000000000;
    return at;
}

static int receive(void *argument)
{
    Order *order = argument;
    char text[16] = "-";
    struct timespec at;
    nice(order->nice);
    long got = mq_timedreceive(queue, text, sizeof text, NULL, deadline(order, &at));
    char told[3] = {order->name, way(got), text[0]};
    write(tell[1], told, 3);
    return 0;
}

static int send(void *argument)
{
    Order *order = argument;
    struct timespec at;
    nice(order->nice);
    long sent = mq_timedsend(queue, &order->name, 1, 0, deadline(order, &at));
    char told[3] = {order->name, way(sent), '-'};
    write(tell[1], told, 3);
    return 0;
}

static pid_t start(int (*what)(void *), char who, int nice)
{
    Order order = {who, nice, 0};
    pid_t pid = in_child(what, &order);
    until_asleep(pid);
    return pid;
}

static void done(void)
{
    char told[3];
    read(tell[0], told, 3);
    printf("done: %.3s\n", told);
    wait(NULL);
}

static void take(void)
{
    char text[16];
    unsigned priority;
    long got = mq_receive(queue, text, sizeof text, &priority);
    printf("took %.*s of %u\n", (int)got, text, priority);
}

static void order(void)
{
    PART("receivers");
    start(receive, 'a', 5);
    start(receive, 'b', 0);
    start(receive, 'c', 5);
    start(receive, 'd', 0);
    for (int i = 0; i < 4; i++) {
        DO(mq_send(queue, &"wxyz"[i], 1, 0));
        done();
    }
    PART("senders");
    mq_send(queue, "1", 1, 0);
    mq_send(queue, "2", 1, 9);
    start(send, 'a', 5);
    start(send, 'b', 0);
    start(send, 'c', 0);
    for (int i = 0; i < 3; i++) {
        take();
        done();
    }
    take();
    take();
    PART("deadlines and signals");
    Order order = {'t', 0, 30};
    in_child(receive, &order);
    done();
    mq_send(queue, "1", 1, 0);
    mq_send(queue, "2", 1, 0);
    in_child(send, &order);
    done();
    alarms(0);
    pid_t pid = start(send, 'i', 0);
    kill(pid, SIGALRM);
    done();
    alarms(SA_RESTART);
    pid = start(send, 'r', 0);
    kill(pid, SIGALRM);
    pid_t killed = start(send, 'k', -1);
    kill(killed, SIGKILL);
    end_of(killed);
    until_asleep(pid);
    take();
    done();
    take();
    take();
}

static int poller(void *unused)
{
    (void)unused;
    struct pollfd one = {.fd = queue, .events = POLLIN};
    long got = poll(&one, 1, -1);
    char told[3] = {'p', way(got), one.revents == POLLIN ? '+' : '-'};
    write(tell[1], told, 3);
    return 0;
}

static void polled(void)
{
    PART("poll");
    start(poller, 'p', 0);
    DO(mq_send(queue, "1", 1, 0));
    done();
    take();
}

static volatile sig_atomic_t signals;
static siginfo_t last;

static void on_message(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    signals++;
    last = *info;
}

static int sends(void *unused)
{
    (void)unused;
    return mq_send(queue, "c", 1, 0) != 0;
}

static int asks(void *unused)
{
    (void)unused;
    DO(mq_notify(queue, &(struct sigevent){.sigev_notify = SIGEV_NONE}));
    DO(mq_notify(queue, NULL));
    return 0;
}

static int asks_and_ends(void *unused)
{
    (void)unused;
    DO(mq_notify(queue, &(struct sigevent){.sigev_notify = SIGEV_NONE}));
    return 0;
}

static void shown(void)
{
    char text[100] = "";
    pread(queue, text, sizeof text - 1, 0);
    int bytes, kind, signo, pid = -1;
    sscanf(text, "QSIZE:%d NOTIFY:%d SIGNO:%d NOTIFY_PID:%d", &bytes, &kind, &signo, &pid);
    printf("%d bytes, notify %d, signal %d, %s\n", bytes, kind, signo, pid == getpid() ? "me" : pid == 0 ? "nobody" : "another");
}

static void notices(void)
{
    PART("told by a signal");
    sigaction(SIGUSR1, &(struct sigaction){.sa_sigaction = on_message, .sa_flags = SA_SIGINFO}, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42};
    DO(mq_notify(queue, &event));
    DO(mq_notify(queue, &event));
    shown();
    end_of(in_child(asks, NULL));
    DO(mq_send(queue, "1", 1, 0));
    VALUE(signals);
    printf("code %d, value %d\n", last.si_code, last.si_value.sival_int);
    IS(last.si_pid == getpid() && last.si_uid == getuid());
    shown();
    take();
    DO(mq_send(queue, "1", 1, 0));
    VALUE(signals);
    DO(mq_notify(queue, &event));
    DO(mq_send(queue, "2", 1, 0));
    VALUE(signals);
    take();
    take();
    pid_t pid = in_child(sends, NULL);
    end_of(pid);
    VALUE(signals);
    IS(last.si_pid == pid);
    take();
    DO(mq_notify(queue, &event));
    DO(mq_notify(queue, NULL));
    DO(mq_notify(queue, NULL));
    DO(mq_send(queue, "1", 1, 0));
    VALUE(signals);
    take();
    PART("who waits gets it, and nobody is told");
    DO(mq_notify(queue, &event));
    start(receive, 'a', 0);
    DO(mq_send(queue, "x", 1, 0));
    done();
    VALUE(signals);
    shown();
    PART("a closed descriptor");
    int copy = dup(queue);
    DO(close(copy));
    shown();
    end_of(in_child(asks_and_ends, NULL));
    shown();
    PART("other ways");
    event.sigev_signo = 0;
    DO(mq_notify(queue, &event));
    DO(mq_send(queue, "1", 1, 0));
    take();
    shown();
    event.sigev_signo = 65;
    DO(mq_notify(queue, &event));
    event.sigev_signo = -1;
    DO(mq_notify(queue, &event));
    event.sigev_notify = SIGEV_THREAD_ID;
    DO(mq_notify(queue, &event));
    event.sigev_notify = 77;
    DO(mq_notify(queue, &event));
    DO(mq_notify(-1, &event));
    event.sigev_notify = SIGEV_NONE;
    DO(mq_notify(-1, &event));
    DO(syscall(SYS_mq_notify, queue, 8));
    event.sigev_notify = SIGEV_THREAD;
    event.sigev_signo = -1;
    event.sigev_value.sival_ptr = name;
    DO(syscall(SYS_mq_notify, queue, &event));
    event.sigev_signo = tell[0];
    DO(syscall(SYS_mq_notify, queue, &event));
    event.sigev_value.sival_ptr = NULL;
    DO(syscall(SYS_mq_notify, queue, &event));
}

static sem_t ran;
static int told_value;

static void in_thread(union sigval value)
{
    told_value = value.sival_int;
    sem_post(&ran);
}

static void threads(void)
{
    PART("told by a thread");
    sem_init(&ran, 0, 0);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_value.sival_int = 7};
    event.sigev_notify_function = in_thread;
    for (int i = 0; i < 3; i++) {
        event.sigev_value.sival_int++;
        DO(mq_notify(queue, &event));
        shown();
        DO(mq_send(queue, "1", 1, 0));
        sem_wait(&ran);
        printf("a thread ran with %d\n", told_value);
        take();
    }
    DO(mq_notify(queue, &event));
    DO(mq_notify(queue, NULL));
    shown();
}

int main(void)
{
    pipe(tell);
    snprintf(name, sizeof name, "/guest-wait-%d", (int)getpid());
    mq_unlink(name);
    queue = mq_open(name, O_RDWR | O_CREAT, 0600, &(struct mq_attr){.mq_maxmsg = 2, .mq_msgsize = 10});
    order();
    polled();
    notices();
    threads();
    return mq_unlink(name);
}
