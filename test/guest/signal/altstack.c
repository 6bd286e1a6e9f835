/* sigaltstack(2), SA_ONSTACK: where a handler runs, nesting, errors, and a handler after the stack has overflowed. */
#include "check.h"
#include <setjmp.h>

enum { SIZE = 65536 };
static char *alternate;
static volatile int on_it, flags_inside, change_errno, inner_on_it;

static int within(const volatile void *at)
{
    return (const volatile char *)at >= alternate && (const volatile char *)at < alternate + SIZE;
}

static void handler(int signal)
{
    volatile char here = 0;
    stack_t now, other = {.ss_sp = alternate, .ss_size = SIZE};
    on_it = within(&here);
    sigaltstack(NULL, &now);
    flags_inside = now.ss_flags;
    errno = 0;
    sigaltstack(&other, NULL);
    change_errno = errno;
    if (signal == SIGUSR1)
        raise(SIGUSR2);
    else
        inner_on_it = within(&here);
}

static void install(int signal, int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(signal, &action, NULL);
}

static sigjmp_buf out;
static volatile int overflow_on_it;

static void overflowed(int signal)
{
    volatile char here = 0;
    (void)signal;
    overflow_on_it = within(&here);
    siglongjmp(out, 1);
}

static volatile int frames;

#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static int dig(int n)
{
    volatile char frame[1000];
    frame[n % 1000] = (char)n;
    frames++;
    return dig(n + 1) + frame[n % 1000];
}

int main(void)
{
    stack_t now, old;
    DO(sigaltstack(NULL, &now));
    IS(now.ss_flags == SS_DISABLE);
    alternate = malloc(SIZE);
    stack_t stack = {.ss_sp = alternate, .ss_size = SIZE};
    DO(sigaltstack(&stack, &old));
    DO(sigaltstack(NULL, &now));
    IS(now.ss_sp == alternate && now.ss_size == SIZE && now.ss_flags == 0);

    PART("SA_ONSTACK");
    install(SIGUSR2, 0);
    install(SIGUSR1, SA_ONSTACK);
    raise(SIGUSR1);
    VALUE(inner_on_it);
    VALUE(on_it);
    IS(flags_inside == SS_ONSTACK);
    IS(change_errno == EPERM);
    raise(SIGUSR2);
    VALUE(on_it);
    VALUE(flags_inside);
    VALUE(change_errno);

    PART("refused");
    stack.ss_size = 100;
    DO(sigaltstack(&stack, NULL));
    stack.ss_size = SIZE;
    stack.ss_flags = 64;
    DO(sigaltstack(&stack, NULL));
    DO(sigaltstack((void *)16, NULL));
    stack.ss_flags = 0;
    DO(sigaltstack(&stack, NULL));

    PART("after an overflow of the stack");
    struct sigaction action = {.sa_handler = overflowed, .sa_flags = SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    for (int i = 0; i < 3; i++) {
        frames = 0;
        if (!sigsetjmp(out, 1))
            dig(0);
        VALUE(overflow_on_it);
        IS(frames > 5000 && frames < 9000);
    }

    PART("SS_DISABLE");
    stack.ss_flags = SS_DISABLE;
    DO(sigaltstack(&stack, NULL));
    raise(SIGUSR1);
    VALUE(on_it);
    return 0;
}
