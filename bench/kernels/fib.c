/* Doubly recursive Fibonacci numbers: nothing but calls and returns. */
#include "kernel.h"

__attribute__((noinline)) static unsigned fib(unsigned n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 80);
    uint64_t sum = 0;
    for (long i = 0; i < rounds; i++)
        sum = fold(sum, fib(35 + (unsigned)(i & 1)));
    return report("fib", sum);
}
