/* What madvise(2) tells fork(2), what mlock(2) keeps, and shared memory in two places (mremap(2)). */
#include "check.h"
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static char *map(int pages)
{
    char *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(at, 'x', pages * PAGE);
    return at;
}

/* What the kernel can read at an address: a letter, or 0 where nothing is mapped. */
static int letter(const char *at)
{
    int ends[2];
    char got = 0;
    if (pipe(ends))
        return -1;
    if (write(ends[1], at, 1) == 1 && read(ends[0], &got, 1) == 1 && got == 0)
        got = '0';
    close(ends[0]);
    close(ends[1]);
    return got;
}

static void forks(void)
{
    char *at = map(4);
    DO(madvise(at, PAGE, MADV_DONTFORK));
    DO(madvise(at + PAGE, PAGE, MADV_WIPEONFORK));
    DO(madvise(at + 2 * PAGE, 2 * PAGE, MADV_WIPEONFORK));
    DO(madvise(at + 3 * PAGE, PAGE, MADV_KEEPONFORK));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 4; i++)
            printf("page %d in the child: %d\n", i, letter(at + i * PAGE));
        at[PAGE] = 'y';
        fflush(stdout);
        child = fork();
        if (child == 0) {
            printf("and in its child: %d\n", letter(at + PAGE));
            fflush(stdout);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    VALUE(letter(at));
    DO(madvise(at, PAGE, MADV_DOFORK));
    PART("files cannot be wiped, nor shared memory");
    char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    DO(madvise(shared, PAGE, MADV_WIPEONFORK));
    PART("a hole is told when the rest is done");
    munmap(at + PAGE, PAGE);
    DO(madvise(at, 4 * PAGE, MADV_DONTFORK));
    fflush(stdout);
    child = fork();
    if (child == 0) {
        printf("page 3 in the child: %d\n", letter(at + 3 * PAGE));
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void locks(void)
{
    char *at = map(4);
    DO(mlock(at + PAGE, PAGE));
    DO(madvise(at, 2 * PAGE, MADV_DONTNEED));
    VALUE(letter(at));
    VALUE(letter(at + PAGE));
    DO(msync(at, 4 * PAGE, MS_INVALIDATE));
    DO(munlock(at, 4 * PAGE));
    DO(msync(at, 4 * PAGE, MS_INVALIDATE));
    DO(madvise(at, 2 * PAGE, MADV_DONTNEED));
    VALUE(letter(at + PAGE));
    PART("what cannot be used cannot be locked, nor what is behind a hole");
    DO(mprotect(at, PAGE, PROT_NONE));
    DO(mlock(at, PAGE));
    munmap(at + 2 * PAGE, PAGE);
    DO(mlock(at + PAGE, 3 * PAGE));
    DO(madvise(at + PAGE, PAGE, MADV_DONTNEED));
    DO(madvise(at + 3 * PAGE, PAGE, MADV_DONTNEED));
}

static void doubles(void)
{
    PART("no length doubles shared memory");
    char *shared = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared[0] = 'a';
    char *again = mremap(shared, 0, 2 * PAGE, MREMAP_MAYMOVE);
    IS(again != MAP_FAILED && again != shared);
    VALUE(again[0]);
    again[PAGE] = 'b';
    VALUE(shared[PAGE]);
    munmap(shared, 2 * PAGE);
    VALUE(again[0]);
    IS(mremap(again, 0, PAGE, 0) == MAP_FAILED);
}

int main(void)
{
    forks();
    locks();
    doubles();
    return 0;
}
