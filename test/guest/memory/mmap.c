/* mmap(2), munmap(2): arguments that are refused, placement, replacement, splitting. */
#include "fault.h"
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define MAP(address, length, prot, flags, fd, offset) ((long)mmap(address, length, prot, flags, fd, offset))

static char *anonymous(size_t length, int prot)
{
    return mmap(NULL, length, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void arguments(void)
{
    PART("arguments");
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    put_file("file", "text");
    int fd = open("file", O_RDONLY), w = open("file", O_WRONLY), dir = open(".", O_RDONLY);
    DO(MAP(NULL, 0, PROT_READ, flags, -1, 0));
    DO(MAP(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0));
    DO(MAP(NULL, PAGE, PROT_READ, MAP_PRIVATE, -1, 0));
    DO(MAP(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1));
    DO(MAP(NULL, PAGE, PROT_READ, MAP_PRIVATE, w, 0));
    DO(MAP(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    DO(MAP(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
    DO(MAP(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0));
    DO(MAP(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | 0x1000000, fd, 0));
    DO(MAP((void *)1, PAGE, PROT_READ, flags | MAP_FIXED, -1, 0));
    DO(MAP(NULL, 1UL << 47, PROT_NONE, flags | MAP_NORESERVE, -1, 0));
    DO(MAP(NULL, ~0UL, PROT_NONE, flags, -1, 0));
    DO(MAP(NULL, ~0UL - PAGE, PROT_NONE, flags, -1, 0));
    DO(munmap((void *)1, PAGE));
    DO(munmap((void *)(1 << 20), 0));
    char *at = anonymous(PAGE, PROT_READ);
    DO(munmap(at, PAGE));
    DO(munmap(at, PAGE));
}

static void placement(void)
{
    PART("placement");
    char *at = anonymous(100, PROT_READ | PROT_WRITE);
    IS((uintptr_t)at % PAGE == 0);
    IS(at[0] == 0 && at[PAGE - 1] == 0);
    char *area = anonymous(16 * PAGE, PROT_NONE);
    DO(munmap(area, 16 * PAGE));
    IS(mmap(area + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == area + 4 * PAGE);
    IS(mmap(area + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != area + 4 * PAGE);
    IS(mmap(area + 8 * PAGE + 5, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == area + 8 * PAGE);
    int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    DO(MAP(area + 4 * PAGE, PAGE, PROT_READ, fixed, -1, 0));
    DO(MAP(area + 3 * PAGE, 2 * PAGE, PROT_READ, fixed, -1, 0));
    DO(MAP(area + 5 * PAGE, PAGE, PROT_READ, fixed, -1, 0));
    TOUCH(area + 3 * PAGE);
    TOUCH(area + 4 * PAGE);
    TOUCH(area + 5 * PAGE);
    TOUCH(area + 6 * PAGE);
}

/* A map of eight pages is written, cut and replaced; each page then tells whose it is. */
static void splitting(void)
{
    PART("splitting");
    char *at = anonymous(8 * PAGE, PROT_READ | PROT_WRITE);
    for (int i = 0; i < 8; i++)
        at[i * PAGE] = (char)('a' + i);
    DO(munmap(at + 2 * PAGE, PAGE));
    IS(mmap(at + 4 * PAGE, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at + 4 * PAGE);
    for (int i = 0; i < 8; i++) {
        const char *state = touch(at + i * PAGE);
        printf("page %d: %s %c\n", i, state, *state == 'S' ? '-' : at[i * PAGE] ? at[i * PAGE] : '0');
    }
    PART("a hole in what is unmapped");
    DO(munmap(at, 8 * PAGE));
    TOUCH(at);
    TOUCH(at + 7 * PAGE);
    PART("rounding up to pages");
    at = anonymous(3 * PAGE, PROT_READ | PROT_WRITE);
    DO(munmap(at + PAGE, 1));
    TOUCH(at + PAGE - 1);
    TOUCH(at + PAGE);
    TOUCH(at + 2 * PAGE - 1);
    TOUCH(at + 2 * PAGE);
}

/* MAP_FIXED over part of a map of the same kind gives zeros there, and only there. */
static void replacement(void)
{
    PART("replacement is zeroed");
    char *at = anonymous(4 * PAGE, PROT_READ | PROT_WRITE);
    memset(at, 'x', 4 * PAGE);
    IS(mmap(at + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at + PAGE);
    TEXT(at + PAGE - 2, 4);
    TEXT(at + 2 * PAGE - 2, 4);
    DO(munmap(at, 4 * PAGE));
    char *again = mmap(at, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int dirt = 0;
    for (int i = 0; i < 4 * PAGE; i++)
        dirt |= again[i];
    VALUE(dirt);
}

/* Many small maps come and go; memory that is given back must be found again. */
static void churn(void)
{
    PART("churn");
    static char *maps[64];
    unsigned seed = 1;
    int wrong = 0, failed = 0;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        char **map = &maps[seed >> 26];
        size_t length = 16 * PAGE;
        if (*map) {
            wrong += (*map)[0] != (char)((uintptr_t)*map >> 12) || (*map)[length - 1] != 0;
            munmap(*map, length);
            *map = NULL;
        } else {
            *map = anonymous(length, PROT_READ | PROT_WRITE);
            failed += *map == MAP_FAILED;
            wrong += (*map)[0];
            (*map)[0] = (char)((uintptr_t)*map >> 12);
        }
    }
    VALUE(wrong);
    VALUE(failed);
}

int main(void)
{
    scratch();
    catch_faults();
    arguments();
    placement();
    splitting();
    replacement();
    churn();
    return 0;
}
