/* A dense product of double matrices. All values are small integers, so that every order of rounding gives one result. */
#include "kernel.h"

enum { SIDE = 200 };

static double a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];

static void multiply(void)
{
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++)
            c[i][j] = 0;
        for (int k = 0; k < SIDE; k++)
            for (int j = 0; j < SIDE; j++)
                c[i][j] += a[i][k] * b[k][j];
    }
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 1900);
    uint64_t sum = 0;
    for (long round = 0; round < rounds; round++) {
        for (int i = 0; i < SIDE; i++)
            for (int j = 0; j < SIDE; j++) {
                a[i][j] = (double)((i * 7 + j * 3 + round) % 61);
                b[i][j] = (double)((i * 5 + j * 11) % 53);
            }
        multiply();
        for (int i = 0; i < SIDE; i++)
            sum = fold(sum, (uint64_t)c[i][(i * 17) % SIDE]);
    }
    return report("matmul", sum);
}
