/* mprotect(2): splitting and merging as seen by effects, holes, bad arguments, and the kernel's own accesses. */
#include "fault.h"
#include <sys/mman.h>
#include <sys/uio.h>

static char *map(size_t pages, int prot)
{
    return mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void effects(void)
{
    PART("each page of six");
    char *at = map(6, PROT_READ | PROT_WRITE);
    memset(at, 'x', 6 * PAGE);
    DO(mprotect(at + PAGE, PAGE, PROT_READ));
    DO(mprotect(at + 2 * PAGE, 2 * PAGE, PROT_NONE));
    DO(mprotect(at + 4 * PAGE, 1, PROT_READ));
    for (int i = 0; i < 6; i++)
        printf("page %d: %s, last byte %s\n", i, touch(at + i * PAGE), touch(at + i * PAGE + PAGE - 1));
    DO(mprotect(at, 6 * PAGE, PROT_READ | PROT_WRITE));
    int kept = 1;
    for (int i = 0; i < 6 * PAGE; i++)
        kept &= at[i] == 'x';
    IS(kept);
    for (int i = 0; i < 6; i++)
        printf("page %d: %s\n", i, touch(at + i * PAGE));
}

static void arguments(void)
{
    PART("arguments");
    char *at = map(4, PROT_READ | PROT_WRITE);
    DO(mprotect(at + 1, PAGE, PROT_READ));
    DO(mprotect(at, 0, PROT_READ));
    TOUCH(at);
    DO(mprotect(at, PAGE, 0x100));
    DO(mprotect(at, ~0UL - 5, PROT_READ));
    DO(munmap(at + 2 * PAGE, PAGE));
    DO(mprotect(at, 4 * PAGE, PROT_READ));
    TOUCH(at + PAGE);
    TOUCH(at + 2 * PAGE);
    TOUCH(at + 3 * PAGE);
    DO(mprotect(at + 2 * PAGE, PAGE, PROT_READ));
}

static void shared_files(void)
{
    PART("a shared map of a read-only file cannot become writable");
    put_file("file", "text");
    int fd = open("file", O_RDONLY);
    char *at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    DO(mprotect(at, PAGE, PROT_READ | PROT_WRITE));
    char *private = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    DO(mprotect(private, PAGE, PROT_READ | PROT_WRITE));
    private[0] = 'T';
    show_file("file");
}

/* System calls look at protections too, up to the byte where the bad page starts. */
static void kernel_accesses(void)
{
    PART("system calls and protected pages");
    char *at = map(3, PROT_READ | PROT_WRITE);
    memset(at, 'x', 3 * PAGE);
    DO(mprotect(at + PAGE, PAGE, PROT_READ));
    DO(mprotect(at + 2 * PAGE, PAGE, PROT_NONE));
    put_file("ten", "0123456789");
    int fd = open("ten", O_RDWR);
    VALUE(pread(fd, at + PAGE - 4, 10, 0));
    TEXT(at + PAGE - 4, 6);
    DO(pread(fd, at + PAGE, 10, 0));
    VALUE(pread(fd, at + PAGE - 10, 10, 0));
    VALUE(pwrite(fd, at + PAGE, 10, 0));
    VALUE(pwrite(fd, at + 2 * PAGE - 3, 10, 0));
    DO(pwrite(fd, at + 2 * PAGE, 10, 0));
    show_file("ten");
    DO(stat("ten", (struct stat *)(at + PAGE)));
    DO(stat("ten", (struct stat *)(at + PAGE - 8)));
    DO(access(at + 2 * PAGE, F_OK));
    DO(access(at + 2 * PAGE - 3, F_OK));
}

/* The handler opens the page and returns: the access is made again and succeeds. */
static char *lazy;
static volatile int opened;

static void open_page(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    opened++;
    mprotect((void *)((uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1)), PAGE, PROT_READ | PROT_WRITE);
}

static void restarted_access(void)
{
    PART("pages that are opened by the handler");
    struct sigaction action = {.sa_sigaction = open_page, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    lazy = map(64, PROT_NONE);
    long sum = 0;
    for (int i = 0; i < 64; i++) {
        *(volatile long *)(lazy + i * PAGE + 8 * i) = i;
        sum += *(volatile long *)(lazy + i * PAGE + 8 * i);
    }
    VALUE(opened);
    VALUE(sum);
}

int main(void)
{
    scratch();
    catch_faults();
    effects();
    arguments();
    shared_files();
    kernel_accesses();
    restarted_access();
    return 0;
}
