/*
 * System V IPC and POSIX message queues: what one process does at once, and what others wait for until it does. Objects belong
 * to the whole machine natively: they are private, and are removed when the walk ends.
 */
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>

#define WORKERS 4
#define SETS 2
#define QUEUES 2
#define SEMAPHORES 3
#define SEGMENT 9000

typedef struct {
    enum { SEMOP, SEND, RECEIVE, MQ_SEND, MQ_RECEIVE, TOUCH } kind;
    int id, count, flags;
    struct sembuf operations[3];
    long type;
    size_t size;
} Order;

typedef struct {
    long result;
    int error;
    unsigned digest;
} Report;

typedef struct {
    pid_t pid;
    int orders, reports;
    int busy;
    Order order;
} Worker;

static Worker workers[WORKERS];
static int sem_ids[SETS], queue_ids[QUEUES], segment_id = -1, made_ids[3][400], made[3];
static char *views[3];
static mqd_t mq_waits = -1, mq_now = -1;
static char mq_name[40];
static struct {
    long type;
    unsigned char text[4096];
} letter;

static void remember(int kind, int id)
{
    if (id >= 0)
        made_ids[kind][made[kind]++ % 400] = id;
}

static void on_worker_alarm(int number)
{
    (void)number;
}

static Report carry_out(Order *order)
{
    Report report = {0};
    unsigned priority = 0;
    memset(&letter, 0, sizeof letter);
    errno = 0;
    switch (order->kind) {
    case SEMOP:
        report.result = semop(order->id, order->operations, (size_t)order->count);
        break;
    case SEND:
        letter.type = order->type;
        memset(letter.text, (int)order->size, order->size);
        report.result = msgsnd(order->id, &letter, order->size, order->flags);
        memset(&letter, 0, sizeof letter);
        break;
    case RECEIVE:
        report.result = msgrcv(order->id, &letter, order->size, order->type, order->flags);
        break;
    case MQ_SEND:
        memset(letter.text, (int)order->size, order->size);
        report.result = mq_send(order->id, (char *)letter.text, order->size, (unsigned)order->type);
        memset(&letter, 0, sizeof letter);
        break;
    case MQ_RECEIVE:
        report.result = mq_receive(order->id, (char *)letter.text, order->size, &priority);
        letter.type = priority;
        break;
    case TOUCH: {
        char *view = shmat(order->id, NULL, order->flags);
        report.result = view == (void *)-1 ? -1 : 0;
        if (report.result == 0) {
            if (!(order->flags & SHM_RDONLY))
                view[order->size]++;
            report.digest = digest(view, SEGMENT);
            if (order->count)
                shmdt(view);
        }
        report.error = errno;
        return report;
    }
    }
    report.error = errno;
    report.digest = report.result < 0 ? 0 : digest(&letter, sizeof letter);
    return report;
}

static void hire(int i)
{
    int orders[2], reports[2];
    if (pipe(orders) || pipe(reports))
        exit(3);
    pid_t pid = fork();
    if (pid == 0) {
        Order order;
        signal(SIGALRM, on_worker_alarm);
        while (read(orders[0], &order, sizeof order) == sizeof order) {
            Report report = carry_out(&order);
            write(reports[1], &report, sizeof report);
        }
        _exit(0);
    }
    close(orders[0]), close(reports[1]);
    workers[i] = (Worker){pid, orders[1], reports[0], 0, {0}};
}

/* Whether a worker sleeps: asked only of one that has an order. */
static int is_asleep(pid_t pid)
{
    char path[40], text[300];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    int asleep = file && fgets(text, sizeof text, file) && strstr(text, ") S ");
    if (file)
        fclose(file);
    return asleep;
}

static int has_reported(Worker *worker)
{
    struct pollfd one = {.fd = worker->reports, .events = POLLIN};
    return poll(&one, 1, 0) == 1;
}

/* Waits until each worker has done what it was told or sleeps over it, and tells who has. */
static void settle_workers(void)
{
    Report reports[WORKERS];
    int done[WORKERS] = {0}, again;
    do {
        again = 0;
        for (int i = 0; i < WORKERS; i++) {
            Worker *worker = &workers[i];
            if (!worker->busy || done[i])
                continue;
            int asleep = is_asleep(worker->pid);
            if (has_reported(worker)) {
                read(worker->reports, &reports[i], sizeof reports[i]);
                done[i] = again = 1;
            } else if (!asleep) {
                usleep(200);
                again = 1;
            }
        }
    } while (again);
    for (int i = 0; i < WORKERS; i++) {
        if (!done[i])
            continue;
        workers[i].busy = 0;
        errno = reports[i].error;
        told(reports[i].result, "worker %d, order %d, %08x", i, workers[i].order.kind, reports[i].digest);
    }
}

