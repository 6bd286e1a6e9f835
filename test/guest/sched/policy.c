/* sched_setscheduler(2), sched_setparam(2), sched_setattr(2), getpriority(2): what is accepted, kept and inherited. */
#include "check.h"
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* struct sched_attr of linux/sched/types.h, which cannot be included beside every libc's sched.h. */
static struct attributes {
    uint32_t size, sched_policy;
    uint64_t sched_flags;
    int32_t sched_nice;
    uint32_t sched_priority;
    uint64_t sched_runtime, sched_deadline, sched_period;
    uint32_t sched_util_min, sched_util_max;
} attributes;
enum { FLAG_RESET_ON_FORK = 1, FLAG_KEEP_POLICY = 8 };

static long set_attributes(pid_t pid, unsigned flags) { return syscall(SYS_sched_setattr, pid, &attributes, flags); }
static long get_attributes(pid_t pid, unsigned size)
{
    memset(&attributes, 0xff, sizeof attributes);
    return syscall(SYS_sched_getattr, pid, &attributes, size, 0);
}

static struct sched_param priority(int number)
{
    struct sched_param param = {0};
    param.sched_priority = number;
    return param;
}

static int set(int policy, int number)
{
    struct sched_param param = priority(number);
    return sched_setscheduler(0, policy, &param);
}

static int get_priority_of(pid_t pid)
{
    struct sched_param param = priority(-1);
    return sched_getparam(pid, &param) ? -1 : param.sched_priority;
}

static void bounds(void)
{
    PART("bounds");
    for (int policy = 0; policy < 7; policy++) {
        VALUE(sched_get_priority_min(policy));
        VALUE(sched_get_priority_max(policy));
    }
    VALUE(sched_get_priority_max(-1));
}

static void refusals(void)
{
    PART("refusals");
    DO(set(SCHED_OTHER, 1));
    DO(set(SCHED_FIFO, 0));
    DO(set(SCHED_FIFO, 100));
    DO(set(SCHED_RR, -1));
    DO(set(4, 0));
    DO(set(-1, 0));
    DO(set(99, 0));
    DO(sched_setscheduler(0, SCHED_OTHER, NULL));
    DO(sched_setscheduler(0, SCHED_OTHER, (void *)8));
    DO(sched_setscheduler(-1, SCHED_OTHER, NULL));
    DO(sched_getscheduler(-1));
    DO(sched_getscheduler(0x3fffffff));
    DO(sched_getparam(0x3fffffff, &(struct sched_param){0}));
    DO(sched_getparam(0, NULL));
    DO(sched_rr_get_interval(-1, &(struct timespec){0}));
    DO(sched_rr_get_interval(0, (void *)8));
}

/* Without privileges some steps have no way back: each of these parts has a process of its own. */
static void in_child(void (*part)(void))
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        part();
        exit(0);
    }
    waitpid(child, NULL, 0);
}

static void idle(void)
{
    PART("batch and idle");
    DO(set(SCHED_BATCH, 0));
    VALUE(sched_getscheduler(0));
    DO(set(SCHED_IDLE, 0));
    VALUE(sched_getscheduler(0));
}

static void reset_on_fork(void)
{
    PART("reset on fork");
    DO(set(SCHED_OTHER | SCHED_RESET_ON_FORK, 0));
    VALUE(sched_getscheduler(0));
    VALUE(get_priority_of(0));
    DO(sched_setparam(0, &(struct sched_param){0}));
    VALUE(sched_getscheduler(0));
}

static void nice_values(void)
{
    PART("nice values");
    DO(setpriority(PRIO_PROCESS, 0, 3));
    VALUE(getpriority(PRIO_PROCESS, 0));
    VALUE(nice(2));
    DO(setpriority(PRIO_PROCESS, 0, 99));
    VALUE(getpriority(PRIO_PROCESS, getpid()));
    DO(getpriority(9, 0));
    DO(getpriority(PRIO_PROCESS, 0x3fffffff));
    DO(setpriority(PRIO_PROCESS, 0x3fffffff, 0));
    /* Setting a policy leaves it alone. */
    DO(set(SCHED_BATCH, 0));
    VALUE(getpriority(PRIO_PROCESS, 0));
}

static void what_is_inherited(void)
{
    VALUE(sched_getscheduler(0));
    VALUE(getpriority(PRIO_PROCESS, 0));
}

static void by_attributes(void)
{
    PART("attributes");
    attributes = (struct attributes){.size = sizeof attributes, .sched_policy = SCHED_BATCH, .sched_nice = 19};
    DO(set_attributes(0, 0));
    DO(get_attributes(0, sizeof attributes));
    VALUE(attributes.size);
    VALUE(attributes.sched_policy);
    VALUE(attributes.sched_nice);
    VALUE(attributes.sched_priority);
    VALUE(attributes.sched_flags);
    DO(get_attributes(0, 47));
    DO(get_attributes(0, 5000));
    DO(get_attributes(0, 48));
    VALUE(attributes.size);
    DO(get_attributes(-1, sizeof attributes));
    attributes = (struct attributes){.size = 0, .sched_policy = SCHED_OTHER, .sched_nice = 25};
    DO(set_attributes(0, 1));
    DO(set_attributes(0, 0));
    VALUE(getpriority(PRIO_PROCESS, 0));
    attributes = (struct attributes){.size = 47};
    DO(set_attributes(0, 0));
    IS(attributes.size >= sizeof attributes);
    attributes = (struct attributes){.size = 48, .sched_policy = 77, .sched_nice = 19};
    DO(set_attributes(0, 0));
    attributes = (struct attributes){.size = 48, .sched_flags = 1UL << 40, .sched_nice = 19};
    DO(set_attributes(0, 0));
    attributes = (struct attributes){.size = 48, .sched_flags = FLAG_RESET_ON_FORK, .sched_nice = 19};
    DO(set_attributes(0, 0));
    VALUE(sched_getscheduler(0));
    in_child(what_is_inherited);
    attributes = (struct attributes){.size = 48, .sched_policy = SCHED_IDLE, .sched_flags = FLAG_KEEP_POLICY, .sched_nice = 19};
    DO(set_attributes(0, 0));
    VALUE(sched_getscheduler(0));
}

int main(void)
{
    bounds();
    refusals();
    in_child(idle);
    in_child(reset_on_fork);
    in_child(nice_values);
    in_child(by_attributes);
    PART("inheritance");
    DO(set(SCHED_BATCH, 0));
    DO(setpriority(PRIO_PROCESS, 0, 19));
    in_child(what_is_inherited);
    return 0;
}
