/* Robust lists: what becomes of the locks of a thread that ends. The list is built by hand.
 * @flags -pthread
 */
#include "futex.h"
#include <stddef.h>
#include <sys/wait.h>

struct element {
    struct robust_list link;
    int unused;
    volatile uint32_t word;
};
#define OFFSET ((long)offsetof(struct element, word))

static struct element element[4];
static struct robust_list_head head;
static volatile uint32_t gate;
static volatile pid_t dying;

static void show(const char *name, uint32_t value)
{
    uint32_t owner = value & FUTEX_TID_MASK;
    printf("%s: %s%s%s\n", name, owner == 0 ? "nobody" : owner == (uint32_t)dying ? "the dead" : "a stranger",
           value & FUTEX_WAITERS ? ", waiters" : "", value & FUTEX_OWNER_DIED ? ", died" : "");
}
#define SHOW(word) show(#word, word)

/* Which elements are on the list, which is pending, and which bit is set in the pointers to them. */
struct plan {
    int on_list, pending, inherits, own, more;
    void *bad_next;
};

static void *end_with_list(void *argument)
{
    struct plan *plan = argument;
    dying = tid();
    struct robust_list *last = &head.list;
    head.futex_offset = OFFSET;
    head.list_op_pending = NULL;
    for (int i = 0; i < plan->on_list; i++) {
        struct robust_list *link = &element[i].link;
        last->next = (void *)((uintptr_t)link | (uintptr_t)plan->inherits);
        last = link;
    }
    last->next = plan->bad_next ? plan->bad_next : &head.list;
    if (plan->pending >= 0)
        head.list_op_pending = (void *)((uintptr_t)&element[plan->pending].link | (uintptr_t)plan->inherits);
    for (int i = 0; i < plan->own; i++)
        element[i].word |= (uint32_t)tid();
    syscall(SYS_set_robust_list, &head, sizeof head);
    while (gate == 0)
        futex(&gate, P(FUTEX_WAIT), 0, NULL, NULL, 0);
    return NULL;
}

static void end(struct plan plan)
{
    gate = 1;
    join(start(end_with_list, &plan));
}

static void clear(void)
{
    for (int i = 0; i < 4; i++)
        element[i].word = 0;
    gate = 0;
}

static volatile pid_t waiter_id;
static void *wait_shared(void *word)
{
    waiter_id = tid();
    return (void *)futex(word, FUTEX_WAIT, *(uint32_t *)word, NULL, NULL, 0);
}

static volatile uint32_t private_gone;
static void *wait_private(void *word)
{
    long result = futex(word, P(FUTEX_WAIT), *(uint32_t *)word, NULL, NULL, 0);
    private_gone = 1;
    return (void *)result;
}

static long shared_sleepers(volatile void *word) { return futex2count(word, FUTEX_REQUEUE, 0, INT_MAX, word, 0); }

static void calls(void)
{
    PART("the calls");
    struct robust_list_head *at;
    size_t size = 0;
    DO(syscall(SYS_set_robust_list, &head, 23));
    DO(syscall(SYS_set_robust_list, &head, 0));
    DO(syscall(SYS_get_robust_list, 0, &at, &size));
    IS(at != NULL && size == sizeof head);
    struct robust_list_head *libc = at;
    DO(syscall(SYS_set_robust_list, (void *)64, 24));
    DO(syscall(SYS_get_robust_list, getpid(), &at, &size));
    IS(at == (void *)64);
    DO(syscall(SYS_get_robust_list, 0x3ffffff0, &at, &size));
    DO(syscall(SYS_get_robust_list, -1, &at, &size));
    DO(syscall(SYS_get_robust_list, 0, &at, (void *)64));
    DO(syscall(SYS_get_robust_list, 0, (void *)64, &size));
    DO(syscall(SYS_set_robust_list, libc, 24));
}

static void lists(void)
{
    PART("a list");
    clear();
    element[3].word = 0x3ffffff0;
    end((struct plan){.on_list = 4, .pending = -1, .own = 3});
    SHOW(element[0].word);
    SHOW(element[1].word);
    SHOW(element[2].word);
    SHOW(element[3].word);

    PART("bits are kept");
    clear();
    element[0].word = FUTEX_WAITERS;
    element[1].word = FUTEX_OWNER_DIED;
    element[2].word = FUTEX_WAITERS | FUTEX_OWNER_DIED;
    end((struct plan){.on_list = 3, .pending = -1, .own = 3});
    SHOW(element[0].word);
    SHOW(element[1].word);
    SHOW(element[2].word);

    PART("pending alone, and pending on the list");
    clear();
    end((struct plan){.on_list = 0, .pending = 1, .own = 2});
    SHOW(element[0].word);
    SHOW(element[1].word);
    clear();
    end((struct plan){.on_list = 2, .pending = 0, .own = 2});
    SHOW(element[0].word);
    SHOW(element[1].word);

    PART("a list that ends badly");
    clear();
    end((struct plan){.on_list = 2, .pending = 2, .own = 3, .bad_next = (void *)64});
    SHOW(element[0].word);
    SHOW(element[1].word);
    SHOW(element[2].word);
    clear();
    end((struct plan){.on_list = 2, .pending = 2, .own = 3, .bad_next = &element[0].link});
    SHOW(element[1].word);
    SHOW(element[2].word);
}