static void give_order(Order order, const char *what)
{
    int i = (int)pick(WORKERS);
    if (workers[i].busy)
        return;
    workers[i].order = order;
    workers[i].busy = 1;
    told(0, "worker %d: %s", i, what);
    write(workers[i].orders, &order, sizeof order);
}

static long worker_of(long pid)
{
    if (pid <= 0 || pid == getpid())
        return pid <= 0 ? pid : 90;
    for (int i = 0; i < WORKERS; i++)
        if (workers[i].pid == pid)
            return i;
    return 99;
}

static int waiting(int kind, int id)
{
    int count = 0;
    for (int i = 0; i < WORKERS; i++)
        count += workers[i].busy && (int)workers[i].order.kind == kind && workers[i].order.id == id;
    return count;
}

static void operate(void)
{
    static const short changes[] = {0, 0, 1, 1, 2, -1, -1, -2, -3, 5, 32767, -32768};
    char what[200] = "";
    int mine = rarely(2), id = ONE_OF(sem_ids), count = 1 + (rarely(2) ? (int)pick(3) : 0);
    Order order = {.kind = SEMOP, .id = rarely(30) ? -1 : id, .count = count};
    for (int i = 0; i < count; i++) {
        int flags = rarely(3) ? SEM_UNDO : 0;
        unsigned short number = (unsigned short)pick(rarely(20) ? SEMAPHORES + 1 : SEMAPHORES);
        /* A process that has taken much and ends leaves others to wait for ever: that is of no interest. */
        order.operations[i] = (struct sembuf){number, rarely(6) ? ONE_OF(changes) : changes[pick(8)], (short)(flags | (mine || rarely(8) ? IPC_NOWAIT : 0))};
        snprintf(what + strlen(what), sizeof what - strlen(what), " %d:%+d%s%s", number, order.operations[i].sem_op,
                 flags ? "u" : "", order.operations[i].sem_flg & IPC_NOWAIT ? "n" : "");
    }
    if (mine)
        told(semop(order.id, order.operations, (size_t)count), "semop %d%s", id == sem_ids[0], what);
    else
        give_order(order, what);
}

static void control_set(void)
{
    int slot = (int)pick(SETS), id = sem_ids[slot], number = (int)pick(SEMAPHORES);
    unsigned short all[SEMAPHORES] = {0};
    struct semid_ds ds;
    switch (pick(9)) {
    case 0: {
        int value = (int)pick(rarely(5) ? 40000 : 4);
        told(semctl(id, number, SETVAL, value), "setval %d %d %d", slot, number, value);
        return;
    }
    case 1:
        for (int i = 0; i < SEMAPHORES; i++)
            all[i] = (unsigned short)pick(3);
        told(semctl(id, 0, SETALL, all), "setall %d %d %d %d", slot, all[0], all[1], all[2]);
        return;
    case 2: {
        long pid = semctl(id, number, GETPID);
        told(pid < 0 ? pid : worker_of(pid), "getpid %d %d", slot, number);
        return;
    }
    case 3: {
        int mode = (int)pick(01000);
        memset(&ds, 0, sizeof ds);
        ds.sem_perm.mode = (unsigned short)mode;
        told(semctl(id, 0, IPC_SET, &ds), "set mode %d %o", slot, mode);
        return;
    }
    case 4: {
        long result = semctl(id, 0, IPC_STAT, &ds);
        told(result, "stat %d mode %o", slot, result < 0 ? 0 : ds.sem_perm.mode);
        return;
    }
    case 5:
        if (!rarely(4))
            break;
        told(semctl(id, 0, IPC_RMID), "remove set %d", slot);
        settle_workers();
        remember(0, sem_ids[slot] = semget(IPC_PRIVATE, SEMAPHORES, 0600));
        return;
    }
    long result = semctl(id, 0, GETALL, all);
    told(result, "values %d: %d %d %d more %d %d %d zero %d %d %d", slot, all[0], all[1], all[2], semctl(id, 0, GETNCNT),
         semctl(id, 1, GETNCNT), semctl(id, 2, GETNCNT), semctl(id, 0, GETZCNT), semctl(id, 1, GETZCNT), semctl(id, 2, GETZCNT));
}

