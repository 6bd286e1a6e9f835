/* The handler's ucontext: what it says of the interrupted code, and what it changes there. */
#include "check.h"
#include <fenv.h>
#include <ucontext.h>

#ifdef __riscv
#define PC(uc) ((uc)->uc_mcontext.__gregs[REG_PC])
#define FIRST_ARGUMENT(uc) ((uc)->uc_mcontext.__gregs[REG_A0])
#define STACK(uc) ((uc)->uc_mcontext.__gregs[REG_SP])
#else
#define PC(uc) (*(unsigned long *)&(uc)->uc_mcontext.gregs[REG_RIP])
#define FIRST_ARGUMENT(uc) (*(unsigned long *)&(uc)->uc_mcontext.gregs[REG_RDI])
#define STACK(uc) (*(unsigned long *)&(uc)->uc_mcontext.gregs[REG_RSP])
#endif

static volatile unsigned long seen_argument, seen_stack;
static volatile int handled;

/* Faults in its first instruction with its argument in a register, then returns what that register holds. */
unsigned long load_or_answer(unsigned long address);
extern char load_here[], load_done[];
#ifdef __riscv
__asm__(".globl load_or_answer, load_here, load_done\n.type load_or_answer, @function\nload_or_answer:\n"
        "load_here: ld a0, 0(a0)\nload_done: ret\n");
#else
__asm__(".globl load_or_answer, load_here, load_done\n.type load_or_answer, @function\nload_or_answer:\n"
        "load_here: mov (%rdi), %rdi\nload_done: mov %rdi, %rax\nret\n");
#endif

static void skip(int signal, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)signal, (void)info;
    handled += PC(uc) == (unsigned long)load_here;
    seen_argument = FIRST_ARGUMENT(uc);
    seen_stack = STACK(uc);
    FIRST_ARGUMENT(uc) = 0x123456789abcdef0;
    PC(uc) = (unsigned long)load_done;
}

static unsigned long good = 77;

static void point_elsewhere(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    handled++;
    FIRST_ARGUMENT((ucontext_t *)context) = (unsigned long)&good;
}

static void use_floats(int signal)
{
    (void)signal;
    volatile double a = 1.5;
    for (int i = 0; i < 20; i++)
        a = a * 1.25 + i;
    fesetround(FE_TOWARDZERO);
    feraiseexcept(FE_OVERFLOW);
    handled++;
}

static void change_mask(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGUSR2);
}

static void install(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(signal, &action, NULL);
    handled = 0;
}

int main(void)
{
    PART("a faulting instruction is skipped, its register is set");
    volatile char here = 0;
    install(SIGSEGV, skip);
    BITS(load_or_answer(24));
    VALUE(handled);
    VALUE(seen_argument);
    IS((unsigned long)&here - seen_stack < 4096 || seen_stack - (unsigned long)&here < 4096);

    PART("the access is made again with another address");
    install(SIGSEGV, point_elsewhere);
    VALUE(load_or_answer(40));
    VALUE(handled);

    PART("floating point registers, rounding and flags are the interrupted code's");
    struct sigaction action = {.sa_handler = use_floats};
    sigaction(SIGUSR1, &action, NULL);
    feclearexcept(FE_ALL_EXCEPT);
    fesetround(FE_UPWARD);
    double kept[12];
    volatile double one = 1;
    for (int i = 0; i < 12; i++)
        kept[i] = one * i + 0.125;
    raise(SIGUSR1);
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += kept[i];
    printf("sum %a\n", sum);
    IS(fegetround() == FE_UPWARD);
    IS(fetestexcept(FE_OVERFLOW) == 0);
    fesetround(FE_TONEAREST);

    PART("the mask after the handler is uc_sigmask");
    install(SIGUSR1, change_mask);
    raise(SIGUSR1);
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    VALUE(sigismember(&now, SIGUSR1));
    VALUE(sigismember(&now, SIGUSR2));
    return 0;
}
