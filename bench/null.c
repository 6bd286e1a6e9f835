/* The null system call: getppid(2) through syscall(3), which no libc answers from memory. */
#include "kernels/kernel.h"
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    long calls = iterations(argc, argv, 10000000);
    uint64_t parent = (uint64_t)syscall(SYS_getppid), same = 0;
    for (long i = 0; i < calls; i++)
        same += (uint64_t)syscall(SYS_getppid) == parent;
    return report("null", same);
}
