/*
 * What a guest test is written with. A test prints what the system answered, one line a call, labelled with the call's own
 * source text; whatever Linux prints natively is the expectation. So there are no expected values in a test, only
 * questions, and nothing may be printed that Linux itself answers differently from run to run.
 */
#ifndef DRUPE_CHECK_H
#define DRUPE_CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Prints `call: ok` when the call succeeded, else the errno's name. For results whose value is of no interest. */
#define DO(call) (errno = 0, check_result(#call, (long)(call)))

/* Prints `call = value` when the call succeeded, else the errno's name. */
#define VALUE(call) (errno = 0, check_value(#call, (long)(call)))

/* The same in hexadecimal, for bits that have no sign: an all-ones answer is no error here. */
#define BITS(call) check_bits(#call, (unsigned long)(call))

/* Prints `condition: yes` or `condition: no`. For facts about values that may differ. */
#define IS(condition) check_fact(#condition, (condition) != 0)

/* Prints `expression = "bytes"`, what is not printable in hexadecimal. */
#define TEXT(expression, length) check_text(#expression, (expression), (length))

/* Starts a group of lines. */
#define PART(title) printf("-- %s\n", title)

static inline const char *check_errno(int number)
{
    static char other[32];
    switch (number) {
#define E(name)                                                                                                        \
    case name: return #name;
        E(E2BIG) E(EACCES) E(EAGAIN) E(EBADF) E(EBUSY) E(ECHILD) E(EDEADLK) E(EDOM) E(EEXIST) E(EFAULT) E(EFBIG) E(EINTR)
        E(EINVAL) E(EIO) E(EISDIR) E(ELOOP) E(EMFILE) E(EMLINK) E(ENAMETOOLONG) E(ENFILE) E(ENODATA) E(ENODEV) E(ENOENT)
        E(ENOEXEC) E(ENOLCK) E(ENOMEM) E(ENOSPC) E(ENOSYS) E(ENOTDIR) E(ENOTEMPTY) E(ENOTTY) E(ENXIO) E(EOPNOTSUPP)
        E(EOVERFLOW) E(EPERM) E(EPIPE) E(ERANGE) E(EROFS) E(ESPIPE) E(ESRCH) E(ETXTBSY) E(EXDEV) E(ENOTSOCK)
        E(EADDRINUSE) E(EAFNOSUPPORT) E(ECONNREFUSED) E(ECONNRESET) E(EDESTADDRREQ) E(EISCONN) E(EMSGSIZE) E(ENOPROTOOPT)
        E(ENOTCONN) E(EPROTONOSUPPORT) E(EPROTOTYPE) E(ESOCKTNOSUPPORT) E(EADDRNOTAVAIL) E(ENOBUFS) E(ETOOMANYREFS)
        E(EINPROGRESS) E(EALREADY) E(ECONNABORTED) E(ENETUNREACH) E(ETIMEDOUT) E(ESHUTDOWN)
#undef E
    }
    snprintf(other, sizeof other, "errno %d", number);
    return other;
}

static inline long check_result(const char *call, long result)
{
    printf("%s: %s\n", call, result == -1 ? check_errno(errno) : "ok");
    return result;
}

static inline long check_value(const char *call, long result)
{
    if (result == -1 && errno)
        printf("%s: %s\n", call, check_errno(errno));
    else
        printf("%s = %ld\n", call, result);
    return result;
}

static inline unsigned long check_bits(const char *call, unsigned long result)
{
    printf("%s = %#lx\n", call, result);
    return result;
}

static inline int check_fact(const char *condition, int holds)
{
    printf("%s: %s\n", condition, holds ? "yes" : "no");
    return holds;
}

static inline void check_text(const char *expression, const void *bytes, size_t length)
{
    printf("%s = \"", expression);
    for (const unsigned char *at = bytes; length--; at++)
        printf(*at >= ' ' && *at < 127 && *at != '\\' && *at != '"' ? "%c" : "\\x%02x", *at);
    printf("\"\n");
}

/* Makes an empty directory of the test's own and goes there: under $GUEST_SCRATCH, else /tmp. */
static inline void scratch(void)
{
    static char path[4096];
    const char *base = getenv("GUEST_SCRATCH");
    snprintf(path, sizeof path, "%s/guest-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(path) || chdir(path)) {
        printf("no scratch directory at %s: %s\n", path, check_errno(errno));
        exit(99);
    }
}

/* Writes a file whole; a test that cannot prepare its files ends. */
static inline void put_file(const char *path, const char *bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    size_t length = strlen(bytes);
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length || close(fd)) {
        printf("cannot write %s: %s\n", path, check_errno(errno));
        exit(99);
    }
}

/* Prints a file's bytes. */
static inline void show_file(const char *path)
{
    char bytes[512];
    int fd = open(path, O_RDONLY);
    ssize_t length = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    if (length < 0)
        printf("%s: %s\n", path, check_errno(errno));
    else
        check_text(path, bytes, (size_t)length);
    if (fd >= 0)
        close(fd);
}

/* Lines leave at once, so that those before a crash are not lost. */
__attribute__((constructor)) static void check_start(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

#endif
