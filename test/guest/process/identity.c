/* getpid(2) and its like, uname(2), sysinfo(2), prctl(2), getrandom(2): who one is and where. */
#include "check.h"
#include <sched.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static void who(void)
{
    PART("who");
    IS(getpid() > 0 && getpid() == syscall(SYS_gettid));
    IS(getppid() >= 0);
    uid_t r, e, s;
    gid_t rg, eg, sg;
    DO(getresuid(&r, &e, &s));
    DO(getresgid(&rg, &eg, &sg));
    IS(r == getuid() && e == geteuid() && s == e);
    IS(rg == getgid() && eg == getegid() && sg == eg);
    IS(getpgrp() > 0 && getsid(0) >= 0);
    IS(getpgid(0) == getpgrp());
    DO(getpgid(0x3ffffff));
    IS(getgroups(0, NULL) >= 0);
    DO(getgroups(-1, NULL));
    DO(setuid(getuid()));
    DO(setgid(getgid()));
    DO(setresuid((uid_t)-1, (uid_t)-1, (uid_t)-1));
}

static void names(void)
{
    PART("uname");
    struct utsname name;
    DO(uname(&name));
    printf("%s\n", name.sysname);
    IS(strlen(name.release) > 2 && name.release[0] >= '4' && name.release[0] <= '9');
    IS(strlen(name.nodename) > 0 && strlen(name.version) > 0);
    IS(!strcmp(name.machine, "riscv64") || !strcmp(name.machine, "x86_64"));
    DO(syscall(SYS_uname, 16));
    char host[65];
    DO(gethostname(host, sizeof host));
    IS(!strcmp(host, name.nodename));
}

static void machine(void)
{
    PART("sysinfo, processors");
    struct sysinfo info;
    DO(sysinfo(&info));
    IS(info.uptime >= 0 && info.totalram > 0 && info.mem_unit > 0 && info.freeram <= info.totalram && info.procs > 0);
    DO(syscall(SYS_sysinfo, 16));
    VALUE(getpagesize());
    IS(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    cpu_set_t set;
    DO(sched_getaffinity(0, sizeof set, &set));
    IS(CPU_COUNT(&set) >= 1);
    IS(sched_getcpu() >= 0);
    DO(sched_yield());
    VALUE(sched_getscheduler(0));
    VALUE(sched_get_priority_max(SCHED_FIFO));
    VALUE(sched_get_priority_min(SCHED_OTHER));
}

static void name_of_thread(void)
{
    PART("prctl");
    char name[17] = "";
    DO(prctl(PR_SET_NAME, "a name that is too long"));
    DO(prctl(PR_GET_NAME, name));
    TEXT(name, strlen(name));
    DO(prctl(PR_SET_NAME, "short"));
    memset(name, 'x', 16);
    DO(prctl(PR_GET_NAME, name));
    TEXT(name, 16);
    VALUE(prctl(PR_GET_DUMPABLE));
    DO(prctl(PR_SET_DUMPABLE, 0));
    VALUE(prctl(PR_GET_DUMPABLE));
    DO(prctl(PR_SET_DUMPABLE, 5));
    VALUE(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    DO(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    VALUE(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    DO(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
    int death = 9;
    DO(prctl(PR_GET_PDEATHSIG, &death));
    VALUE(death);
    DO(prctl(0x7777, 0, 0, 0, 0));
}

static void randomness(void)
{
    PART("getrandom");
    unsigned char a[64] = {0}, b[64] = {0};
    VALUE(getrandom(a, 64, 0));
    VALUE(getrandom(b, 64, GRND_NONBLOCK));
    IS(memcmp(a, b, 64) != 0);
    VALUE(getrandom(a, 0, 0));
    VALUE(getrandom(a, 64, GRND_RANDOM | GRND_NONBLOCK) > 0);
    DO(getrandom(a, 1, 0x100));
    DO(getrandom(a, 1, 6));
    DO(getrandom((void *)16, 1, 0));
    static unsigned char large[100000];
    VALUE(getrandom(large, sizeof large, 0));
    int counts[256] = {0}, low = 1 << 30, high = 0;
    for (size_t i = 0; i < sizeof large; i++)
        counts[large[i]]++;
    for (int i = 0; i < 256; i++) {
        low = counts[i] < low ? counts[i] : low;
        high = counts[i] > high ? counts[i] : high;
    }
    IS(low > 250 && high < 550);
}

int main(void)
{
    who();
    names();
    machine();
    name_of_thread();
    randomness();
    return 0;
}
