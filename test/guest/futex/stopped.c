/* A process that is stopped and continued while it sleeps on a futex: the call goes on, with the deadline that it had. */
#include "futex.h"
#include <sys/wait.h>

static volatile uint32_t word;

static void disturb(pid_t target)
{
    for (int i = 0; i < 3; i++) {
        pause_ms(40);
        kill(target, SIGSTOP);
        pause_ms(40);
        kill(target, SIGCONT);
    }
    _exit(0);
}

static void sleep_disturbed(const char *title, int op, clockid_t clock, int absolute)
{
    PART(title);
    pid_t self = getpid(), child = fork();
    if (child == 0)
        disturb(self);
    struct timespec relative = {0, 500000000}, until = in_ms(clock, 500);
    long before = now_ms();
    DO(futex(&word, P(op), 0, absolute ? &until : &relative, &word + 1, FUTEX_BITSET_MATCH_ANY));
    long waited = now_ms() - before;
    IS(waited >= 495 && waited < 3000);
    DO(waitpid(child, NULL, 0));
}

int main(void)
{
    sleep_disturbed("relative", FUTEX_WAIT, CLOCK_MONOTONIC, 0);
    sleep_disturbed("monotonic", FUTEX_WAIT_BITSET, CLOCK_MONOTONIC, 1);
    sleep_disturbed("realtime", FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, CLOCK_REALTIME, 1);
    return 0;
}
