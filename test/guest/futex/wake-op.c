/* FUTEX_WAKE_OP: every operation, every comparison, and who is woken.
 * @flags -pthread
 */
#include "futex.h"

static volatile uint32_t first, second;

static long wake_op(unsigned op) { return futex2count(&first, P(FUTEX_WAKE_OP), 1, 1, &second, op); }

static void change(unsigned op, unsigned argument, uint32_t old)
{
    second = old;
    long result = wake_op(FUTEX_OP(op, argument, FUTEX_OP_CMP_EQ, 0));
    printf("op %u, argument %#x on %#x: %ld, %#x\n", op, argument, old, result, second);
}

static void *wait_first(void *unused)
{
    (void)unused;
    return (void *)futex(&first, P(FUTEX_WAIT), first, NULL, NULL, 0);
}

static void *wait_second(void *expected)
{
    return (void *)futex(&second, P(FUTEX_WAIT), (unsigned)(long)expected, NULL, NULL, 0);
}

/* Whether the comparison of an old value holds: then the sleeper on the second word is woken. */
static void compare(unsigned comparison, int argument, int old)
{
    second = (uint32_t)old;
    pthread_t thread = start(wait_second, (void *)(long)old);
    await_sleepers(&second, 1);
    long result = wake_op(FUTEX_OP(FUTEX_OP_SET, 9, comparison, (unsigned)argument));
    printf("%d compared by %u with %d: %ld, left %ld, now %u\n", old, comparison, argument, result, sleepers(&second),
           second);
    futex(&second, P(FUTEX_WAKE), 1, NULL, NULL, 0);
    join(thread);
}

int main(void)
{
    PART("operations");
    uint32_t values[] = {0, 1, 0xff, 0x7fffffff, 0xffffffff, 0x80000000};
    unsigned arguments[] = {0, 1, 7, 0x7ff, 0x800, 0xfff};
    for (unsigned op = 0; op < 5; op++)
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < 6; j++)
                change(op, arguments[i], values[j]);

    PART("an argument that is shifted");
    for (unsigned op = 0; op < 5; op++)
        for (unsigned shift = 0; shift < 32; shift += 31)
            for (int j = 0; j < 6; j++)
                change(op | FUTEX_OP_OPARG_SHIFT, shift, values[j]);

    PART("comparisons");
    int pairs[][2] = {{0, 0}, {1, 0}, {0, 1}, {-1, 0}, {0, -1}, {2047, 2047}, {-2048, -2048}, {-5, -4}};
    for (unsigned comparison = 0; comparison < 6; comparison++)
        for (int i = 0; i < 8; i++)
            compare(comparison, pairs[i][0], pairs[i][1]);

    PART("what is unknown");
    second = 3;
    VALUE(wake_op(FUTEX_OP(5, 1, FUTEX_OP_CMP_EQ, 0)));
    BITS(second);
    VALUE(wake_op(FUTEX_OP(7, 1, FUTEX_OP_CMP_EQ, 0)));
    VALUE(wake_op(FUTEX_OP(FUTEX_OP_SET, 4, 6, 0)));
    BITS(second);
    VALUE(wake_op(FUTEX_OP(FUTEX_OP_SET, 5, 15, 0)));
    BITS(second);

    PART("both words");
    second = 0;
    pthread_t one = start(wait_first, NULL), two, three, four;
    await_sleepers(&first, 1);
    two = start(wait_first, NULL);
    await_sleepers(&first, 2);
    three = start(wait_second, (void *)0);
    await_sleepers(&second, 1);
    four = start(wait_second, (void *)0);
    await_sleepers(&second, 2);
    VALUE(futex2count(&first, P(FUTEX_WAKE_OP), 1, 5, &second, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_GT, 0)));
    VALUE(sleepers(&first));
    VALUE(futex2count(&first, P(FUTEX_WAKE_OP), 0, 0, &second, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 1)));
    VALUE(sleepers(&second));
    VALUE(futex2count(&first, P(FUTEX_WAKE_OP), 0, 0, &second, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 2)));
    VALUE(join(one) + join(two) + join(three) + join(four));

    PART("one word twice");
    first = 4;
    VALUE(futex2count(&first, P(FUTEX_WAKE_OP), 1, 1, &first, FUTEX_OP(FUTEX_OP_XOR, 5, FUTEX_OP_CMP_EQ, 4)));
    BITS(first);

    PART("what cannot be accessed");
    VALUE(futex2count((char *)&first + 1, P(FUTEX_WAKE_OP), 1, 1, &second, 0));
    VALUE(futex2count(&first, P(FUTEX_WAKE_OP), 1, 1, (char *)&second + 1, 0));
    VALUE(futex2count(&first, P(FUTEX_WAKE_OP), 1, 1, (void *)64, 0));
    VALUE(futex2count((void *)64, P(FUTEX_WAKE_OP), 1, 1, &second, 0));
    VALUE(futex2count((void *)64, FUTEX_WAKE_OP, 1, 1, &second, 0));
    return 0;
}
