/*
 * libm to ten digits, printf and strtod of floating point numbers exactly: long double is software on RISC-V.
 * @link static dynamic
 */
#include "check.h"
#include <math.h>

int main(void)
{
    static const double points[] = {-10, -2.5, -1, -0.3, 0, 1e-9, 0.5, 1, 1.7, 2, 3.14159, 10, 42.42, 100, 1e6};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        double x = points[i];
        printf("%g: %.10g %.10g %.10g %.10g %.10g %.10g %.10g %.10g\n", x, sin(x), cos(x), tan(x), atan(x), exp(x / 10),
               log(fabs(x) + 1), cbrt(x), pow(fabs(x), 1.3));
        printf("   %.10g %.10g %.10g %.10g %.10g %.10g\n", sinh(x / 20), tanh(x), erf(x), lgamma(fabs(x) + 0.5),
               hypot(x, 3), fmod(x, 0.7));
        int exponent;
        double whole, mantissa = frexp(x, &exponent);
        printf("   %.17g %d %.17g %.17g %.10g\n", mantissa, exponent, modf(x, &whole), ldexp(x, 5), floor(x) + ceil(x));
    }
    PART("text");
    static const char *const text[] = {"0.1", "1e23", "9007199254740993", "2.2250738585072011e-308", "4.9e-324", "1e400",
                                       "-0x1.8p3", "inf", "123456789012345678901234567890", "0.000000000000000000000000000001"};
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        double value = strtod(text[i], NULL);
        printf("%s = %.17g %a %f\n", text[i], value, value, fabs(value) < 1e100 ? value : 0.0);
    }
    PART("long double");
    volatile long double third = 1.0L / 3;
    printf("%.15Lf %.12Lg\n", third * 3, sqrtl(2.0L));
    long double sum = 0;
    for (int i = 1; i <= 1000; i++)
        sum += 1.0L / i;
    printf("%.14Lf %ld\n", sum, (long)(sum * 1000000));
    printf("%.12Lg\n", strtold("1.25e100", NULL));
    return 0;
}
