/* Moving sleepers from one word to another: counts, order, and what a comparison is worth.
 * @flags -pthread
 */
#include "futex.h"

static volatile uint32_t from, to, other;
static volatile int order[8], places, woken;

static void *wait_from(void *name)
{
    long result = futex(&from, P(FUTEX_WAIT_BITSET), 0, NULL, NULL, (unsigned)(long)name << 1 | 1);
    order[__atomic_fetch_add(&places, 1, __ATOMIC_SEQ_CST)] = (int)(long)name;
    __atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
    return (void *)result;
}

static pthread_t thread[6];

static void fill(int count)
{
    places = woken = 0;
    for (long i = 0; i < count; i++) {
        thread[i] = start(wait_from, (void *)i);
        await_sleepers(&from, i + 1);
    }
}

static void await_woken(int count)
{
    while (woken != count)
        breathe();
}

static void drain(int count)
{
    for (int i = 0; i < count; i++)
        join(thread[i]);
}

/* Wakes one by one and tells who that was. */
static void wake_in_order(volatile uint32_t *word)
{
    int before = woken;
    while (futex(word, P(FUTEX_WAKE), 1, NULL, NULL, 0) == 1) {
        await_woken(before + 1);
        printf("woken: %d\n", order[before++]);
    }
}

int main(void)
{
    PART("wake two, move two");
    fill(6);
    VALUE(futex2count(&from, P(FUTEX_REQUEUE), 2, 2, &to, 0));
    VALUE(sleepers(&from));
    VALUE(sleepers(&to));
    join(thread[0]);
    join(thread[1]);
    wake_in_order(&from);
    wake_in_order(&to);
    for (int i = 2; i < 6; i++)
        join(thread[i]);

    PART("compare, and move all");
    fill(4);
    VALUE(futex2count(&from, P(FUTEX_CMP_REQUEUE), 0, INT_MAX, &to, 1));
    VALUE(futex2count(&from, P(FUTEX_CMP_REQUEUE), 0, INT_MAX, &to, 0));
    VALUE(futex(&from, P(FUTEX_WAKE), 10, NULL, NULL, 0));
    wake_in_order(&to);
    drain(4);

    PART("wake more than there are");
    fill(3);
    VALUE(futex2count(&from, P(FUTEX_CMP_REQUEUE), INT_MAX, INT_MAX, &to, 0));
    drain(3);
    VALUE(sleepers(&to));

    PART("move none");
    fill(2);
    VALUE(futex2count(&from, P(FUTEX_CMP_REQUEUE), 1, 0, &to, 0));
    await_woken(1);
    VALUE(sleepers(&from));
    VALUE(futex2count(&from, P(FUTEX_REQUEUE), 0, 0, &to, 0));
    wake_in_order(&from);
    drain(2);

    PART("behind those that are there");
    fill(4);
    VALUE(futex2count(&from, P(FUTEX_REQUEUE), 0, 2, &to, 0));
    VALUE(futex2count(&from, P(FUTEX_REQUEUE), 0, 1, &other, 0));
    VALUE(futex2count(&to, P(FUTEX_REQUEUE), 0, 9, &other, 0));
    VALUE(futex2count(&from, P(FUTEX_REQUEUE), 0, 9, &other, 0));
    VALUE(sleepers(&other));

    PART("bits are kept");
    VALUE(futex(&other, P(FUTEX_WAKE_BITSET), 9, NULL, NULL, 4));
    await_woken(2);
    wake_in_order(&other);
    drain(4);

    PART("a moved sleeper is woken where it is");
    fill(1);
    VALUE(futex2count(&from, P(FUTEX_REQUEUE), 0, 1, &to, 0));
    VALUE(futex(&from, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(futex2count(&to, P(FUTEX_REQUEUE), 0, 1, &from, 0));
    VALUE(futex(&from, P(FUTEX_WAKE), 1, NULL, NULL, 0));
    VALUE(join(thread[0]));
    return 0;
}
