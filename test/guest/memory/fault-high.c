/* Wild pointers far above everything that is mapped fault like any other; si_addr has all of their bits. */
#include "fault.h"

int main(void)
{
    catch_faults();
    static const uint64_t wild[] = {
        0x0000000900000010, 0x0000001234567890, 0x0000100000000000, 0x0000200000000008,
    };
    static char here[64];
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
        printf("%#llx: %s\n", (unsigned long long)wild[i], touch((void *)wild[i]));
        BITS((uintptr_t)fault_address);
    }
    /* The low half is a good address: only the high half is wrong. */
    uint64_t alias = ((uintptr_t)here & 0xffffffff) | 0x0000200000000000;
    printf("alias of a good address: %s\n", touch((void *)alias));
    DO(access((char *)alias, F_OK));
    char byte;
    int zero = open("/dev/zero", O_RDONLY);
    DO(read(zero, (void *)alias, 1));
    VALUE(read(zero, &byte, 1));
    return 0;
}
