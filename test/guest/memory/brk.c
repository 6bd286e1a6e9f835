/* brk(2): grow, shrink, zeros after both, refusal, and malloc on top. */
#include "fault.h"
#include <sys/resource.h>

static char *current(void) { return (char *)syscall(SYS_brk, 0); }
static char *set(void *to) { return (char *)syscall(SYS_brk, to); }

int main(void)
{
    catch_faults();
    PART("brk");
    char *start = current();
    IS(start != NULL);
    char *end = start + 100000;
    IS(set(end) == end);
    IS(current() == end);
    int dirt = 0;
    for (char *at = start; at < end; at++)
        dirt |= *at;
    VALUE(dirt);
    memset(start, 'x', 100000);
    IS(set(start + 10) == start + 10);
    IS(set(end) == end);
    char *page = (char *)(((uintptr_t)start + 10 + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
    dirt = 0;
    for (char *at = page; at < end; at++)
        dirt |= *at;
    VALUE(dirt);
    TEXT(start, 4);
    IS(set((void *)16) == end);
    IS(set((void *)(1L << 46)) == end);
    IS(set(start - 4096 * 4096) == end);
    IS(set(start) == start);
    TOUCH(page + 16 * PAGE);
    IS(sbrk(64) == start);
    IS(sbrk(0) == start + 64);

    PART("RLIMIT_DATA");
    struct rlimit limit = {1 << 20, RLIM_INFINITY};
    DO(setrlimit(RLIMIT_DATA, &limit));
    IS(set(start + (8 << 20)) == start + 64);
    return 0;
}
