/*
 * IEEE arithmetic as bits, where all architectures agree: every rounding mode, flags, subnormals, conversions in range,
 * fused multiply-add, square roots. NaNs are compared as "nan": their sign and payload differ by architecture.
 * @flags -ffp-contract=off -frounding-math
 */
#include "check.h"
#include <fenv.h>
#include <math.h>

static const double values[] = {
    0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 3.0, 0.1, -0.1, 1e-300, 1e300, -1e300, 5e-324, -5e-324, 2.2250738585072014e-308,
    2.2250738585072009e-308, 1.7976931348623157e308, 4503599627370495.5, 9007199254740993.0, 1.0000000000000002,
    0.99999999999999989, 123456.789, INFINITY, -INFINITY, NAN,
};
enum { COUNT = sizeof values / sizeof *values };
static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
static const char *const mode_names[] = {"nearest", "zero", "down", "up"};

static uint64_t sum = 1;

static void fold_bits(uint64_t bits) { sum = (sum ^ bits) * 0x100000001b3u + (sum >> 31); }

static void fold(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, 8);
    fold_bits(isnan(value) ? 0x7ff8000000000000u : bits);
}

static void fold_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, 4);
    fold_bits(isnan(value) ? 0x7fc00000u : bits);
}

/* The five flags in a fixed order. Underflow is left out: tininess is detected before or after rounding, as one likes. */
static void fold_flags(void)
{
    int raised = fetestexcept(FE_ALL_EXCEPT);
    fold_bits((raised & FE_INVALID ? 1u : 0) | (raised & FE_DIVBYZERO ? 2u : 0) | (raised & FE_OVERFLOW ? 4u : 0) |
              (raised & FE_INEXACT ? 8u : 0));
    feclearexcept(FE_ALL_EXCEPT);
}

static void show(const char *what, int mode)
{
    printf("%s, %s: %016llx\n", what, mode_names[mode], (unsigned long long)sum);
    sum = 1;
}

#define PAIRS(name, mode, statement)                                                                                   \
    for (int i = 0; i < COUNT; i++)                                                                                    \
        for (int j = 0; j < COUNT; j++) {                                                                              \
            volatile double x = values[i], y = values[j];                                                              \
            volatile float xf = (float)x, yf = (float)y;                                                               \
            (void)xf, (void)yf;                                                                                        \
            feclearexcept(FE_ALL_EXCEPT);                                                                              \
            statement;                                                                                                 \
            fold_flags();                                                                                              \
        }                                                                                                              \
    show(name, mode)

/* Never a NaN: whether infinity times zero plus NaN is invalid differs by architecture. */
static double addend(int i) { return values[i % (COUNT - 1)]; }

static void arithmetic(int mode)
{
    PAIRS("add", mode, fold(x + y));
    PAIRS("sub", mode, fold(x - y));
    PAIRS("mul", mode, fold(x *y));
    PAIRS("div", mode, fold(x / y));
    PAIRS("addf", mode, fold_float(xf + yf));
    PAIRS("subf", mode, fold_float(xf - yf));
    PAIRS("mulf", mode, fold_float(xf *yf));
    PAIRS("divf", mode, fold_float(xf / yf));
    PAIRS("sqrt", mode, fold(sqrt(x)));
    PAIRS("sqrtf", mode, fold_float(sqrtf(xf)));
    PAIRS("narrow", mode, fold_float((float)x));
    PAIRS("fma", mode, fold(fma(x, y, addend(i + j))));
    PAIRS("fmaf", mode, fold_float(fmaf(xf, yf, (float)addend(i + 2 * j))));
    PAIRS("from int64", mode, fold((double)(int64_t)(0x7fffffffffffffff >> (i + j) ^ (long)i)));
    PAIRS("from uint64", mode, fold_float((float)(uint64_t)(0xfffffffffffffff1 >> (i + j))));
    PAIRS("rint", mode, fold(rint(x)));
}

static void comparisons(void)
{
    PART("comparisons");
    PAIRS("quiet", 0, fold_bits(isless(x, y) | isgreater(x, y) << 1 | islessequal(x, y) << 2 | isunordered(x, y) << 3 | (x == y) << 4));
    PAIRS("signalling", 0, fold_bits((x < y) | (x <= y) << 1 | (x > y) << 2));
    PAIRS("min and max", 0, if (!isnan(x) && !isnan(y) && x != y) fold(fmin(x, y) + 3 * fmax(x, y)));
    PAIRS("signs", 0, fold(copysign(x, y)); fold(fabs(x)); fold(-y); fold_bits(signbit(x) != 0));
    for (int i = 0; i < COUNT; i++)
        printf("%a: class %d%s%s\n", values[i], isfinite(values[i]) ? fpclassify(values[i]) : 9,
               isinf(values[i]) ? " inf" : "", isnan(values[i]) ? " nan" : "");
}

static void conversions(void)
{
    PART("to integers, in range");
    static const double in_range[] = {0.4, 0.5, 0.6, 1.5, 2.5, -0.5, -1.5, -2.5, 1e9, -1e9, 2147483647.0, -2147483648.0, 1e15};
    for (int mode = 0; mode < 4; mode++) {
        fesetround(modes[mode]);
        printf("%s:", mode_names[mode]);
        for (size_t i = 0; i < sizeof in_range / sizeof *in_range; i++) {
            volatile double x = in_range[i];
            printf(" %ld/%ld", (long)x, lrint(x));
        }
        printf("\n");
    }
    fesetround(FE_TONEAREST);
    volatile double nan = NAN, large = 1e30, one = 1, three = 3, zero = 0;
    feclearexcept(FE_ALL_EXCEPT);
    (void)(volatile long){lrint(nan)};
    IS(fetestexcept(FE_INVALID));
    feclearexcept(FE_ALL_EXCEPT);
    (void)(volatile long){(long)large};
    IS(fetestexcept(FE_INVALID));
    feclearexcept(FE_ALL_EXCEPT);
    (void)(volatile double){one / three};
    IS(fetestexcept(FE_ALL_EXCEPT) == FE_INEXACT);
    (void)(volatile double){one / zero};
    IS(fetestexcept(FE_DIVBYZERO));
    fexcept_t saved;
    fegetexceptflag(&saved, FE_ALL_EXCEPT);
    feclearexcept(FE_ALL_EXCEPT);
    IS(fetestexcept(FE_ALL_EXCEPT) == 0);
    fesetexceptflag(&saved, FE_ALL_EXCEPT);
    IS(fetestexcept(FE_DIVBYZERO) && fetestexcept(FE_INEXACT));
    fenv_t held;
    feholdexcept(&held);
    IS(fetestexcept(FE_ALL_EXCEPT) == 0);
    feraiseexcept(FE_OVERFLOW);
    feupdateenv(&held);
    IS(fetestexcept(FE_OVERFLOW) && fetestexcept(FE_DIVBYZERO));
}

int main(void)
{
    for (int mode = 0; mode < 4; mode++) {
        fesetround(modes[mode]);
        IS(fegetround() == modes[mode]);
        arithmetic(mode);
    }
    fesetround(FE_TONEAREST);
    comparisons();
    conversions();
    return 0;
}
