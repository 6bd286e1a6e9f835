/* madvise(2), mincore(2), msync(2), mlock(2): what they do to pages, and their errors. */
#include "fault.h"
#include <sys/mman.h>

int main(void)
{
    scratch();
    catch_faults();
    char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(at, 'x', 4 * PAGE);

    PART("MADV_DONTNEED gives zeros back");
    DO(madvise(at + PAGE, PAGE, MADV_DONTNEED));
    TEXT(at + PAGE - 1, 2);
    TEXT(at + 2 * PAGE - 1, 2);
    DO(madvise(at + 2 * PAGE, 1, MADV_DONTNEED));
    TEXT(at + 3 * PAGE - 1, 2);
    DO(mprotect(at, PAGE, PROT_READ));
    DO(madvise(at, PAGE, MADV_DONTNEED));
    TEXT(at, 1);

    PART("and a private file map its file's bytes");
    put_file("file", "file text");
    int fd = open("file", O_RDWR);
    char *file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    memcpy(file, "FILE", 4);
    TEXT(file, 9);
    DO(madvise(file, PAGE, MADV_DONTNEED));
    TEXT(file, 9);

    PART("arguments");
    DO(madvise(at + 1, PAGE, MADV_DONTNEED));
    DO(madvise(at, 0, MADV_DONTNEED));
    DO(madvise(at, PAGE, 9999));
    DO(madvise(at, ~0UL - 5, MADV_DONTNEED));
    DO(madvise(at, 4 * PAGE, MADV_NORMAL));
    DO(madvise(at, 4 * PAGE, MADV_SEQUENTIAL));
    DO(madvise(at, 4 * PAGE, MADV_WILLNEED));
    char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    IS(shared != MAP_FAILED);
    munmap(at + PAGE, PAGE);
    DO(madvise(at, 4 * PAGE, MADV_DONTNEED));
    TEXT(at + 3 * PAGE, 1);

    PART("mincore");
    unsigned char resident[4];
    memset(at + 2 * PAGE, 'y', 2 * PAGE);
    DO(mincore(at + 2 * PAGE, 2 * PAGE, resident));
    printf("%d %d\n", resident[0] & 1, resident[1] & 1);
    DO(mincore(at, 4 * PAGE, resident));
    DO(mincore(at + 1, PAGE, resident));
    DO(mincore(at, PAGE, (unsigned char *)16));

    PART("msync");
    memcpy(shared, "SHARED", 6);
    DO(msync(shared, PAGE, MS_SYNC));
    DO(msync(shared, PAGE, MS_ASYNC));
    DO(msync(shared, PAGE, MS_SYNC | MS_ASYNC));
    DO(msync(shared + 1, PAGE, MS_SYNC));
    DO(msync(shared, PAGE, 64));
    DO(msync(at + PAGE, PAGE, MS_SYNC));
    show_file("file");

    PART("mlock");
    DO(mlock(at, PAGE));
    DO(munlock(at, PAGE));
    DO(mlock(at + PAGE, PAGE));
    DO(mlockall(0));
    return 0;
}
