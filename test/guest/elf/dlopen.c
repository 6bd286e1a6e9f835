/*
 * Dynamic linking as seen from inside: symbols of libc and libm by name, lazily bound calls, a library that is not there.
 * @link dynamic
 * @flags -ldl
 */
#include "check.h"
#include <dlfcn.h>
#include <link.h>

static int count;

static int each(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size, (void)data;
    count += info->dlpi_phnum > 0;
    return 0;
}

int main(void)
{
    void *self = dlopen(NULL, RTLD_NOW);
    IS(self != NULL);
    int (*number)(const char *) = (int (*)(const char *))dlsym(self, "atoi");
    VALUE(number("4711"));
    IS(dlsym(self, "no_such_symbol_at_all") == NULL);
    IS(dlerror() != NULL);
    void *math = dlopen("libm.so.6", RTLD_LAZY | RTLD_LOCAL);
    IS(math != NULL);
    if (math) {
        double (*root)(double) = (double (*)(double))dlsym(math, "cbrt");
        printf("%g\n", root(27));
        VALUE(dlclose(math));
    }
    IS(dlopen("libnothing-of-this-name.so", RTLD_NOW) == NULL);
    Dl_info where;
    IS(dladdr((void *)number, &where) && strcmp(where.dli_sname, "atoi") == 0);
    dl_iterate_phdr(each, NULL);
    IS(count >= 3);
    return 0;
}