static void wakes(void)
{
    PART("one waiter is woken");
    clear();
    struct plan plan = {.on_list = 1, .pending = -1, .own = 1};
    element[0].word = FUTEX_WAITERS;
    pthread_t owner = start(end_with_list, &plan);
    await_sleepers(&gate, 1);
    pthread_t first = start(wait_shared, (void *)&element[0].word), second;
    while (shared_sleepers(&element[0].word) != 1)
        breathe();
    second = start(wait_shared, (void *)&element[0].word);
    while (shared_sleepers(&element[0].word) != 2)
        breathe();
    private_gone = 0;
    pthread_t third = start(wait_private, (void *)&element[0].word);
    await_sleepers(&element[0].word, 1);
    gate = 1;
    futex(&gate, P(FUTEX_WAKE), 1, NULL, NULL, 0);
    join(owner);
    VALUE(join(first));
    VALUE(shared_sleepers(&element[0].word));
    VALUE(sleepers(&element[0].word));
    SHOW(element[0].word);
    futex(&element[0].word, FUTEX_WAKE, 9, NULL, NULL, 0);
    futex(&element[0].word, P(FUTEX_WAKE), 9, NULL, NULL, 0);
    join(second);
    join(third);

    PART("pending and free: a waiter has its chance");
    clear();
    struct plan freed = {.on_list = 0, .pending = 0};
    owner = start(end_with_list, &freed);
    await_sleepers(&gate, 1);
    first = start(wait_shared, (void *)&element[0].word);
    while (shared_sleepers(&element[0].word) != 1)
        breathe();
    gate = 1;
    futex(&gate, P(FUTEX_WAKE), 1, NULL, NULL, 0);
    join(owner);
    VALUE(join(first));
    SHOW(element[0].word);

    PART("no bit, no wake");
    clear();
    plan = (struct plan){.on_list = 1, .pending = -1, .own = 1};
    owner = start(end_with_list, &plan);
    await_sleepers(&gate, 1);
    first = start(wait_shared, (void *)&element[0].word);
    while (shared_sleepers(&element[0].word) != 1)
        breathe();
    gate = 1;
    futex(&gate, P(FUTEX_WAKE), 1, NULL, NULL, 0);
    join(owner);
    VALUE(shared_sleepers(&element[0].word));
    futex(&element[0].word, FUTEX_WAKE, 9, NULL, NULL, 0);
    join(first);
}

static volatile uint32_t inherited;
static void *lock_shared(void *word)
{
    waiter_id = tid();
    long result = futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
    inherited = *(uint32_t *)word;
    futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
    return (void *)result;
}

static void inherits(void)
{
    PART("with priority inheritance");
    clear();
    end((struct plan){.on_list = 2, .pending = -1, .inherits = 1, .own = 2});
    SHOW(element[0].word);
    clear();
    end((struct plan){.on_list = 0, .pending = 0, .inherits = 1});
    SHOW(element[0].word);
    clear();
    struct plan plan = {.on_list = 1, .pending = -1, .inherits = 1, .own = 1};
    pthread_t owner = start(end_with_list, &plan);
    await_sleepers(&gate, 1);
    waiter_id = 0;
    pthread_t heir = start(lock_shared, (void *)&element[0].word);
    await_sleep(&waiter_id);
    SHOW(element[0].word);
    gate = 1;
    futex(&gate, P(FUTEX_WAKE), 1, NULL, NULL, 0);
    join(owner);
    VALUE(join(heir));
    IS((inherited & FUTEX_TID_MASK) == (uint32_t)waiter_id);
    BITS(inherited & ~FUTEX_TID_MASK);
    SHOW(element[0].word);
}

/* Longer than what is looked at; of a process, in memory that another one sees. */
static void limit(void)
{
    PART("a long list");
    int count = 3000;
    struct element *shared = mmap(NULL, (size_t)count * sizeof *shared, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < count; i++) {
            shared[i].link.next = i < count - 1 ? &shared[i + 1].link : &head.list;
            shared[i].word = (uint32_t)tid();
        }
        head.list.next = &shared[0].link;
        head.list_op_pending = NULL;
        syscall(SYS_set_robust_list, &head, sizeof head);
        syscall(SYS_exit, 0);
    }
    waitpid(child, NULL, 0);
    int died = 0;
    for (int i = 0; i < count; i++)
        died += (shared[i].word & FUTEX_OWNER_DIED) != 0;
    VALUE(died);
}

/* A program that is replaced lets go of its locks too, and one that nobody shares memory with clears no word. */
static void replaced(void)
{
    PART("execve");
    struct shared {
        struct element held;
        volatile int cleared, kept;
    } *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared->cleared = shared->kept = 5;
    pid_t child = fork();
    if (child == 0) {
        shared->held.word = (uint32_t)tid() | FUTEX_WAITERS;
        shared->held.link.next = &head.list;
        head.list.next = &shared->held.link;
        head.list_op_pending = NULL;
        syscall(SYS_set_robust_list, &head, sizeof head);
        syscall(SYS_set_tid_address, &shared->cleared);
        execl("/proc/self/exe", "robust", "nothing", NULL);
        _exit(9);
    }
    int status;
    waitpid(child, &status, 0);
    VALUE(WEXITSTATUS(status));
    SHOW(shared->held.word);
    VALUE(shared->cleared);

    PART("set_tid_address without company");
    child = fork();
    if (child == 0) {
        syscall(SYS_set_tid_address, &shared->kept);
        _exit(0);
    }
    waitpid(child, &status, 0);
    VALUE(shared->kept);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 7;
    calls();
    lists();
    wakes();
    inherits();
    limit();
    replaced();
    return 0;
}
