/* Eratosthenes over the odd numbers below two million, one byte each. */
#include "kernel.h"
#include <string.h>

enum { LIMIT = 2000000, HALF = LIMIT / 2 };

static unsigned char composite[HALF];

static int count_primes(void)
{
    int count = 1;
    memset(composite, 0, sizeof composite);
    for (int i = 1; i < HALF; i++) {
        if (composite[i])
            continue;
        int prime = 2 * i + 1;
        count++;
        for (long j = (long)prime * prime / 2; j < HALF; j += prime)
            composite[j] = 1;
    }
    return count;
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 1050);
    uint64_t sum = 0;
    for (long i = 0; i < rounds; i++)
        sum = fold(sum, (uint64_t)count_primes() + composite[i % HALF]);
    return report("sieve", sum);
}
