/* read(2), write(2), pread(2), pwrite(2), readv(2), writev(2), preadv(2): offsets, short counts, bad arguments. */
#include "check.h"
#include <limits.h>
#include <sys/uio.h>

static void offsets(void)
{
    PART("offsets");
    char bytes[64] = {0};
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    VALUE(write(fd, "0123456789", 10));
    VALUE(read(fd, bytes, sizeof bytes));
    VALUE(lseek(fd, 2, SEEK_SET));
    VALUE(read(fd, bytes, 3));
    TEXT(bytes, 3);
    VALUE(pread(fd, bytes, 4, 6));
    TEXT(bytes, 4);
    VALUE(pread(fd, bytes, 20, 8));
    VALUE(pread(fd, bytes, 1, 10));
    VALUE(pread(fd, bytes, 1, 1L << 40));
    VALUE(lseek(fd, 0, SEEK_CUR));
    VALUE(pwrite(fd, "AB", 2, 1));
    VALUE(pwrite(fd, "end", 3, 14));
    show_file("file");
    VALUE(lseek(fd, 0, SEEK_CUR));
    DO(pread(fd, bytes, 1, -1));
    DO(pwrite(fd, bytes, 1, -1));
    VALUE(read(fd, bytes, 0));
    VALUE(write(fd, bytes, 0));
    close(fd);
}

static void vectors(void)
{
    PART("vectors");
    char a[4] = "", b[4] = "", c[8] = "";
    int fd = open("vector", O_RDWR | O_CREAT | O_TRUNC, 0644);
    struct iovec out[3] = {{"abc", 3}, {"", 0}, {"defgh", 5}};
    VALUE(writev(fd, out, 3));
    VALUE(lseek(fd, 0, SEEK_SET));
    struct iovec in[3] = {{a, 2}, {b, 4}, {c, 8}};
    VALUE(readv(fd, in, 3));
    TEXT(a, 2);
    TEXT(b, 4);
    TEXT(c, 2);
    VALUE(preadv(fd, in, 2, 5));
    TEXT(a, 2);
    VALUE(pwritev(fd, out, 3, 1));
    show_file("vector");
    VALUE(readv(fd, in, 0));
    DO(readv(fd, in, -1));
    DO(writev(fd, out, IOV_MAX + 1));
    struct iovec huge[2] = {{"x", 1}, {"y", (size_t)SSIZE_MAX + 1}};
    DO(writev(fd, huge, 2));
    DO(writev(fd, (struct iovec *)16, 1));
    DO(preadv(fd, in, 1, -1));
    VALUE(preadv2(fd, in, 1, 0, 0));
    DO(preadv2(fd, in, 1, 0, 0x40000000));
    close(fd);
}

static void bad_arguments(void)
{
    PART("bad arguments");
    char byte = 'x';
    int fd = open("file", O_RDWR);
    DO(read(-1, &byte, 1));
    DO(write(999, &byte, 1));
    DO(syscall(SYS_read, fd, (char *)16, 1));
    DO(syscall(SYS_write, fd, (char *)16, 1));
    DO(syscall(SYS_write, -1, (char *)16, 1));
    VALUE(syscall(SYS_read, fd, (char *)16, 0));
    close(fd);
    DO(read(fd, &byte, 1));
    DO(close(fd));
}

/* A buffer whose second page is not there: what comes before the hole is transferred, the rest is not. */
static void partly_bad_buffer(void)
{
    PART("bad vector element after a good one");
    char good[3] = "abc";
    int fd = open("part", O_RDWR | O_CREAT | O_TRUNC, 0644);
    struct iovec vector[2] = {{good, 3}, {(void *)16, 3}};
    VALUE(writev(fd, vector, 2));
    show_file("part");
    close(fd);
}

static void large(void)
{
    PART("a megabyte");
    size_t size = 1 << 20;
    unsigned char *out = malloc(size), *in = calloc(1, size);
    unsigned state = 1;
    for (size_t i = 0; i < size; i++)
        out[i] = (unsigned char)((state = state * 1664525u + 1013904223u) >> 24);
    int fd = open("large", O_RDWR | O_CREAT | O_TRUNC, 0644);
    VALUE(write(fd, out, size));
    VALUE(lseek(fd, 0, SEEK_SET));
    VALUE(read(fd, in, size + 0));
    VALUE(memcmp(in, out, size));
    VALUE(pread(fd, in, 5000, 4095));
    VALUE(memcmp(in, out + 4095, 5000));
    VALUE(lseek(fd, 0, SEEK_END));
    close(fd);
    free(out);
    free(in);
}

int main(void)
{
    scratch();
    offsets();
    vectors();
    bad_arguments();
    partly_bad_buffer();
    large();
    return 0;
}
