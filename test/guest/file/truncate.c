/* truncate(2), ftruncate(2), fallocate(2): sizes, zeros, limits. */
#include "check.h"
#include <sys/resource.h>

static long size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) ? -1 : (long)st.st_size;
}

int main(void)
{
    scratch();
    put_file("file", "0123456789");
    DO(truncate("file", 4));
    show_file("file");
    DO(truncate("file", 8));
    show_file("file");
    DO(truncate("file", -1));
    DO(truncate("none", 0));
    DO(truncate(".", 0));
    DO(truncate("file/x", 0));
    int fd = open("file", O_RDWR);
    VALUE(lseek(fd, 6, SEEK_SET));
    DO(ftruncate(fd, 2));
    VALUE(lseek(fd, 0, SEEK_CUR));
    VALUE(write(fd, "Z", 1));
    show_file("file");
    DO(ftruncate(fd, -1));
    DO(ftruncate(-1, 0));
    int ends[2];
    DO(pipe(ends));
    DO(ftruncate(ends[1], 0));
    int read_only = open("file", O_RDONLY);
    DO(ftruncate(read_only, 0));

    PART("shrinking forgets the old bytes");
    DO(ftruncate(fd, 0));
    VALUE(pwrite(fd, "secret", 6, 0));
    DO(ftruncate(fd, 1));
    DO(ftruncate(fd, 6));
    show_file("file");

    PART("fallocate");
    DO(fallocate(fd, 0, 0, 100));
    VALUE(size_of("file"));
    DO(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 5000));
    VALUE(size_of("file"));
    DO(fallocate(fd, 0, 0, 0));
    DO(fallocate(fd, 0, -1, 10));
    DO(fallocate(fd, 0, 10, -1));
    DO(fallocate(read_only, 0, 0, 10));
    DO(fallocate(-1, 0, 0, 10));
    DO(fallocate(fd, 0x4000, 0, 10));
    VALUE(posix_fallocate(fd, 0, 200));
    VALUE(size_of("file"));

    PART("a limit on file size");
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGXFSZ, &ignore, NULL);
    struct rlimit limit = {300, RLIM_INFINITY};
    DO(setrlimit(RLIMIT_FSIZE, &limit));
    DO(ftruncate(fd, 301));
    DO(ftruncate(fd, 300));
    VALUE(pwrite(fd, "0123456789", 10, 295));
    DO(pwrite(fd, "0123456789", 10, 300));
    VALUE(size_of("file"));
    return 0;
}
