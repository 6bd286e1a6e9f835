/* utimensat(2), futimens(3): exact instants, UTIME_NOW, UTIME_OMIT, and which calls move which time stamp. */
#include "check.h"
#include <time.h>

static void show(const char *path)
{
    struct stat st;
    lstat(path, &st);
    printf("%s: atime %ld.%09ld mtime %ld.%09ld\n", path, (long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
           (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static int later(struct timespec a, struct timespec b)
{
    return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

int main(void)
{
    scratch();
    put_file("file", "text");
    DO(symlink("file", "link"));
    struct timespec exact[2] = {{1000000000, 123456789}, {1500000000, 999999999}};
    DO(utimensat(AT_FDCWD, "file", exact, 0));
    show("file");
    struct timespec omit[2] = {{7, UTIME_OMIT}, {1600000000, 1}};
    DO(utimensat(AT_FDCWD, "file", omit, 0));
    show("file");
    struct timespec early[2] = {{-1, 500}, {0, 0}};
    DO(utimensat(AT_FDCWD, "file", early, 0));
    show("file");
    DO(utimensat(AT_FDCWD, "link", exact, AT_SYMLINK_NOFOLLOW));
    show("link");
    show("file");
    int fd = open("file", O_RDWR);
    DO(futimens(fd, exact));
    show("file");
    struct timespec bad[2] = {{0, 1000000000}, {0, 0}};
    DO(utimensat(AT_FDCWD, "file", bad, 0));
    bad[0].tv_nsec = -1;
    DO(utimensat(AT_FDCWD, "file", bad, 0));
    DO(utimensat(AT_FDCWD, "none", exact, 0));
    DO(utimensat(AT_FDCWD, "file", exact, 0x4000));
    struct timespec neither[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
    DO(utimensat(AT_FDCWD, "none", neither, 0));
    DO(futimens(-1, exact));

    PART("now");
    struct stat st;
    struct timespec now;
    DO(utimensat(AT_FDCWD, "file", NULL, 0));
    DO(fstat(fd, &st));
    clock_gettime(CLOCK_REALTIME, &now);
    IS(now.tv_sec - st.st_mtim.tv_sec < 5 && !later(st.st_mtim, now));
    IS(st.st_atim.tv_sec == st.st_mtim.tv_sec);
    struct timespec touch[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
    DO(futimens(fd, exact));
    DO(futimens(fd, touch));
    DO(fstat(fd, &st));
    IS(now.tv_sec - st.st_atim.tv_sec < 5);
    VALUE(st.st_mtim.tv_sec);

    PART("what moves mtime and ctime");
    struct timespec old[2] = {{1000, 0}, {1000, 0}};
    DO(futimens(fd, old));
    VALUE(write(fd, "x", 1));
    fstat(fd, &st);
    IS(st.st_mtim.tv_sec > 1000);
    futimens(fd, old);
    VALUE(write(fd, "x", 0));
    fstat(fd, &st);
    IS(st.st_mtim.tv_sec > 1000);
    DO(ftruncate(fd, 1));
    fstat(fd, &st);
    IS(st.st_mtim.tv_sec > 1000);
    DO(mkdir("dir", 0755));
    utimensat(AT_FDCWD, "dir", old, 0);
    put_file("dir/new", "");
    stat("dir", &st);
    IS(st.st_mtim.tv_sec > 1000);
    utimensat(AT_FDCWD, "dir", old, 0);
    put_file("dir/new", "again");
    stat("dir", &st);
    IS(st.st_mtim.tv_sec > 1000);
    DO(unlink("dir/new"));
    stat("dir", &st);
    IS(st.st_mtim.tv_sec > 1000);
    return 0;
}
