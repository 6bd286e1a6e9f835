/* RLIMIT_AS: mmap, brk and mremap are refused with ENOMEM; what is there stays usable, and room comes back. */
#include "check.h"
#include <sys/mman.h>
#include <sys/resource.h>

static char *map(size_t length)
{
    return mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

int main(void)
{
    struct rlimit limit = {256 << 20, RLIM_INFINITY};
    DO(setrlimit(RLIMIT_AS, &limit));
    struct rlimit back;
    DO(getrlimit(RLIMIT_AS, &back));
    VALUE(back.rlim_cur);
    IS(back.rlim_max == RLIM_INFINITY);
    DO((long)map(300 << 20));
    char *half = map(120 << 20);
    IS(half != MAP_FAILED);
    half[0] = half[(120 << 20) - 1] = 'x';
    DO((long)map(140 << 20));
    DO((long)mremap(half, 120 << 20, 270 << 20, MREMAP_MAYMOVE));
    IS(half[0] == 'x');
    IS(malloc(200 << 20) == NULL);
    IS(errno == ENOMEM);
    DO(munmap(half, 120 << 20));
    IS(map(140 << 20) != MAP_FAILED);

    PART("PROT_NONE counts too");
    DO((long)mmap(NULL, 140 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

    PART("limits");
    limit.rlim_cur = 10, limit.rlim_max = 5;
    DO(setrlimit(RLIMIT_AS, &limit));
    DO(setrlimit(99, &limit));
    DO(getrlimit(99, &limit));
    return 0;
}