static void post_letter(void)
{
    static const size_t sizes[] = {0, 1, 5, 100, 500, 2000, 4096};
    static const long types[] = {1, 2, 3, 7, 0x7fffffffffffffff};
    int slot = (int)pick(QUEUES), id = queue_ids[slot], mine = rarely(2);
    Order order = {.kind = SEND, .id = id, .type = rarely(20) ? 0 : ONE_OF(types), .size = ONE_OF(sizes), .flags = mine ? IPC_NOWAIT : 0};
    char what[80];
    snprintf(what, sizeof what, "send %d %ld of %zu", slot, order.type, order.size);
    /* Of several who wait for room, any may be first. */
    if (!mine && waiting(SEND, id) == 0) {
        give_order(order, what);
    } else if (mine) {
        letter.type = order.type;
        memset(letter.text, (int)order.size, order.size);
        told(msgsnd(id, &letter, order.size, IPC_NOWAIT), "%s", what);
    }
}

static void fetch(void)
{
    static const size_t sizes[] = {0, 4, 99, 100, 4096, 4096, 4096};
    static const long types[] = {0, 0, 1, 2, 3, -2, -3, -100, 7, (long)0x8000000000000000};
    static const int flags[] = {0, 0, 0, MSG_NOERROR, MSG_EXCEPT, MSG_NOERROR | MSG_EXCEPT, MSG_COPY | IPC_NOWAIT, MSG_COPY | MSG_NOERROR};
    int slot = (int)pick(QUEUES), id = queue_ids[slot], mine = rarely(2);
    Order order = {.kind = RECEIVE, .id = id, .type = ONE_OF(types), .size = ONE_OF(sizes), .flags = ONE_OF(flags) | (mine ? IPC_NOWAIT : 0)};
    char what[80];
    snprintf(what, sizeof what, "receive %d %zu of %ld %#o", slot, order.size, order.type, order.flags);
    if (!mine) {
        give_order(order, what);
        return;
    }
    memset(&letter, 0, sizeof letter);
    long result = msgrcv(id, &letter, order.size, order.type, order.flags);
    told(result, "%s %08x", what, result < 0 ? 0 : digest(&letter, sizeof letter));
}

static void control_queue(void)
{
    int slot = (int)pick(QUEUES), id = queue_ids[slot];
    struct msqid_ds ds = {0};
    if (rarely(12)) {
        told(msgctl(id, IPC_RMID, NULL), "remove queue %d", slot);
        settle_workers();
        remember(1, queue_ids[slot] = msgget(IPC_PRIVATE, 0600));
        return;
    }
    long result = msgctl(id, IPC_STAT, &ds);
    if (rarely(3) && waiting(RECEIVE, id) + waiting(SEND, id) < 2) {
        ds.msg_qbytes = pick(3) * 2000 + 100;
        told(msgctl(id, IPC_SET, &ds), "capacity %d %lu", slot, ds.msg_qbytes);
        return;
    }
    told(result, "queue %d has %lu, %lu bytes, sent by %ld, received by %ld", slot, ds.msg_qnum, ds.__msg_cbytes,
         worker_of(ds.msg_lspid), worker_of(ds.msg_lrpid));
}

static void share(void)
{
    int index = (int)pick(COUNT(views));
    size_t at = pick(SEGMENT);
    struct shmid_ds ds = {0};
    switch (pick(7)) {
    case 0:
        if (views[index] == NULL) {
            int flags = rarely(3) ? SHM_RDONLY : 0;
            char *view = shmat(segment_id, NULL, flags);
            views[index] = view == (void *)-1 ? NULL : view;
            told(view == (void *)-1 ? -1 : 0, "attach %d %#o %08x", index, flags, views[index] ? digest(view, SEGMENT) : 0);
            if (views[index] && flags)
                told(mprotect(view, SEGMENT, PROT_READ | PROT_WRITE), "protect %d", index);
        } else {
            told(shmdt(views[index]), "detach %d", index);
            views[index] = NULL;
        }
        return;
    case 1:
        if (views[index])
            told(0, "see %d %08x", index, digest(views[index], SEGMENT));
        return;
    case 2:
    case 3: {
        Order order = {.kind = TOUCH, .id = segment_id, .size = at, .flags = rarely(3) ? SHM_RDONLY : 0, .count = !rarely(4)};
        give_order(order, "touch");
        return;
    }
    case 4:
        if (rarely(6)) {
            told(shmctl(segment_id, IPC_RMID, NULL), "remove segment");
            if (rarely(2))
                remember(2, segment_id = shmget(IPC_PRIVATE, SEGMENT, 0600));
            return;
        }
        /* Fall through. */
    default: {
        long result = shmctl(segment_id, IPC_STAT, &ds);
        told(result, "segment mode %o attached %lu by %ld", ds.shm_perm.mode, ds.shm_nattch, worker_of(ds.shm_lpid));
        if (result < 0)
            remember(2, segment_id = shmget(IPC_PRIVATE, SEGMENT, 0600));
    }
    }
}

