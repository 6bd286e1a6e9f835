/* getrlimit(2), setrlimit(2), prlimit64(2). */
#include "check.h"
#include <sys/resource.h>

int main(void)
{
    struct rlimit limit, old;
    static const int all[] = {RLIMIT_CPU,    RLIMIT_FSIZE, RLIMIT_DATA,    RLIMIT_STACK,  RLIMIT_CORE,     RLIMIT_RSS,
                              RLIMIT_NPROC,  RLIMIT_AS,    RLIMIT_NOFILE,  RLIMIT_LOCKS,  RLIMIT_MEMLOCK,  RLIMIT_SIGPENDING,
                              RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_RTPRIO, RLIMIT_RTTIME};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        int got = getrlimit(all[i], &limit);
        printf("limit %d: %d %s\n", all[i], got, limit.rlim_cur <= limit.rlim_max ? "sane" : "odd");
    }
    DO(getrlimit(RLIMIT_STACK, &limit));
    VALUE(limit.rlim_cur);
    DO(getrlimit(RLIMIT_NOFILE, &limit));
    IS(limit.rlim_cur >= 256);

    PART("lowering");
    struct rlimit low = {100, 200};
    DO(setrlimit(RLIMIT_NOFILE, &low));
    DO(prlimit(0, RLIMIT_NOFILE, NULL, &old));
    printf("%lu %lu\n", (unsigned long)old.rlim_cur, (unsigned long)old.rlim_max);
    low.rlim_cur = 150;
    DO(prlimit(getpid(), RLIMIT_NOFILE, &low, &old));
    printf("%lu %lu\n", (unsigned long)old.rlim_cur, (unsigned long)old.rlim_max);
    VALUE(sysconf(_SC_OPEN_MAX));
    VALUE(getdtablesize());

    PART("refused");
    low.rlim_cur = 300;
    DO(setrlimit(RLIMIT_NOFILE, &low));
    DO(prlimit(0, 16, NULL, &old));
    DO(prlimit(0x3ffffff, RLIMIT_NOFILE, NULL, &old));
    DO(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, 16, NULL));
    DO(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, 16));
    DO(prlimit(0, RLIMIT_NOFILE, NULL, NULL));
    VALUE(getpriority(PRIO_PROCESS, 0));
    DO(getpriority(9, 0));
    return 0;
}
