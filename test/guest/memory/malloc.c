/*
 * libc's allocator over a long random life: every block keeps its bytes, realloc moves them, alignment holds.
 * @link static musl
 */
#include "check.h"

enum { BLOCKS = 512 };

static struct {
    unsigned char *at;
    size_t length;
    unsigned char fill;
} blocks[BLOCKS];

static uint64_t state = 88172645463325252u;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static size_t some_length(void)
{
    uint64_t r = next();
    return r % 100 < 90 ? (r >> 8) % 600 : r % 100 < 99 ? (r >> 8) % 40000 : (r >> 8) % 400000;
}

static int intact(int i, size_t length)
{
    for (size_t k = 0; k < length; k++)
        if (blocks[i].at[k] != blocks[i].fill)
            return 0;
    return 1;
}

int main(void)
{
    long wrong = 0, unaligned = 0, total = 0;
    for (int round = 0; round < 60000; round++) {
        int i = (int)(next() % BLOCKS);
        size_t length = some_length();
        if (!blocks[i].at) {
            blocks[i].at = next() % 8 ? malloc(length) : calloc(1, length);
        } else if (next() % 3 == 0) {
            wrong += !intact(i, blocks[i].length);
            free(blocks[i].at);
            blocks[i].at = NULL;
            continue;
        } else {
            unsigned char *moved = realloc(blocks[i].at, length + 1);
            blocks[i].at = moved;
            wrong += !intact(i, length < blocks[i].length ? length : blocks[i].length);
            length++;
        }
        unaligned += (uintptr_t)blocks[i].at % 16 != 0;
        blocks[i].length = length;
        blocks[i].fill = (unsigned char)round;
        memset(blocks[i].at, round, length);
        total += (long)length;
    }
    VALUE(wrong);
    VALUE(unaligned);
    VALUE(total);
    for (size_t align = 16; align <= 65536; align *= 4) {
        void *at = NULL;
        printf("posix_memalign %zu: %d %s\n", align, posix_memalign(&at, align, 100),
               (uintptr_t)at % align ? "unaligned" : "aligned");
    }
    IS(malloc((size_t)1 << 62) == NULL);
    return 0;
}
