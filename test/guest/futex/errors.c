/* What futex(2) refuses, and in which order: one thread that never sleeps for long. */
#include "futex.h"

static uint32_t word[4] = {7, 0, 0, 0};
static struct timespec past = {0, 1}, invalid = {0, 1000000000}, negative = {-1, 0};
static char *const unmapped = (char *)0x40;
#define ODD ((char *)word + 2)
#define KERNEL ((char *)-4096)

static void waiting(int flag)
{
    PART(flag ? "wait, private" : "wait, shared");
    DO(futex(word, FUTEX_WAIT | flag, 8, NULL, NULL, 0));
    DO(futex(word, FUTEX_WAIT | flag, 8, &invalid, NULL, 0));
    DO(futex(word, FUTEX_WAIT | flag, 7, &negative, NULL, 0));
    DO(futex(word, FUTEX_WAIT | flag, 7, unmapped, NULL, 0));
    DO(futex(word, FUTEX_WAIT | flag, 7, &past, NULL, 0));
    DO(futex(ODD, FUTEX_WAIT | flag, 7, NULL, NULL, 0));
    DO(futex(ODD, FUTEX_WAIT | flag, 7, &invalid, NULL, 0));
    DO(futex(unmapped, FUTEX_WAIT | flag, 7, NULL, NULL, 0));
    DO(futex(NULL, FUTEX_WAIT | flag, 0, NULL, NULL, 0));
    DO(futex(KERNEL, FUTEX_WAIT | flag, 0, NULL, NULL, 0));
    DO(futex(word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME | flag, 8, NULL, NULL, 0));
    DO(futex(word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME | flag, 8, &invalid, NULL, 0));
    DO(futex(word, FUTEX_WAIT_BITSET | flag, 7, &past, NULL, 0));
    DO(futex(word, FUTEX_WAIT_BITSET | flag, 7, &past, NULL, 1));
    DO(futex(word, FUTEX_WAIT_BITSET | flag, 8, &past, NULL, 1));
    DO(futex(ODD, FUTEX_WAIT_BITSET | flag, 8, &past, NULL, 0));
    DO(futex(word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME | flag, 7, &past, NULL, 1));
}

static void waking(int flag)
{
    PART(flag ? "wake, private" : "wake, shared");
    VALUE(futex(word, FUTEX_WAKE | flag, 1, NULL, NULL, 0));
    VALUE(futex(word, FUTEX_WAKE | flag, 0, unmapped, NULL, 0));
    VALUE(futex(ODD, FUTEX_WAKE | flag, 1, NULL, NULL, 0));
    VALUE(futex(unmapped, FUTEX_WAKE | flag, 1, NULL, NULL, 0));
    VALUE(futex(KERNEL, FUTEX_WAKE | flag, 1, NULL, NULL, 0));
    VALUE(futex(word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME | flag, 1, NULL, NULL, 0));
    VALUE(futex(word, FUTEX_WAKE_BITSET | flag, 1, NULL, NULL, 0));
    VALUE(futex(ODD, FUTEX_WAKE_BITSET | flag, 1, NULL, NULL, 0));
    VALUE(futex(word, FUTEX_WAKE_BITSET | flag, 1, NULL, NULL, 4));
}

static void requeuing(int flag)
{
    PART(flag ? "requeue, private" : "requeue, shared");
    VALUE(futex2count(word, FUTEX_REQUEUE | flag, 1, 1, word + 1, 0));
    VALUE(futex2count(word, FUTEX_REQUEUE | flag, 1, 1, word, 0));
    VALUE(futex2count(word, FUTEX_REQUEUE | flag, -1, 1, word + 1, 0));
    VALUE(futex2count(word, FUTEX_REQUEUE | flag, 1, -1, word + 1, 0));
    VALUE(futex2count(word, FUTEX_REQUEUE | flag, 1, 0xffffffffL, word + 1, 0));
    VALUE(futex2count(ODD, FUTEX_REQUEUE | flag, 1, 1, word + 1, 0));
    VALUE(futex2count(word, FUTEX_REQUEUE | flag, 1, 1, ODD, 0));
    VALUE(futex2count(word, FUTEX_REQUEUE | flag, 1, 1, unmapped, 0));
    VALUE(futex2count(unmapped, FUTEX_REQUEUE | flag, 1, 1, word, 0));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE | flag, 1, 1, word + 1, 7));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE | flag, 1, 1, word + 1, 8));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE | flag, 1, -1, ODD, 8));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE | flag, 1, 1, ODD, 8));
    VALUE(futex2count(unmapped, FUTEX_CMP_REQUEUE | flag, 1, 1, word, 0));
}

