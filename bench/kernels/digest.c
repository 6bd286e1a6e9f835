/* A block digest in the manner of the ARX hashes: rotations, additions and xors with all of the state in registers. */
#include "kernel.h"

static inline uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

static void mix(uint32_t state[8], const uint32_t block[16])
{
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int round = 0; round < 48; round++) {
        uint32_t word = block[(round * 5 + (round >> 4)) & 15] + 0x9e3779b9u * (uint32_t)round;
        uint32_t choice = (e & f) ^ (~e & g), most = (a & b) ^ (a & c) ^ (b & c);
        uint32_t one = h + (rotate(e, 26) ^ rotate(e, 21) ^ rotate(e, 7)) + choice + word;
        uint32_t two = (rotate(a, 30) ^ rotate(a, 19) ^ rotate(a, 10)) + most;
        h = g;
        g = f;
        f = e;
        e = d + one;
        d = c;
        c = b;
        b = a;
        a = one + two;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 1900);
    uint32_t state[8] = {1, 2, 3, 4, 5, 6, 7, 8}, block[16];
    for (long i = 0; i < rounds; i++)
        for (uint32_t k = 0; k < 10000; k++) {
            for (uint32_t w = 0; w < 16; w++)
                block[w] = state[w & 7] ^ (k * 16 + w);
            mix(state, block);
        }
    uint64_t sum = 0;
    for (int i = 0; i < 8; i++)
        sum = fold(sum, state[i]);
    return report("digest", sum);
}
