/* Touching memory that may not be there: what the signal said, and a way to go on. */
#ifndef DRUPE_FAULT_H
#define DRUPE_FAULT_H

#include "check.h"
#include <setjmp.h>

static sigjmp_buf fault_return;
static volatile sig_atomic_t fault_signal, fault_code;
static void *volatile fault_address;

static inline void fault_handler(int signal, siginfo_t *info, void *context)
{
    (void)context;
    fault_signal = signal;
    fault_code = info->si_code;
    fault_address = info->si_addr;
    siglongjmp(fault_return, 1);
}

static inline void catch_faults(void)
{
    struct sigaction action = {.sa_sigaction = fault_handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

static inline const char *fault_name(void)
{
    switch (fault_signal) {
    case SIGSEGV:
        return fault_code == SEGV_MAPERR ? "SIGSEGV MAPERR" : fault_code == SEGV_ACCERR ? "SIGSEGV ACCERR" : "SIGSEGV ?";
    case SIGBUS: return fault_code == BUS_ADRERR ? "SIGBUS ADRERR" : fault_code == BUS_ADRALN ? "SIGBUS ADRALN" : "SIGBUS ?";
    default: return "no fault";
    }
}

/* Reads a byte and, if that went well, writes it back; answers "rw", "r-" or the name of the fault of the read. */
static inline const char *touch(volatile void *address)
{
    volatile char *byte = address, value;
    fault_signal = 0;
    if (sigsetjmp(fault_return, 1))
        return fault_address == address ? fault_name() : "fault at another address";
    value = *byte;
    if (sigsetjmp(fault_return, 1))
        return fault_address == address && fault_signal == SIGSEGV && fault_code == SEGV_ACCERR ? "r-" : "odd write fault";
    *byte = value;
    return "rw";
}

/* Prints `address: rw`, `address: r-` or `address: SIGSEGV MAPERR` … */
#define TOUCH(address) printf("%s: %s\n", #address, touch((void *)(address)))

enum { PAGE = 4096 };

#endif
