/* Users, groups and capabilities of a process that gives them up and takes them back. */
#include <linux/capability.h>
#include <linux/securebits.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const int users[] = {0, 0, 1, 2, 3, 1000, -1};

static void show_ids(void)
{
    unsigned u[3], g[3];
    syscall(SYS_getresuid, &u[0], &u[1], &u[2]);
    syscall(SYS_getresgid, &g[0], &g[1], &g[2]);
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2];
    syscall(SYS_capget, &header, sets);
    /* The eight oldest capabilities, which every sandbox gives to root. */
    gid_t groups[8];
    int count = getgroups(8, groups);
    told(0, "ids %d %d %d, %d %d %d, fs %d %d, caps %x %x %x, groups %d %d, dumpable %d, keep %d", u[0], u[1], u[2], g[0], g[1], g[2],
         setfsuid(-1), setfsgid(-1), sets[0].effective & 0xff, sets[0].permitted & 0xff, sets[0].inheritable & 0xff, count,
         count > 0 ? (int)groups[0] : -1, prctl(PR_GET_DUMPABLE), prctl(PR_GET_KEEPCAPS));
}

static void walk_ids(void)
{
    int one = ONE_OF(users), two = ONE_OF(users), three = ONE_OF(users);
    switch (pick(14)) {
    case 0:
        told(syscall(SYS_setuid, one), "setuid %d", one);
        break;
    case 1:
        told(syscall(SYS_setreuid, one, two), "setreuid %d %d", one, two);
        break;
    case 2:
    case 3:
        told(syscall(SYS_setresuid, one, two, three), "setresuid %d %d %d", one, two, three);
        break;
    case 4:
        told(syscall(SYS_setgid, one), "setgid %d", one);
        break;
    case 5:
        told(syscall(SYS_setregid, one, two), "setregid %d %d", one, two);
        break;
    case 6:
        told(syscall(SYS_setresgid, one, two, three), "setresgid %d %d %d", one, two, three);
        break;
    case 7:
        told(syscall(SYS_setfsuid, one), "setfsuid %d", one);
        break;
    case 8:
        told(syscall(SYS_setfsgid, one), "setfsgid %d", one);
        break;
    case 9: {
        gid_t groups[2] = {(gid_t)two, 7};
        told(syscall(SYS_setgroups, pick(3), groups), "setgroups %d", two);
        break;
    }
    case 10: {
        struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
        struct __user_cap_data_struct sets[2];
        syscall(SYS_capget, &header, sets);
        unsigned mask = ~(pick(16) << 4);
        sets[0].effective &= mask;
        if (rarely(2))
            sets[0].permitted &= mask;
        if (rarely(3))
            sets[0].inheritable = pick(256);
        if (rarely(8))
            sets[0].effective |= 0xff;
        told(syscall(SYS_capset, &header, sets), "capset %x %x %x", sets[0].effective & 0xff, sets[0].permitted & 0xff,
             sets[0].inheritable & 0xff);
        break;
    }
    case 11: {
        long value = pick(3);
        told(prctl(PR_SET_KEEPCAPS, value, 0, 0, 0), "keepcaps %ld", value);
        break;
    }
    case 12: {
        static const int options[] = {PR_SET_DUMPABLE, PR_CAPBSET_READ, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_GET_SECUREBITS};
        int option = ONE_OF(options);
        long value = option == PR_SET_NO_NEW_PRIVS ? 2 : pick(4);
        told(prctl(option, value, option == PR_CAP_AMBIENT ? 5 : 0, 0, 0), "prctl %d %ld", option, value);
        break;
    }
    default: {
        struct rlimit limit;
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = pick(100) + 50;
        told(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit %ld", (long)limit.rlim_cur);
        break;
    }
    }
    show_ids();
}
