/* setitimer(2) with ITIMER_VIRTUAL and ITIMER_PROF: timers that run while the program does. */
#include "check.h"
#include <sys/time.h>
#include <time.h>

static volatile int virtual_ticks, profile_ticks;
static void on_virtual(int signal) { (void)signal, virtual_ticks++; }
static void on_profile(int signal) { (void)signal, profile_ticks++; }

int main(void)
{
    signal(SIGVTALRM, on_virtual);
    signal(SIGPROF, on_profile);
    struct itimerval every = {{0, 20000}, {0, 20000}}, none = {{0, 0}, {0, 0}};
    DO(setitimer(ITIMER_VIRTUAL, &every, NULL));
    DO(setitimer(ITIMER_PROF, &every, NULL));
    while (virtual_ticks < 2 || profile_ticks < 2)
        ;
    DO(setitimer(ITIMER_VIRTUAL, &none, NULL));
    DO(setitimer(ITIMER_PROF, &none, NULL));
    IS(virtual_ticks >= 2 && profile_ticks >= 2);
    return 0;
}
