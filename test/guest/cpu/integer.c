/* Integer arithmetic at its edges: all operations on awkward values, folded into one checksum a group. */
#include "check.h"

static const uint64_t awkward[] = {
    0, 1, 2, 3, 7, 31, 32, 63, 64, 127, 128, 255, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
    0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe, 0xffffffff80000000,
    0xffffffff7fffffff, 0x0123456789abcdef, 0xaaaaaaaaaaaaaaaa, 0x5555555555555555, 0x00000001ffffffff,
};
enum { COUNT = sizeof awkward / sizeof *awkward };

static uint64_t sum;
static void fold(uint64_t value) { sum = (sum ^ value) * 0x100000001b3u + (sum >> 31); }

static void show(const char *what)
{
    printf("%s %016llx\n", what, (unsigned long long)sum);
    sum = 0xcbf29ce484222325u;
}

#define GROUP(name, type, expression)                                                                                  \
    for (int i = 0; i < COUNT; i++)                                                                                    \
        for (int j = 0; j < COUNT; j++) {                                                                              \
            volatile type va = (type)awkward[i], vb = (type)awkward[j];                                                \
            type a = va, b = vb;                                                                                       \
            (void)a, (void)b;                                                                                          \
            fold((uint64_t)(expression));                                                                              \
        }                                                                                                              \
    show(name)

int main(void)
{
    show("start");
    GROUP("add64", uint64_t, a + b);
    GROUP("sub64", uint64_t, a - b);
    GROUP("mul64", uint64_t, a * b);
    GROUP("add32", uint32_t, a + b);
    GROUP("sub32 signed", int32_t, (int32_t)((uint32_t)a - (uint32_t)b));
    GROUP("mul32 signed", int32_t, (int32_t)((uint32_t)a * (uint32_t)b));
    GROUP("mulhu", uint64_t, (uint64_t)((unsigned __int128)a * b >> 64));
    GROUP("mulh", int64_t, (uint64_t)((__int128)a * b >> 64));
    GROUP("mulhsu", int64_t, (uint64_t)((__int128)a * (__int128)(uint64_t)b >> 64));
    GROUP("divu64", uint64_t, b ? a / b : 0);
    GROUP("remu64", uint64_t, b ? a % b : 0);
    GROUP("div64", int64_t, b && !(a == INT64_MIN && b == -1) ? a / b : 0);
    GROUP("rem64", int64_t, b && !(a == INT64_MIN && b == -1) ? a % b : 0);
    GROUP("divu32", uint32_t, b ? a / b : 0);
    GROUP("remu32", uint32_t, b ? a % b : 0);
    GROUP("div32", int32_t, b && !(a == INT32_MIN && b == -1) ? a / b : 0);
    GROUP("rem32", int32_t, b && !(a == INT32_MIN && b == -1) ? a % b : 0);
    GROUP("sll64", uint64_t, a << (b & 63));
    GROUP("srl64", uint64_t, a >> (b & 63));
    GROUP("sra64", int64_t, a >> (b & 63));
    GROUP("sll32", uint32_t, (int64_t)(int32_t)(a << (b & 31)));
    GROUP("srl32", uint32_t, (int64_t)(int32_t)(a >> (b & 31)));
    GROUP("sra32", int32_t, a >> (b & 31));
    GROUP("compare", int64_t, (a < b) | (a <= b) << 1 | ((uint64_t)a < (uint64_t)b) << 2 | (a == b) << 3);
    GROUP("compare32", int32_t, (a < b) | (a <= b) << 1 | ((uint32_t)a < (uint32_t)b) << 2 | (a == b) << 3);
    GROUP("logic", uint64_t, (a & b) ^ (a | ~b) ^ (a ^ b));
    GROUP("counts", uint64_t,
          a ? (uint64_t)__builtin_clzll(a) ^ (uint64_t)__builtin_ctzll(a) << 8 ^ (uint64_t)__builtin_popcountll(a) << 16 : 64);
    GROUP("bytes", uint64_t, __builtin_bswap64(a) ^ __builtin_bswap32((uint32_t)b) ^ __builtin_bswap16((uint16_t)a));
    GROUP("rotate", uint64_t, a << (b & 63) | a >> (-b & 63));
    GROUP("narrow", int64_t, (int64_t)(int8_t)a ^ (int64_t)(int16_t)b ^ (int64_t)(uint8_t)b << 32);
    GROUP("overflow", int64_t, __builtin_add_overflow_p(a, b, (int64_t)0) | __builtin_mul_overflow_p(a, b, (int64_t)0) << 1 |
          __builtin_sub_overflow_p(a, b, (int32_t)0) << 2);
    GROUP("128 bits", uint64_t, b ? (uint64_t)((((unsigned __int128)a << 64) | b) / b) : 1);
    return 0;
}
