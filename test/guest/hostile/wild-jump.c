/* Jumps to where no code is: the fault is at the target, the program can go on. */
#include "fault.h"
#include <sys/mman.h>

static char data[4096] __attribute__((aligned(4096))) = {0x13, 0, 0, 0};

static void jump(const char *what, void *to)
{
    void (*function)(void);
    memcpy(&function, &to, sizeof function);
    fault_signal = 0;
    if (!sigsetjmp(fault_return, 1))
        function();
    printf("%s: %s, address %s\n", what, fault_name(), fault_address == to ? "right" : "wrong");
}

int main(void)
{
    char stack[64] __attribute__((aligned(16))) = {0x13, 0, 0, 0};
    catch_faults();
    char *area = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(area + PAGE, PAGE);
    mprotect(area + 2 * PAGE, PAGE, PROT_NONE);
    for (int i = 0; i < 3; i++) {
        jump("null", NULL);
        jump("page 0", (void *)64);
        jump("unmapped", area + PAGE + 16);
        jump("PROT_NONE", area + 2 * PAGE);
        jump("heap that may not be executed", area);
        jump("data", data);
        jump("stack", stack);
        jump("far away", (void *)0x200000001000);
    }
    return 0;
}
