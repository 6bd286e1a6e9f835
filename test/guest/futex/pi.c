/* Locks with priority inheritance: what the word holds after each step, deadlocks, death of the owner, misuse.
 * @flags -pthread
 */
#include "futex.h"

/* No thread has this id: it is beyond pid_max. */
#define NOBODY 0x3ffffff0u

static volatile uint32_t a, b, c, gate;
static volatile pid_t thread_id[4];

/* The word with each thread's id replaced by its number. */
static void show(const char *name, uint32_t value)
{
    uint32_t owner = value & FUTEX_TID_MASK;
    char who[32] = "nobody";
    if (owner == (uint32_t)tid())
        strcpy(who, "main");
    else if (owner)
        strcpy(who, "a stranger");
    for (int i = 0; i < 4; i++)
        if (owner && owner == (uint32_t)thread_id[i])
            snprintf(who, sizeof who, "thread %d", i);
    printf("%s: %s%s%s\n", name, who, value & FUTEX_WAITERS ? ", waiters" : "", value & FUTEX_OWNER_DIED ? ", died" : "");
}
#define SHOW(word) show(#word, word)

struct job {
    int number;
    volatile uint32_t *lock, *then;
    long timeout_ms;
    int dies;
    volatile long result, then_result;
    volatile int stage;
};

static long answer(long result) { return result == -1 ? -errno : result; }

static void print_answer(const char *what, long result)
{
    printf("%s: %s\n", what, result < 0 ? check_errno((int)-result) : "ok");
}

