/* libc's memory and string functions on blocks from a few bytes to a page, at every alignment. */
#include "kernel.h"
#include <string.h>

enum { BLOCK = 4096, SLACK = 64 };

static char from[BLOCK + SLACK], to[BLOCK + SLACK];

static uint64_t round_of_copies(uint64_t sum)
{
    for (int i = 0; i < 64; i++) {
        uint64_t r = next_random();
        size_t length = (size_t)(r % (i % 8 ? 96 : BLOCK - 1)) + 1, here = (r >> 16) % 16, there = (r >> 24) % 16;
        memcpy(to + there, from + here, length);
        memmove(to + there + 3, to + there, length);
        char kept = to[there + length];
        to[there + length] = '\0';
        sum = fold(sum, strlen(to + there) + (uint64_t)(memcmp(to + there + 3, from + here, length - 1) == 0));
        to[there + length] = kept;
        memset(to + here, 'a' + (int)(r >> 32) % 26, length / 2 + 1);
        const char *hit = memchr(from + here, 'z', length);
        sum = fold(sum, hit ? (uint64_t)(hit - from) : 1);
    }
    return sum;
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 760000);
    uint64_t sum = 0;
    memset(to, 'x', sizeof to);
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (char)('a' + next_random() % 26);
    for (long i = 0; i < rounds; i++)
        sum = round_of_copies(sum);
    return report("memory", sum);
}