static void inheriting(int flag)
{
    uint32_t mine = (uint32_t)tid();
    PART(flag ? "priority inheritance, private" : "priority inheritance, shared");
    word[1] = 0;
    DO(futex(ODD, FUTEX_LOCK_PI | flag, 0, NULL, NULL, 0));
    DO(futex(unmapped, FUTEX_LOCK_PI | flag, 0, NULL, NULL, 0));
    DO(futex(word + 1, FUTEX_LOCK_PI | flag, 0, &invalid, NULL, 0));
    DO(futex(word + 1, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME | flag, 0, NULL, NULL, 0));
    DO(futex(word + 1, FUTEX_TRYLOCK_PI | FUTEX_CLOCK_REALTIME | flag, 0, NULL, NULL, 0));
    DO(futex(word + 1, FUTEX_UNLOCK_PI | flag, 0, NULL, NULL, 0));
    DO(futex(unmapped, FUTEX_UNLOCK_PI | flag, 0, NULL, NULL, 0));
    DO(futex(ODD, FUTEX_UNLOCK_PI | flag, 0, NULL, NULL, 0));
    DO(futex(word + 1, FUTEX_LOCK_PI | flag, 0, NULL, NULL, 0));
    IS(word[1] == mine);
    DO(futex(word + 1, FUTEX_LOCK_PI | flag, 0, NULL, NULL, 0));
    DO(futex(word + 1, FUTEX_LOCK_PI2 | flag, 0, NULL, NULL, 0));
    DO(futex(word + 1, FUTEX_TRYLOCK_PI | flag, 0, NULL, NULL, 0));
    DO(futex(word + 1, FUTEX_UNLOCK_PI | flag, 0, NULL, NULL, 0));
    BITS(word[1]);
    DO(futex(word + 1, FUTEX_TRYLOCK_PI | flag, 0, unmapped, NULL, 0));
    IS(word[1] == mine);
    word[1] = mine | FUTEX_WAITERS | FUTEX_OWNER_DIED;
    DO(futex(word + 1, FUTEX_UNLOCK_PI | flag, 0, NULL, NULL, 0));
    BITS(word[1]);
    word[1] = FUTEX_OWNER_DIED | FUTEX_WAITERS;
    DO(futex(word + 1, FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME | flag, 0, NULL, NULL, 0));
    IS(word[1] == (mine | FUTEX_OWNER_DIED));
    word[1] = 0x3ffffff0;
    DO(futex(word + 1, FUTEX_LOCK_PI | flag, 0, NULL, NULL, 0));
    BITS(word[1]);
    DO(futex(word + 1, FUTEX_TRYLOCK_PI | flag, 0, NULL, NULL, 0));
    DO(futex(word + 1, FUTEX_UNLOCK_PI | flag, 0, NULL, NULL, 0));

    DO(futex(word, FUTEX_WAIT_REQUEUE_PI | flag, 7, NULL, word, 0));
    DO(futex(word, FUTEX_WAIT_REQUEUE_PI | flag, 8, NULL, word + 2, 0));
    DO(futex(word, FUTEX_WAIT_REQUEUE_PI | flag, 8, NULL, ODD, 0));
    DO(futex(word, FUTEX_WAIT_REQUEUE_PI | flag, 7, unmapped, word + 2, 0));
    DO(futex(ODD, FUTEX_WAIT_REQUEUE_PI | flag, 8, NULL, word + 2, 0));
    DO(futex(word, FUTEX_WAIT_REQUEUE_PI | flag, 7, &past, word + 2, 0));
    DO(futex(word, FUTEX_WAIT_REQUEUE_PI | FUTEX_CLOCK_REALTIME | flag, 7, &past, word + 2, 0));
    word[2] = 0;
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE_PI | flag, 1, 0, word + 2, 7));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE_PI | flag, 1, 0, word + 2, 8));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE_PI | flag, 0, 0, word + 2, 7));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE_PI | flag, 2, 0, word + 2, 7));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE_PI | flag, 1, -1, word + 2, 7));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE_PI | flag, 1, 0, word, 7));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE_PI | flag, 1, 0, ODD, 8));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE_PI | flag, 1, 0, unmapped, 7));
    VALUE(futex2count(word, FUTEX_CMP_REQUEUE_PI | flag, 1, 0, unmapped, 8));
    BITS(word[2]);
}

static void read_only(void)
{
    PART("a page that may only be read");
    uint32_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page[0] = 7;
    mprotect(page, 4096, PROT_READ);
    for (int flag = 0; flag <= FUTEX_PRIVATE_FLAG; flag += FUTEX_PRIVATE_FLAG) {
        DO(futex(page, FUTEX_WAIT | flag, 8, NULL, NULL, 0));
        VALUE(futex(page, FUTEX_WAKE | flag, 1, NULL, NULL, 0));
        DO(futex(page + 1, FUTEX_LOCK_PI | flag, 0, NULL, NULL, 0));
        DO(futex2count(word, FUTEX_WAKE_OP | flag, 1, 1, page, FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_EQ, 0)));
    }
    mprotect(page, 4096, PROT_NONE);
    for (int flag = 0; flag <= FUTEX_PRIVATE_FLAG; flag += FUTEX_PRIVATE_FLAG) {
        DO(futex(page, FUTEX_WAIT | flag, 8, NULL, NULL, 0));
        VALUE(futex(page, FUTEX_WAKE | flag, 1, NULL, NULL, 0));
    }
}

int main(void)
{
    for (int flag = 0; flag <= FUTEX_PRIVATE_FLAG; flag += FUTEX_PRIVATE_FLAG) {
        waiting(flag);
        waking(flag);
        requeuing(flag);
        inheriting(flag);
    }
    read_only();
    PART("unknown operations");
    DO(futex(word, FUTEX_FD, 0, NULL, NULL, 0));
    DO(futex(word, 14, 0, NULL, NULL, 0));
    DO(futex(word, 99, 0, NULL, NULL, 0));
    DO(futex(word, 512, 8, NULL, NULL, 0));
    DO(futex(ODD, -1, 0, NULL, NULL, 0));
    return 0;
}
