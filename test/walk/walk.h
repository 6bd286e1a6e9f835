/* What the families of walk.c share: a generator of random numbers, and how a line is printed. */
#ifndef WALK_H
#define WALK_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static uint64_t state;

/* xorshift64*: a number below `below`. */
static unsigned pick(unsigned below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (unsigned)((state * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

/* One of a list's values. */
#define ONE_OF(list) ((list)[pick(COUNT(list))])

/* True once in `n` times. */
static int rarely(unsigned n)
{
    return pick(n) == 0;
}

static int step;

/* Prints what was asked, formatted as printf does, and what came back: a number, or the errno's name. */
__attribute__((format(printf, 2, 3))) static void told(long result, const char *format, ...)
{
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    printf("%d ", step);
    vprintf(format, arguments);
    va_end(arguments);
    if (result < 0)
        printf(" = %s\n", strerrorname_np(error));
    else
        printf(" = %ld\n", result);
}

/* A short digest of bytes (FNV-1a). */
static unsigned digest(const void *bytes, size_t length)
{
    unsigned hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 16777619u;
    return hash;
}

/* Fills a buffer with bytes that depend on the step. */
static void fill(unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)(step * 7 + i * 13 + (i >> 8));
}

#endif
