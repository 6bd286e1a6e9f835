/* mremap(2): growing, shrinking, moving, and what is refused. */
#include "fault.h"
#include <sys/mman.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static char *map(size_t pages)
{
    return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Numbers the pages, so that a moved page can be recognised. */
static void number(char *at, int pages)
{
    for (int i = 0; i < pages; i++)
        at[i * PAGE] = (char)('a' + i);
}

static void show(const char *what, char *at, int pages)
{
    printf("%s:", what);
    for (int i = 0; i < pages; i++) {
        const char *state = touch(at + i * PAGE);
        printf(" %s", *state == 'S' ? "fault" : at[i * PAGE] ? (char[]){at[i * PAGE], 0} : "0");
    }
    printf("\n");
}

int main(void)
{
    catch_faults();
    PART("grow and shrink");
    char *at = map(4);
    number(at, 4);
    char *grown = mremap(at, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
    IS(grown != MAP_FAILED);
    show("grown", grown, 8);
    number(grown, 8);
    IS(mremap(grown, 8 * PAGE, 2 * PAGE, 0) == grown);
    show("shrunk", grown, 4);
    IS(mremap(grown, 2 * PAGE, 4 * PAGE, 0) == grown);
    show("grown in place", grown, 4);
    IS(mremap(grown, 4 * PAGE, 4 * PAGE, 0) == grown);

    PART("no room to grow");
    char *block = map(4);
    number(block, 4);
    DO((long)mremap(block, PAGE, 2 * PAGE, 0));
    char *moved = mremap(block, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    IS(moved != block && moved != MAP_FAILED);
    show("moved", moved, 2);
    show("left behind", block, 4);

    PART("to a fixed place");
    char *target = map(8);
    memset(target, 'T', 8 * PAGE);
    char *source = map(2);
    number(source, 2);
    IS(mremap(source, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + PAGE) == target + PAGE);
    show("target", target, 8);
    TOUCH(source);
    DO((long)mremap(target, PAGE, PAGE, MREMAP_FIXED, target + 4 * PAGE));
    DO((long)mremap(target, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + PAGE));
    DO((long)mremap(target, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + 1));

    PART("MREMAP_DONTUNMAP");
    source = map(2);
    number(source, 2);
    moved = mremap(source, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    IS(moved != MAP_FAILED && moved != source);
    show("moved", moved, 2);
    show("old", source, 2);
    DO((long)mremap(source, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));

    PART("refused");
    DO((long)mremap(source + 1, PAGE, PAGE, MREMAP_MAYMOVE));
    DO((long)mremap(source, PAGE, 0, MREMAP_MAYMOVE));
    DO((long)mremap(source, PAGE, PAGE, 0x40));
    DO((long)mremap(source, 0, PAGE, MREMAP_MAYMOVE));
    munmap(source, 2 * PAGE);
    DO((long)mremap(source, PAGE, PAGE, MREMAP_MAYMOVE));
    DO((long)mremap(source, PAGE, 2 * PAGE, MREMAP_MAYMOVE));

    PART("protection goes along");
    source = map(2);
    mprotect(source, 2 * PAGE, PROT_READ);
    moved = mremap(source, 2 * PAGE, 512 * PAGE, MREMAP_MAYMOVE);
    TOUCH(moved);
    TOUCH(moved + 511 * PAGE);
    return 0;
}
