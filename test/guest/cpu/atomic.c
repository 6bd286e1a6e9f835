/*
 * Atomic operations of every width and kind, aligned, from one thread.
 * @flags -latomic
 */
#include "check.h"

#define ALL(type, name)                                                                                                \
    do {                                                                                                               \
        type word = (type)0x7ffffffffffffffe, sum = 0, wanted;                                                         \
        sum += __atomic_fetch_add(&word, 3, __ATOMIC_SEQ_CST);                                                         \
        sum ^= __atomic_fetch_sub(&word, 5, __ATOMIC_ACQUIRE);                                                         \
        sum += __atomic_fetch_and(&word, (type)0xf0f0f0f0f0f0f0f1, __ATOMIC_RELEASE);                                  \
        sum ^= __atomic_fetch_or(&word, (type)0x0505, __ATOMIC_RELAXED);                                               \
        sum += __atomic_fetch_xor(&word, (type)0x8000000080008081, __ATOMIC_ACQ_REL);                                  \
        sum ^= __atomic_fetch_nand(&word, (type)0x3333333333333333, __ATOMIC_SEQ_CST);                                 \
        sum += __atomic_exchange_n(&word, (type)0x1234567812345678, __ATOMIC_SEQ_CST);                                 \
        wanted = (type)0x1234567812345678;                                                                             \
        int first = __atomic_compare_exchange_n(&word, &wanted, (type)7, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);       \
        int second = __atomic_compare_exchange_n(&word, &wanted, (type)8, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);      \
        printf("%s: %llx %llx %d %d %llx\n", name, (unsigned long long)(uint64_t)word,                                 \
               (unsigned long long)(uint64_t)sum, first, second, (unsigned long long)(uint64_t)wanted);                \
    } while (0)

#ifdef __riscv
static long try_conditional(long *at, int interfere)
{
    long failed, value, other = 0;
    __asm__ volatile("lr.d %1, (%3)\n"
                     "beqz %4, 1f\n"
                     "sc.d %2, %1, (%5)\n"
                     "1: addi %1, %1, 1\n"
                     "sc.d %0, %1, (%3)\n"
                     : "=&r"(failed), "=&r"(value), "+&r"(other)
                     : "r"(at), "r"((long)interfere), "r"(at + 1)
                     : "memory");
    return failed != 0;
}
#else
static long try_conditional(long *at, int interfere)
{
    *at += !interfere;
    return interfere;
}
#endif

int main(void)
{
    ALL(uint8_t, "8 bits");
    ALL(uint16_t, "16 bits");
    ALL(uint32_t, "32 bits");
    ALL(int32_t, "32 bits, signed");
    ALL(uint64_t, "64 bits");
    ALL(int64_t, "64 bits, signed");

    PART("a conditional store succeeds alone, and fails after another");
    long words[2] = {10, 20};
    VALUE(try_conditional(words, 0));
    VALUE(words[0]);
    VALUE(try_conditional(words, 1));
    VALUE(words[0]);

    PART("spinning on a flag");
    long lock = 0, turns = 0;
    for (int i = 0; i < 100000; i++) {
        while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
            ;
        turns++;
        __atomic_clear((char *)&lock, __ATOMIC_RELEASE);
    }
    VALUE(turns);
    return 0;
}
