/*
 * The stack overflows and nobody handles it.
 * @args plain
 * @args big-frames
 * @args pointer
 * @args alloca
 */
#include "check.h"
#include <alloca.h>

#pragma GCC diagnostic ignored "-Winfinite-recursion"

__attribute__((noinline)) static int plain(int n)
{
    volatile int kept = n;
    return plain(n + 1) + kept;
}

__attribute__((noinline)) static int big(int n)
{
    volatile char frame[100000];
    frame[0] = (char)n;
    return big(n + 1) + frame[0];
}

static int (*volatile through)(int);
__attribute__((noinline)) static int pointer(int n)
{
    volatile int kept = n;
    return through(n + 1) + kept;
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "plain";
    printf("%s\n", how);
    through = pointer;
    if (!strcmp(how, "plain"))
        return plain(1);
    if (!strcmp(how, "big-frames"))
        return big(1);
    if (!strcmp(how, "pointer"))
        return pointer(1);
    for (volatile char *at;; *at = 1)
        at = alloca(1000);
}
