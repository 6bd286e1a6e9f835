/* makecontext(3), swapcontext(3), setjmp(3): several stacks in one thread, switched a hundred thousand times. */
#include "check.h"
#include <setjmp.h>
#include <ucontext.h>

enum { TASKS = 5, STACK = 65536, ROUNDS = 20000 };

static ucontext_t main_context, tasks[TASKS];
static unsigned long sums[TASKS];
static long switches;

static void body(int me, int step)
{
    double kept = me + 0.5;
    for (int i = 0; i < ROUNDS; i++) {
        volatile int local = me * i;
        kept = kept * 0.5 + step;
        switches++;
        swapcontext(&tasks[me], &tasks[(me + 1) % TASKS]);
        sums[me] += (unsigned long)local + (unsigned long)(kept * 1000);
    }
}

#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static void deep(int n, jmp_buf out)
{
    volatile char frame[100];
    frame[0] = (char)n;
    if (n == 0)
        longjmp(out, 5);
    deep(n - 1, out);
    frame[1] = frame[0];
}

int main(void)
{
    for (int i = 0; i < TASKS; i++) {
        getcontext(&tasks[i]);
        tasks[i].uc_stack.ss_sp = malloc(STACK);
        tasks[i].uc_stack.ss_size = STACK;
        tasks[i].uc_link = i + 1 < TASKS ? &tasks[i + 1] : &main_context;
        makecontext(&tasks[i], (void (*)(void))body, 2, i, i + 3);
    }
    DO(swapcontext(&main_context, &tasks[0]));
    VALUE(switches);
    for (int i = 0; i < TASKS; i++)
        VALUE(sums[i]);

    PART("longjmp over two thousand frames");
    volatile long total = 0;
    for (volatile int i = 0; i < 20; i++) {
        jmp_buf out;
        int result = setjmp(out);
        if (!result)
            deep(2000, out);
        total += result;
    }
    VALUE(total);
    return 0;
}
