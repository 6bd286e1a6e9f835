/*
 * Indirect functions: the resolver runs before main, once, and its choice is called.
 * @link static dynamic
 */
#include "check.h"

static int resolved;
static int plain(void) { return 41; }

static int (*resolve(void))(void)
{
    resolved++;
    return plain;
}

int indirect(void) __attribute__((ifunc("resolve")));

int main(void)
{
    VALUE(indirect());
    VALUE(indirect() + 1);
    VALUE(resolved);
    int (*pointer)(void) = indirect;
    VALUE(pointer());
    VALUE(resolved >= 1);
    return 0;
}
