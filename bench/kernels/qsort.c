/* libc's qsort over records with a comparator: indirect calls from library code, unpredictable branches, copies. */
#include "kernel.h"
#include <string.h>

enum { RECORDS = 100000 };

struct record {
    uint32_t key;
    uint32_t serial;
    double weight;
};

static struct record records[RECORDS];

static int by_key_then_weight(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->weight != y->weight)
        return x->weight < y->weight ? -1 : 1;
    return x->serial < y->serial ? -1 : 1;
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 160);
    uint64_t sum = 0;
    for (long i = 0; i < rounds; i++) {
        for (uint32_t k = 0; k < RECORDS; k++)
            records[k] = (struct record){(uint32_t)next_random() % 50000, k, (double)(next_random() & 0xffff)};
        qsort(records, RECORDS, sizeof *records, by_key_then_weight);
        for (int k = 0; k < RECORDS; k += 97)
            sum = fold(sum, records[k].key ^ ((uint64_t)records[k].serial << 32));
    }
    return report("qsort", sum);
}
