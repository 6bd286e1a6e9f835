/*
 * sigsetjmp(3), siglongjmp(3): out of handlers, nested ones, with and without the mask.
 * @link static musl
 */
#include "check.h"
#include <setjmp.h>
#include <sys/time.h>

static sigjmp_buf out;
static volatile int count;

static void leave(int signal)
{
    count++;
    siglongjmp(out, signal);
}

static void nested(int signal)
{
    if (signal == SIGUSR1)
        raise(SIGUSR2);
    leave(signal);
}

static int blocked(int signal)
{
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    return sigismember(&now, signal);
}

int main(void)
{
    PART("a handler that never returns, a thousand times");
    signal(SIGUSR1, leave);
    int last = 0;
    for (int i = 0; i < 1000; i++) {
        int result = sigsetjmp(out, 1);
        if (!result)
            raise(SIGUSR1);
        last = result;
    }
    VALUE(count);
    VALUE(last);
    VALUE(blocked(SIGUSR1));

    PART("without the mask");
    if (!sigsetjmp(out, 0))
        raise(SIGUSR1);
    VALUE(blocked(SIGUSR1));
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    PART("out of two handlers at once");
    signal(SIGUSR1, nested);
    signal(SIGUSR2, leave);
    int result = sigsetjmp(out, 1);
    if (!result)
        raise(SIGUSR1);
    VALUE(result);
    VALUE(blocked(SIGUSR1));
    VALUE(blocked(SIGUSR2));

    PART("out of a loop that never ends");
    signal(SIGALRM, leave);
    struct itimerval soon = {{0, 0}, {0, 30000}};
    result = sigsetjmp(out, 1);
    if (!result) {
        setitimer(ITIMER_REAL, &soon, NULL);
        for (;;)
            __asm__ volatile("");
    }
    VALUE(result);

    PART("longjmp returns 1 for 0");
    jmp_buf plain;
    volatile int times = 0;
    result = setjmp(plain);
    if (times++ == 0)
        longjmp(plain, 0);
    VALUE(result);
    return 0;
}
