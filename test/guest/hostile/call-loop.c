/*
 * Calls that never return and never touch the stack, or change stacks on the way: whatever the translator keeps on the
 * host's stack for a call must not grow without end. Linux lets these run until the alarm; ending the process with
 * SIGSEGV is the other answer that is allowed.
 * @arch riscv64
 * @oracle status 142 139
 * @args self
 * @args pair
 * @args stacks
 * @args pointer
 * @args deep-then-exit
 */
#include "check.h"

#ifdef __riscv
void call_self(void);
void call_pair(void);
void call_with_two_stacks(void *a, void *b);
void climb(long count);
__asm__(".globl call_self, call_pair, call_with_two_stacks, climb\n"
        "call_self: jal ra, call_self\n"
        "call_pair: jal ra, 2f\n"
        "2: jal ra, call_pair\n"
        "call_with_two_stacks: mv sp, a0\n addi sp, sp, -16\n sd ra, 0(sp)\n mv t0, a0\n mv a0, a1\n mv a1, t0\n"
        "jal ra, call_with_two_stacks\n"
        /* counts down by calling itself without a frame, then leaves through exit_group */
        "climb: addi a0, a0, -1\n beqz a0, 3f\n jal ra, climb\n"
        "3: li a0, 142\n li a7, 94\n ecall\n");

static char stacks[2][65536];
int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "self";
    printf("%s\n", how);
    alarm(2);
    if (!strcmp(how, "self"))
        call_self();
    else if (!strcmp(how, "pair"))
        call_pair();
    else if (!strcmp(how, "stacks"))
        call_with_two_stacks(stacks[0] + 65000, stacks[1] + 65000);
    else if (!strcmp(how, "deep-then-exit"))
        climb(3000000);
    __asm__ volatile("la a0, 1f\n1: jalr ra, a0\n" ::: "a0", "ra");
    return 0;
}
#else
int main(void) { return 0; }
#endif