static void posix_queue(void)
{
    static const size_t sizes[] = {0, 1, 20, 32, 33};
    size_t size = ONE_OF(sizes);
    long priority = pick(rarely(10) ? 40000 : 3);
    int sends = rarely(2), mine = rarely(2);
    char what[80];
    snprintf(what, sizeof what, "mq %s %zu %ld", sends ? "send" : "receive", size, priority);
    if (rarely(4)) {
        struct mq_attr attributes;
        struct pollfd one = {.fd = mq_now, .events = POLLIN | POLLOUT};
        mq_getattr(mq_now, &attributes);
        poll(&one, 1, 0);
        told(attributes.mq_curmsgs, "mq has; poll %x", one.revents);
    } else if (rarely(5)) {
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = step};
        told(mq_notify(mq_now, rarely(4) ? NULL : &event), "notify");
    } else if (!mine) {
        give_order((Order){.kind = sends ? MQ_SEND : MQ_RECEIVE, .id = mq_waits, .type = priority, .size = sends ? size : 32}, what);
    } else if (sends) {
        memset(letter.text, (int)size, sizeof letter.text);
        told(mq_send(mq_now, (char *)letter.text, size, (unsigned)priority), "%s", what);
    } else {
        unsigned got = 0;
        memset(&letter, 0, sizeof letter);
        long result = mq_receive(mq_now, (char *)letter.text, size, &got);
        told(result, "%s got %u %08x", what, got, result < 0 ? 0 : digest(letter.text, 100));
    }
}

static void notice(void)
{
    siginfo_t info;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (sigtimedwait(&set, &info, &(struct timespec){0}) > 0)
        told(info.si_value.sival_int, "notice of %ld", worker_of(info.si_pid));
}

static void disturb(void)
{
    int i = (int)pick(WORKERS);
    if (rarely(3)) {
        kill(workers[i].pid, SIGKILL);
        waitpid(workers[i].pid, NULL, 0);
        close(workers[i].orders), close(workers[i].reports);
        told(0, "worker %d is gone", i);
        hire(i);
    } else if (workers[i].busy) {
        kill(workers[i].pid, SIGALRM);
        told(0, "worker %d is disturbed", i);
    }
}

__attribute__((destructor)) static void remove_all(void)
{
    if (mq_now < 0)
        return;
    for (int i = 0; i < WORKERS; i++)
        kill(workers[i].pid, SIGKILL);
    for (int i = 0; i < made[0] && i < 400; i++)
        semctl(made_ids[0][i], 0, IPC_RMID);
    for (int i = 0; i < made[1] && i < 400; i++)
        msgctl(made_ids[1][i], IPC_RMID, NULL);
    for (int i = 0; i < made[2] && i < 400; i++)
        shmctl(made_ids[2][i], IPC_RMID, NULL);
}

static void begin_ipc(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    snprintf(mq_name, sizeof mq_name, "/walk-%d", (int)getpid());
    mq_waits = mq_open(mq_name, O_RDWR | O_CREAT, 0600, &(struct mq_attr){.mq_maxmsg = 3, .mq_msgsize = 32});
    mq_now = mq_open(mq_name, O_RDWR | O_NONBLOCK);
    mq_unlink(mq_name);
    for (int i = 0; i < SETS; i++)
        remember(0, sem_ids[i] = semget(IPC_PRIVATE, SEMAPHORES, 0600));
    for (int i = 0; i < QUEUES; i++)
        remember(1, queue_ids[i] = msgget(IPC_PRIVATE, 0600));
    remember(2, segment_id = shmget(IPC_PRIVATE, SEGMENT, 0600));
    for (int i = 0; i < WORKERS; i++)
        hire(i);
}

static void walk_ipc(void)
{
    static void (*const actions[])(void) = {operate, operate, operate, control_set, post_letter, fetch, control_queue, share, share, posix_queue, posix_queue, disturb};
    ONE_OF(actions)();
    settle_workers();
    notice();
}
