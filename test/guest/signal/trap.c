/* SIGILL and SIGTRAP from instructions: the signal, its code, and where it points. */
#include "check.h"
#include <ucontext.h>

#ifdef __riscv
#define PC(uc) ((uc)->uc_mcontext.__gregs[REG_PC])
enum { ILLEGAL_LENGTH = 4, TRAP_LENGTH = 4 };
void illegal_instruction(void);
void breakpoint(void);
extern char illegal_here[], break_here[];
__asm__(".option push\n.option norvc\n"
        "illegal_instruction:\nillegal_here: .4byte 0\nret\n"
        "breakpoint:\nbreak_here: ebreak\nret\n.option pop\n");
#else
#define PC(uc) (*(unsigned long *)&(uc)->uc_mcontext.gregs[REG_RIP])
enum { ILLEGAL_LENGTH = 2, TRAP_LENGTH = 0 /* the pc is behind int3 already */ };
void illegal_instruction(void);
void breakpoint(void);
extern char illegal_here[], break_here[];
__asm__("illegal_instruction:\nillegal_here: ud2\nret\n"
        "breakpoint:\nint3\nbreak_here: ret\n");
#endif

static volatile int signals;

static void handler(int signal, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    signals++;
    if (signal == SIGILL) {
        printf("SIGILL code %d, address %s, pc %s\n", info->si_code == ILL_ILLOPN ? ILL_ILLOPC : info->si_code,
               info->si_addr == illegal_here ? "right" : "wrong", PC(uc) == (unsigned long)illegal_here ? "right" : "wrong");
        PC(uc) += ILLEGAL_LENGTH;
    } else {
        printf("SIGTRAP pc %s\n", PC(uc) == (unsigned long)break_here ? "right" : "wrong");
        PC(uc) += TRAP_LENGTH;
    }
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &action, NULL);
    sigaction(SIGTRAP, &action, NULL);
    illegal_instruction();
    breakpoint();
    illegal_instruction();
    VALUE(signals);
    return 0;
}
