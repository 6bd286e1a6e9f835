/* An access that lies across two pages: si_addr is in the page that is not there, wherever the access begins. */
#include "fault.h"
#include <sys/mman.h>

static volatile int opened;
static char *base;
static volatile long pages[4];

static void open_page(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    if (opened == 4)
        _exit(3);
    pages[opened++] = ((char *)info->si_addr - base) / PAGE;
    mprotect((void *)((uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1)), PAGE, PROT_READ | PROT_WRITE);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = open_page, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    base = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    PART("the second page is missing");
    mprotect(base, PAGE, PROT_READ | PROT_WRITE);
    *(volatile uint64_t *)(base + PAGE - 4) = 0x1122334455667788;
    VALUE(opened);
    VALUE(pages[0]);
    BITS(*(volatile uint64_t *)(base + PAGE - 4));

    PART("both are");
    opened = 0;
    *(volatile uint32_t *)(base + 3 * PAGE - 2) = 0x99aabbcc;
    VALUE(opened);
    BITS(*(volatile uint32_t *)(base + 3 * PAGE - 2));
    return 0;
}
