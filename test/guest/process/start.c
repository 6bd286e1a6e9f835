/*
 * What a program is given: argv, envp, auxv, and how they lie on the stack.
 * @args
 * @args one two three
 * @args a=b -- --flag -x
 * @env GUEST_A=1 GUEST_B=two GUEST_EMPTY=
 * @link static dynamic musl
 */
#include "check.h"
#include <elf.h>
#include <sys/auxv.h>

extern char **environ;

static const struct {
    const char *name;
    unsigned long type;
} required[] = {
    {"AT_PHDR", AT_PHDR},     {"AT_PHENT", AT_PHENT},   {"AT_PHNUM", AT_PHNUM},   {"AT_PAGESZ", AT_PAGESZ},
    {"AT_ENTRY", AT_ENTRY},   {"AT_UID", AT_UID},       {"AT_EUID", AT_EUID},     {"AT_GID", AT_GID},
    {"AT_EGID", AT_EGID},     {"AT_CLKTCK", AT_CLKTCK}, {"AT_SECURE", AT_SECURE}, {"AT_RANDOM", AT_RANDOM},
    {"AT_EXECFN", AT_EXECFN}, {"AT_HWCAP", AT_HWCAP},   {"AT_SYSINFO_EHDR", AT_SYSINFO_EHDR},
};

int main(int argc, char **argv, char **envp)
{
    VALUE(argc);
    for (int i = 1; i < argc; i++)
        printf("argv[%d] = %s\n", i, argv[i]);
    IS(argv[argc] == NULL);
    const char *base = strrchr(argv[0], '/');
    IS(base && strstr(base, "start") != NULL);

    PART("environment");
    for (char **at = envp; *at; at++)
        if (!strncmp(*at, "GUEST_", 6) && strncmp(*at, "GUEST_SCRATCH", 13))
            printf("%s\n", *at);
    IS(envp == environ && envp == argv + argc + 1);
    IS(getenv("GUEST_NONE") == NULL);
    IS(getenv("GUEST_EMPTY") && !*getenv("GUEST_EMPTY"));

    PART("strings lie one behind the other");
    int in_order = 1;
    const char *expected = argv[0];
    for (int i = 0; i < argc; i++) {
        in_order &= argv[i] == expected;
        expected = argv[i] + strlen(argv[i]) + 1;
    }
    for (char **at = envp; *at; at++) {
        in_order &= *at == expected;
        expected = *at + strlen(*at) + 1;
    }
    IS(in_order);

    PART("auxiliary vector");
    char **end = envp;
    while (*end)
        end++;
    const Elf64_auxv_t *vector = (const Elf64_auxv_t *)(end + 1);
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        const Elf64_auxv_t *at = vector;
        while (at->a_type != AT_NULL && at->a_type != required[i].type)
            at++;
        printf("%s: %s\n", required[i].name, at->a_type == AT_NULL ? "absent" : "present");
    }
    VALUE(getauxval(AT_PAGESZ));
    VALUE(getauxval(AT_PHENT));
    VALUE(getauxval(AT_CLKTCK));
    VALUE(getauxval(AT_SECURE));
    IS(getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid());
    IS(getauxval(AT_PHNUM) >= 3 && getauxval(AT_PHNUM) < 30);
    IS(((const Elf64_Phdr *)getauxval(AT_PHDR))->p_type != 0);
    IS(strstr((const char *)getauxval(AT_EXECFN), "start") != NULL);
    const unsigned char *random = (const unsigned char *)getauxval(AT_RANDOM);
    int bits = 0;
    for (int i = 0; i < 16; i++)
        bits |= random[i];
    IS(bits != 0);

    PART("the vDSO");
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
    if (header) {
        VALUE(memcmp(header->e_ident, ELFMAG, SELFMAG));
        IS(header->e_type == ET_DYN && header->e_phnum > 0);
    }
    return 0;
}
