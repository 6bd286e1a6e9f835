/* Lengths that wrap, ranges that end nowhere: which of EINVAL and ENOMEM, and what counts as nothing. */
#include "check.h"
#include <sys/mman.h>

#define HUGE 0x7fffffffffffffffUL
#define WRAPS (~0UL)
#define NOWHERE ((char *)0xffff800000000000UL)

int main(void)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char resident[2];
    PART("mlock");
    DO(mlock(page, WRAPS));
    DO(mlock(page, 0));
    DO(mlock(NOWHERE, HUGE));
    DO(mlock((void *)1, 0));
    DO(munlock(page, WRAPS));
    DO(munlock(NOWHERE, HUGE));
    PART("madvise and msync");
    DO(madvise(page, WRAPS, MADV_NORMAL));
    DO(madvise(NULL, HUGE, MADV_NORMAL));
    DO(msync(page, WRAPS, MS_SYNC));
    DO(msync(page, HUGE, MS_SYNC));
    PART("mincore");
    DO(mincore(NULL, 1, NULL));
    DO(mincore(page, 4096, NULL));
    DO(mincore(page, 8192, resident));
    PART("mprotect");
    DO(mprotect(page, WRAPS, PROT_READ));
    DO(mprotect(page, HUGE, PROT_READ));
    DO(mprotect(NOWHERE, 1, -1));
    DO(mprotect(NOWHERE, 1, 0x100));
    DO(mprotect(NULL, 0, -1));
    DO(mprotect(NULL, 0, 0x100));
    DO(mprotect(page, 4096, PROT_READ | PROT_GROWSUP));
    DO(mprotect(page, 4096, PROT_READ | PROT_GROWSDOWN));
    DO(mprotect(page, 8192, PROT_READ | PROT_WRITE));
    PART("mremap");
    DO(mremap(page, WRAPS, 4096, 0));
    DO(mremap(page, WRAPS, WRAPS, 0));
    DO(mremap(page, 4096, WRAPS, MREMAP_MAYMOVE));
    DO(mremap(page, 4096, HUGE, MREMAP_MAYMOVE));
    DO(mremap(NOWHERE, HUGE, WRAPS, 0));
    PART("mmap");
    DO(mmap(NULL, WRAPS, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
    DO(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, -1, -1) == MAP_FAILED ? -1 : 0);
    DO(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED ? -1 : 0);
    page[0] = page[4096] = 1;
    PART("getrandom and reads");
    char *last = page + 4096 - 2;
    munmap(page + 4096, 4096);
    VALUE(syscall(SYS_getrandom, last, 2, 0));
    int zero = open("/dev/zero", O_RDONLY);
    VALUE(read(zero, last, 2));
    VALUE(read(zero, last, WRAPS));
    VALUE(read(zero, NOWHERE, 1));
    VALUE(pread(zero, last, 2, HUGE));
    VALUE(read(open("/", O_RDONLY), last, 2));
    VALUE(pread(open("/", O_RDONLY), last, 2, 0));
    VALUE(pwrite(open("/", O_RDONLY), last, 2, 0));
    return 0;
}
