/*
 * The vDSO as a libc reads it: its symbols are found and called, and they answer as the system call does.
 * @link static musl
 */
#include "check.h"
#include <elf.h>
#include <sys/auxv.h>
#include <time.h>

static const char *base;
static const Elf64_Sym *symbols;
static const char *strings;
static size_t count;

static void *pointer(const Elf64_Ehdr *header, unsigned long address)
{
    const Elf64_Phdr *segment = (const void *)(base + header->e_phoff);
    for (int i = 0; i < header->e_phnum; i++)
        if (segment[i].p_type == PT_LOAD)
            return (void *)(base + address - segment[i].p_vaddr + segment[i].p_offset);
    return NULL;
}

static size_t count_by_gnu_hash(const uint32_t *table)
{
    uint32_t buckets = table[0], first = table[1], bloom = table[2], last = 0;
    const uint32_t *bucket = table + 4 + bloom * 2, *chain = bucket + buckets;
    for (uint32_t i = 0; i < buckets; i++)
        last = bucket[i] > last ? bucket[i] : last;
    if (last < first)
        return first;
    while (!(chain[last - first] & 1))
        last++;
    return last + 1;
}

static void parse(void)
{
    const Elf64_Ehdr *header = (const void *)base;
    const Elf64_Phdr *segment = (const void *)(base + header->e_phoff);
    for (int i = 0; i < header->e_phnum; i++) {
        if (segment[i].p_type != PT_DYNAMIC)
            continue;
        for (const Elf64_Dyn *entry = (const void *)(base + segment[i].p_offset); entry->d_tag != DT_NULL; entry++) {
            void *at = pointer(header, entry->d_un.d_ptr);
            if (entry->d_tag == DT_SYMTAB)
                symbols = at;
            else if (entry->d_tag == DT_STRTAB)
                strings = at;
            else if (entry->d_tag == DT_HASH)
                count = ((const uint32_t *)at)[1];
            else if (entry->d_tag == DT_GNU_HASH && !count)
                count = count_by_gnu_hash(at);
        }
    }
}

static void *find(const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (symbols[i].st_shndx && !strcmp(strings + symbols[i].st_name, name))
            return pointer((const void *)base, symbols[i].st_value);
    return NULL;
}

int main(void)
{
    base = (const char *)getauxval(AT_SYSINFO_EHDR);
    if (!IS(base != NULL))
        return 0;
    parse();
    IS(symbols && strings && count > 2);
    int (*get)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))find("__vdso_clock_gettime");
    IS(get != NULL);
    if (!get)
        return 0;
    struct timespec a = {0, 0}, b = {0, 0}, c = {0, 0};
    VALUE(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &a));
    VALUE(get(CLOCK_MONOTONIC, &b));
    VALUE(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &c));
    long first = a.tv_sec * 1000000000L + a.tv_nsec, middle = b.tv_sec * 1000000000L + b.tv_nsec,
         last = c.tv_sec * 1000000000L + c.tv_nsec;
    IS(first <= middle && middle <= last);
    VALUE(get(12345, &b) == -EINVAL);
    IS(find("__vdso_gettimeofday") != NULL);
    return 0;
}