/* Takes a lock, waits for the gate, takes another one, and frees both. */
static void *run(void *argument)
{
    struct job *job = argument;
    thread_id[job->number] = tid();
    struct timespec until = in_ms(CLOCK_REALTIME, job->timeout_ms);
    job->result = answer(futex(job->lock, P(FUTEX_LOCK_PI), 0, job->timeout_ms ? &until : NULL, NULL, 0));
    job->stage = 1;
    while (gate == 0)
        futex(&gate, P(FUTEX_WAIT), 0, NULL, NULL, 0);
    if (job->then) {
        job->stage = 2;
        job->then_result = answer(futex(job->then, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
        job->stage = 3;
        if (job->then_result == 0)
            futex(job->then, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0);
    }
    if (!job->dies && job->result == 0)
        futex(job->lock, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0);
    return NULL;
}

static void await_stage(struct job *job, int stage)
{
    while (job->stage < stage)
        breathe();
}

static void open_gate(void)
{
    gate = 1;
    futex(&gate, P(FUTEX_WAKE), INT_MAX, NULL, NULL, 0);
}

static void reset(void)
{
    a = b = c = gate = 0;
    memset((void *)thread_id, 0, sizeof thread_id);
}

static void contention(void)
{
    PART("contention");
    reset();
    struct job one = {.number = 0, .lock = &a}, two = {.number = 1, .lock = &a};
    DO(futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    SHOW(a);
    pthread_t first = start(run, &one);
    await_sleep(&thread_id[0]);
    SHOW(a);
    pthread_t second = start(run, &two);
    await_sleep(&thread_id[1]);
    VALUE(futex(&a, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(futex2count(&a, P(FUTEX_REQUEUE), 1, 1, &b, 0));
    VALUE(futex2count(&a, P(FUTEX_CMP_REQUEUE_PI), 1, 1, &b, a));
    VALUE(futex2count(&a, P(FUTEX_WAKE_OP), 1, 1, &b, 0));
    DO(futex(&a, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    await_stage(&one, 1);
    SHOW(a);
    DO(futex(&a, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    DO(futex(&a, P(FUTEX_TRYLOCK_PI), 0, NULL, NULL, 0));
    open_gate();
    join(first);
    join(second);
    SHOW(a);
    print_answer("first", one.result);
    print_answer("second", two.result);
}

static void timeouts(void)
{
    PART("timeouts");
    reset();
    struct job one = {.number = 0, .lock = &a, .timeout_ms = 30};
    futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0);
    open_gate();
    join(start(run, &one));
    print_answer("late", one.result);
    SHOW(a);
    struct timespec past = {1, 0}, monotonic = in_ms(CLOCK_MONOTONIC, 20), real = in_ms(CLOCK_REALTIME, 20);
    struct job owner = {.number = 1, .lock = &b};
    gate = 0;
    pthread_t other = start(run, &owner);
    await_stage(&owner, 1);
    DO(futex(&b, P(FUTEX_LOCK_PI), 0, &past, NULL, 0));
    DO(futex(&b, P(FUTEX_LOCK_PI), 0, &monotonic, NULL, 0));
    DO(futex(&b, P(FUTEX_LOCK_PI2), 0, &monotonic, NULL, 0));
    DO(futex(&b, P(FUTEX_LOCK_PI2) | FUTEX_CLOCK_REALTIME, 0, &real, NULL, 0));
    DO(futex(&b, P(FUTEX_TRYLOCK_PI), 0, NULL, NULL, 0));
    SHOW(b);
    open_gate();
    join(other);
    SHOW(b);
    futex(&a, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0);
    SHOW(a);
}

static void deadlocks(void)
{
    PART("deadlocks");
    reset();
    DO(futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    DO(futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    /* main has a; thread 0 has b and waits for a; thread 1 has c and waits for b. */
    struct job one = {.number = 0, .lock = &b, .then = &a}, two = {.number = 1, .lock = &c, .then = &b};
    pthread_t first = start(run, &one), second = start(run, &two);
    await_stage(&one, 1);
    await_stage(&two, 1);
    open_gate();
    await_stage(&one, 2);
    await_sleep(&thread_id[0]);
    await_stage(&two, 2);
    await_sleep(&thread_id[1]);
    DO(futex(&b, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    DO(futex(&c, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    DO(futex(&c, P(FUTEX_TRYLOCK_PI), 0, NULL, NULL, 0));
    SHOW(a);
    SHOW(b);
    SHOW(c);
    DO(futex(&a, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    join(first);
    join(second);
    print_answer("first", one.then_result);
    print_answer("second", two.then_result);
    SHOW(a);
    SHOW(b);
    SHOW(c);
}

static void death(void)
{
    PART("the owner dies");
    reset();
    struct job one = {.number = 0, .lock = &a, .dies = 1}, two = {.number = 1, .lock = &a};
    pthread_t first = start(run, &one);
    await_stage(&one, 1);
    pthread_t second = start(run, &two);
    await_sleep(&thread_id[1]);
    gate = 1;
    /* Only the first: the second still waits for the lock. */
    futex(&gate, P(FUTEX_WAKE), 1, NULL, NULL, 0);
    join(first);
    join(second);
    print_answer("heir", two.result);
    SHOW(a);

    reset();
    struct job three = {.number = 2, .lock = &a, .dies = 1};
    open_gate();
    join(start(run, &three));
    while (syscall(SYS_tgkill, getpid(), thread_id[2], 0) == 0)
        breathe();
    SHOW(a);
    DO(futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    SHOW(a);
    DO(futex(&a, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));

    PART("the heir finds the word marked");
    reset();
    struct job four = {.number = 0, .lock = &a, .dies = 1}, five = {.number = 1, .lock = &a, .dies = 1};
    first = start(run, &four);
    await_stage(&four, 1);
    second = start(run, &five);
    await_sleep(&thread_id[1]);
    gate = 1;
    futex(&gate, P(FUTEX_WAKE), 1, NULL, NULL, 0);
    join(first);
    join(second);
    SHOW(a);
}

static void misuse(void)
{
    PART("a word that was tampered with");
    reset();
    struct job one = {.number = 0, .lock = &a};
    futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0);
    pthread_t first = start(run, &one);
    await_sleep(&thread_id[0]);
    uint32_t was = a;
    a = NOBODY;
    DO(futex(&a, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    DO(futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    a = 0;
    DO(futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    DO(futex(&a, P(FUTEX_TRYLOCK_PI), 0, NULL, NULL, 0));
    a = FUTEX_OWNER_DIED | NOBODY;
    DO(futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    a = was;
    open_gate();
    DO(futex(&a, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    join(first);
    SHOW(a);
}

static void *wait_plain(void *word) { return (void *)futex(word, P(FUTEX_WAIT), 0, NULL, NULL, 0); }

static void mixed(void)
{
    PART("a word of both kinds");
    reset();
    pthread_t plain = start(wait_plain, (void *)&a);
    await_sleepers(&a, 1);
    DO(futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0));
    DO(futex(&a, P(FUTEX_TRYLOCK_PI), 0, NULL, NULL, 0));
    a = (uint32_t)tid();
    DO(futex(&a, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0));
    SHOW(a);
    VALUE(futex(&a, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    join(plain);
}

static volatile int handled;
static void on_signal(int signo) { handled = signo; }

static void interrupted(void)
{
    PART("a signal");
    reset();
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGUSR1, &action, NULL);
    struct job one = {.number = 0, .lock = &a};
    futex(&a, P(FUTEX_LOCK_PI), 0, NULL, NULL, 0);
    pthread_t first = start(run, &one);
    await_sleep(&thread_id[0]);
    pthread_kill(first, SIGUSR1);
    while (!handled)
        breathe();
    await_sleep(&thread_id[0]);
    VALUE(one.stage);
    open_gate();
    futex(&a, P(FUTEX_UNLOCK_PI), 0, NULL, NULL, 0);
    join(first);
    print_answer("restarted", one.result);
    SHOW(a);
}

int main(void)
{
    contention();
    timeouts();
    deadlocks();
    death();
    misuse();
    mixed();
    interrupted();
    return 0;
}
