/*
 * What the loader and libc's start-up have to get right before main: constructors in order, thread-local variables,
 * alignment, zeroed .bss, relocated pointers, weak symbols.
 * @link static dynamic musl musl-static-pie musl-dynamic
 */
#include "check.h"

static int order[8], constructed;
__attribute__((constructor(201))) static void second(void) { order[constructed++] = 2; }
__attribute__((constructor(101))) static void first(void) { order[constructed++] = 1; }
__attribute__((constructor)) static void third(void) { order[constructed++] = 3; }
__attribute__((destructor)) static void at_end(void) { printf("destructor\n"); }

static _Thread_local int local_value = 17;
static _Thread_local char local_zero[100];
_Thread_local long exported_value = 99;
static _Thread_local struct {
    _Alignas(64) char bytes[64];
} local_aligned = {"aligned"};

static char zeroes[3 << 20];
static _Alignas(4096) char page_aligned[5000] = "page";
static _Alignas(65536) char far_aligned[10];
static const char *const table[] = {"zero", "one", "two"};
static const char *const *const through = &table[1];
static int (*const function)(const char *) = puts;

extern int nowhere(void) __attribute__((weak));

int main(void)
{
    VALUE(constructed);
    printf("%d %d %d\n", order[0], order[1], order[2]);

    PART("thread-local variables");
    VALUE(local_value);
    VALUE(exported_value);
    local_value++;
    exported_value -= 9;
    VALUE(local_value);
    VALUE(exported_value);
    int any = 0;
    for (size_t i = 0; i < sizeof local_zero; i++)
        any |= local_zero[i];
    VALUE(any);
    IS((uintptr_t)&local_aligned % 64 == 0);
    TEXT(local_aligned.bytes, 7);

    PART("data");
    for (size_t i = 0; i < sizeof zeroes; i++)
        any |= zeroes[i];
    VALUE(any);
    zeroes[sizeof zeroes - 1] = 1;
    IS((uintptr_t)page_aligned % 4096 == 0);
    IS((uintptr_t)far_aligned % 65536 == 0);
    TEXT(page_aligned, 5);
    printf("%s %s %s\n", table[0], *through, through[1]);
    function("called through a pointer");
    IS(nowhere == NULL);
    VALUE(strtol("123456789012", NULL, 10));
    char *copy = strdup("from the heap");
    printf("%s\n", copy);
    free(copy);
    return 42;
}
