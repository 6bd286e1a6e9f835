/* Precise faults: the signal, its code and address, and that nothing after the faulting access has happened. */
#include "fault.h"
#include <sys/mman.h>

static volatile int before, after;

static void try(const char *what, void (*access)(volatile void *), volatile void *at)
{
    fault_signal = 0;
    before = after = 0;
    if (!sigsetjmp(fault_return, 1)) {
        before = 1;
        access(at);
        after = 1;
    }
    printf("%s: %s, before %d, after %d", what, fault_name(), before, after);
    if (fault_signal)
        printf(", address off by %ld", (long)((char *)fault_address - (char *)at));
    printf("\n");
}

static void load1(volatile void *at) { (void)*(volatile uint8_t *)at; }
static void load2(volatile void *at) { (void)*(volatile uint16_t *)at; }
static void load4(volatile void *at) { (void)*(volatile uint32_t *)at; }
static void load8(volatile void *at) { (void)*(volatile uint64_t *)at; }
static void load_float(volatile void *at) { (void)*(volatile float *)at; }
static void load_double(volatile void *at) { (void)*(volatile double *)at; }
static void store1(volatile void *at) { *(volatile uint8_t *)at = 1; }
static void store2(volatile void *at) { *(volatile uint16_t *)at = 1; }
static void store4(volatile void *at) { *(volatile uint32_t *)at = 1; }
static void store8(volatile void *at) { *(volatile uint64_t *)at = 1; }
static void store_double(volatile void *at) { *(volatile double *)at = 1; }
static void add(volatile void *at) { __atomic_fetch_add((int *)at, 1, __ATOMIC_SEQ_CST); }
static void swap(volatile void *at) { __atomic_exchange_n((long *)at, 1, __ATOMIC_SEQ_CST); }

static const struct {
    const char *name;
    void (*run)(volatile void *);
} accesses[] = {
    {"load1", load1},   {"load2", load2},   {"load4", load4},   {"load8", load8},   {"load float", load_float},
    {"store1", store1}, {"store2", store2}, {"store4", store4}, {"store8", store8}, {"load double", load_double},
    {"add", add},       {"swap", swap},     {"store double", store_double},
};

static void all(const char *where, volatile void *at)
{
    PART(where);
    for (size_t i = 0; i < sizeof accesses / sizeof *accesses; i++)
        try(accesses[i].name, accesses[i].run, at);
}

/* A loop runs off the end of its array: what it wrote before stays written, and the index is the page's size. */
static void runaway(char *page)
{
    PART("a loop that runs off its page");
    static volatile int at;
    fault_signal = 0;
    if (!sigsetjmp(fault_return, 1))
        for (at = 0;; at++)
            page[at] = 'z';
    printf("%s at %ld, index %d, last byte %c\n", fault_name(), (long)((char *)fault_address - page), at, page[PAGE - 1]);
}

int main(void)
{
    catch_faults();
    char *area = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(area + PAGE, PAGE, PROT_READ);
    mprotect(area + 2 * PAGE, PAGE, PROT_NONE);
    munmap(area + 3 * PAGE, PAGE);
    all("mapped", area + 8);
    all("read-only", area + PAGE + 8);
    all("PROT_NONE", area + 2 * PAGE + 8);
    all("unmapped", area + 3 * PAGE + 8);
    all("page 0", (void *)8);
    all("null", NULL);
    mprotect(area + PAGE, PAGE, PROT_NONE);
    runaway(area);
    PART("thrice");
    for (int i = 0; i < 3; i++)
        try("again", load4, area + 2 * PAGE);
    return 0;
}
