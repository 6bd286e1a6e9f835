/*
 * System calls with arguments out of a hat: numbers at every edge, pointers to nowhere, to read-only text and to the last
 * bytes before a hole. Nothing is asked but that each call answers, with a result or an errno, and that the program still
 * works afterwards. The oracle is a real machine, and the test may run as root there: all descriptors and names are the
 * test's own, and calls that take a process id or change anything outside of the scratch directory are not in the list.
 */
#include "check.h"
#include <limits.h>
#include <sys/mman.h>

static const long calls[] = {
    SYS_getcwd, SYS_fcntl, SYS_ioctl, SYS_flock, SYS_mkdirat, SYS_unlinkat, SYS_symlinkat, SYS_linkat, SYS_statfs,
    SYS_fstatfs, SYS_ftruncate, SYS_fallocate, SYS_faccessat, SYS_fchdir, SYS_fchmod, SYS_fchmodat, SYS_fchownat,
    SYS_openat, SYS_getdents64, SYS_lseek, SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64,
    SYS_preadv, SYS_pwritev, SYS_sendfile, SYS_pselect6, SYS_ppoll, SYS_readlinkat, SYS_newfstatat, SYS_fstat, SYS_fsync,
    SYS_utimensat, SYS_clock_gettime, SYS_clock_getres, SYS_getitimer, SYS_sched_getaffinity, SYS_rt_sigaction,
    SYS_rt_sigpending, SYS_rt_sigtimedwait, SYS_sigaltstack, SYS_times, SYS_uname, SYS_getrusage, SYS_gettimeofday,
    SYS_sysinfo, SYS_mincore, SYS_madvise, SYS_msync, SYS_getrandom, SYS_memfd_create, SYS_statx, SYS_renameat2,
    SYS_copy_file_range, SYS_getresuid, SYS_getgroups, SYS_getpriority, SYS_eventfd2, SYS_getpgid,
};

static char *edge, *page;
static uint64_t state = 0x9e3779b97f4a7c15u;

static uint64_t roll(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1du;
}

/* No small descriptor numbers but of files that are read-only: standard output has to survive. */
static long argument(void)
{
    static const long numbers[] = {-1, -2, 100, 4095, 4096, 4097, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
                                   LONG_MIN, LONG_MAX, -100, 65536, 64};
    uint64_t r = roll();
    switch (r % 8) {
    case 0: return numbers[(r >> 8) % (sizeof numbers / sizeof *numbers)];
    case 1: return (long)(edge - (r >> 8) % 16);
    case 2: return (long)(page + (r >> 8) % 2000);
    case 3: return (long)"no/such/file";
    case 4: return 8 + (long)((r >> 8) % 2000);
    case 5: return (long)(r >> 3);
    case 6: return 50 + (long)((r >> 8) % 4);
    default: return 0x1000;
    }
}

int main(void)
{
    scratch();
    char *area = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(area + 8192, 4096);
    edge = area + 8192;
    page = area;
    strcpy(page, "name");
    put_file("file", "contents");
    dup2(open("file", O_RDONLY), 50);
    dup2(open(".", O_RDONLY), 51);
    dup2(open("scratch", O_RDWR | O_CREAT, 0600), 52);
    /* Some of the numbers are 0 to a call that looks at 32 bits: standard input must not be a device of the machine. */
    dup2(52, 0);
    int odd = 0;
    for (int i = 0; i < 20000; i++) {
        long number = calls[roll() % (sizeof calls / sizeof *calls)], a = argument(), b = argument(), c = argument();
        /* Anything that sleeps gets a pointer for its timeout that cannot be read, never NULL. */
        long answer = syscall(number, a, b, c, number == SYS_pselect6 || number == SYS_ppoll ? c : argument(), 16L, 16L);
        odd += answer == -1 && (errno <= 0 || errno >= 200 || (errno == ENOSYS && number != SYS_ioctl));
    }
    VALUE(odd);
    show_file("file");
    IS(getpid() > 0);
    char *after = malloc(100000);
    memset(after, 7, 100000);
    VALUE(after[99999]);
    return 0;
}
