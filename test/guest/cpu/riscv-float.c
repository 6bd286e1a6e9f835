/*
 * What RISC-V alone defines: canonical NaNs, NaN boxing, fmin/fmax of NaNs, saturating conversions, fclass, fcsr.
 * @oracle expect
 * @arch riscv64
 */
#include "check.h"

#ifdef __riscv
static uint64_t bits(double value)
{
    uint64_t result;
    memcpy(&result, &value, 8);
    return result;
}

static double from(uint64_t pattern)
{
    double result;
    memcpy(&result, &pattern, 8);
    return result;
}

#define D2(op, a, b)                                                                                                   \
    ({                                                                                                                 \
        double result_;                                                                                                \
        __asm__ volatile(op " %0, %1, %2" : "=f"(result_) : "f"(from(a)), "f"(from(b)));                               \
        bits(result_);                                                                                                 \
    })
#define D1(op, a)                                                                                                      \
    ({                                                                                                                 \
        double result_;                                                                                                \
        __asm__ volatile(op " %0, %1" : "=f"(result_) : "f"(from(a)));                                                 \
        bits(result_);                                                                                                 \
    })
#define TO_INT(op, a)                                                                                                  \
    ({                                                                                                                 \
        long result_;                                                                                                  \
        __asm__ volatile(op " %0, %1, rtz" : "=r"(result_) : "f"(from(a)));                                            \
        result_;                                                                                                       \
    })
#define CLASS(op, a)                                                                                                   \
    ({                                                                                                                 \
        long result_;                                                                                                  \
        __asm__ volatile(op " %0, %1" : "=r"(result_) : "f"(from(a)));                                                 \
        result_;                                                                                                       \
    })

#define ONE 0x3ff0000000000000u
#define QUIET 0xfff8000000000123u
#define SIGNALLING 0x7ff0000000000001u
#define INFINITE 0x7ff0000000000000u
#define MINUS_ZERO 0x8000000000000000u
#define FLOAT_ONE 0xffffffff3f800000u
#define UNBOXED 0x000000003f800000u

static unsigned long flags(void)
{
    unsigned long result;
    __asm__ volatile("csrrci %0, fflags, 31" : "=r"(result));
    return result;
}

int main(void)
{
    PART("canonical NaNs");
    flags();
    BITS(D2("fadd.d", ONE, QUIET));
    VALUE(flags());
    BITS(D2("fadd.d", ONE, SIGNALLING));
    VALUE(flags());
    BITS(D2("fsub.d", INFINITE, INFINITE));
    VALUE(flags());
    BITS(D1("fsqrt.d", 0xbff0000000000000u));
    BITS(D1("fcvt.s.d", QUIET));
    flags();

    PART("minimum and maximum");
    BITS(D2("fmin.d", ONE, QUIET));
    BITS(D2("fmax.d", QUIET, ONE));
    VALUE(flags());
    BITS(D2("fmin.d", SIGNALLING, ONE));
    VALUE(flags());
    BITS(D2("fmin.d", QUIET, QUIET));
    BITS(D2("fmin.d", 0, MINUS_ZERO));
    BITS(D2("fmax.d", MINUS_ZERO, 0));

    PART("NaN boxing");
    BITS(D2("fadd.s", FLOAT_ONE, FLOAT_ONE));
    BITS(D2("fadd.s", FLOAT_ONE, UNBOXED));
    BITS(D2("fsgnj.s", FLOAT_ONE, UNBOXED));
    BITS(D1("fmv.s", UNBOXED));
    BITS(D2("fsgnjn.d", UNBOXED, UNBOXED));
    VALUE(CLASS("fmv.x.w", 0x1234567880000000u));
    VALUE(CLASS("fclass.s", UNBOXED));
    VALUE(CLASS("fclass.s", FLOAT_ONE));
    flags();

    PART("conversions that saturate");
    VALUE(TO_INT("fcvt.w.d", 0x41f0000000000000u));
    VALUE(flags());
    VALUE(TO_INT("fcvt.w.d", 0xc1f0000000000000u));
    VALUE(TO_INT("fcvt.w.d", QUIET));
    VALUE(TO_INT("fcvt.wu.d", 0xbff0000000000000u));
    VALUE(TO_INT("fcvt.wu.d", 0x41efffffffe00000u));
    VALUE(TO_INT("fcvt.wu.d", 0x4202000000000000u));
    VALUE(TO_INT("fcvt.l.d", 0x43f0000000000000u));
    VALUE(TO_INT("fcvt.l.d", 0xfff0000000000000u));
    VALUE(TO_INT("fcvt.lu.d", 0xbff0000000000000u));
    BITS(TO_INT("fcvt.lu.d", 0x43efffffffffffffu));
    BITS(TO_INT("fcvt.lu.d", QUIET));
    flags();
    VALUE(TO_INT("fcvt.lu.d", 0xbfe0000000000000u));
    VALUE(flags());

    PART("classes");
    VALUE(CLASS("fclass.d", 0xfff0000000000000u));
    VALUE(CLASS("fclass.d", 0xbff0000000000000u));
    VALUE(CLASS("fclass.d", 0x8000000000000001u));
    VALUE(CLASS("fclass.d", MINUS_ZERO));
    VALUE(CLASS("fclass.d", 0));
    VALUE(CLASS("fclass.d", 1));
    VALUE(CLASS("fclass.d", ONE));
    VALUE(CLASS("fclass.d", INFINITE));
    VALUE(CLASS("fclass.d", SIGNALLING));
    VALUE(CLASS("fclass.d", QUIET));

    PART("fcsr");
    unsigned long old;
    __asm__ volatile("csrrwi %0, fcsr, 0" : "=r"(old));
    __asm__ volatile("csrrw %0, fcsr, %1" : "=r"(old) : "r"(0xffffffffffffffffu));
    __asm__ volatile("csrr %0, fcsr" : "=r"(old));
    BITS(old);
    __asm__ volatile("csrr %0, frm" : "=r"(old));
    VALUE(old);
    __asm__ volatile("csrrwi %0, fcsr, 0" : "=r"(old));
    return 0;
}
#else
int main(void) { return 0; }
#endif
