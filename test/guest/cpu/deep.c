/* Recursion of 100,000 frames, through function pointers too, and mutual recursion: the host's stack must not matter. */
#include "check.h"

__attribute__((noinline)) static long plain(long n) { return n ? plain(n - 1) + (n ^ 5) : 0; }

static long even(long n);
__attribute__((noinline)) static long odd(long n) { return n ? even(n - 1) + 1 : -1; }
__attribute__((noinline)) static long even(long n) { return n ? odd(n - 1) + 2 : 1; }

typedef long (*step)(long, const void *);
__attribute__((noinline)) static long through(long n, const void *next) { return n ? (*(const step *)next)(n - 1, next) + 3 : 0; }

__attribute__((noinline)) static long ackermann(long m, long n)
{
    return !m ? n + 1 : !n ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static int compare(const void *a, const void *b)
{
    static int inside;
    int x = *(const int *)a, y = *(const int *)b;
    if (!inside) {
        int pair[2] = {2, 1};
        inside = 1;
        qsort(pair, 2, sizeof *pair, compare);
        inside = 0;
    }
    return (x > y) - (x < y);
}

int main(void)
{
    for (int i = 0; i < 20; i++)
        if (plain(50000) != plain(49999) + (50000 ^ 5))
            printf("wrong\n");
    VALUE(plain(100000));
    VALUE(even(100001));
    step next = through;
    VALUE(through(60000, &next));
    VALUE(ackermann(2, 2000));
    VALUE(ackermann(3, 8));
    int numbers[2000];
    for (int i = 0; i < 2000; i++)
        numbers[i] = (i * 7919) % 2003;
    qsort(numbers, 2000, sizeof *numbers, compare);
    int sorted = 1;
    for (int i = 1; i < 2000; i++)
        sorted &= numbers[i - 1] <= numbers[i];
    VALUE(sorted);
    return 0;
}
