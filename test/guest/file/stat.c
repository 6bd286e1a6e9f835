/* stat(2), fstat(2), lstat(2), newfstatat(2), statx(2): every field that does not depend on the day or the disk. */
#include "check.h"
#include <sys/sysmacros.h>
#include <time.h>

static void show(const char *what, const struct stat *st)
{
    printf("%s: mode %o nlink %lu size %ld blksize %s blocks %s rdev %lu\n", what, st->st_mode,
           (unsigned long)st->st_nlink, S_ISREG(st->st_mode) || S_ISLNK(st->st_mode) ? (long)st->st_size : 0L,
           st->st_blksize >= 512 ? "sane" : "odd", st->st_blocks >= 0 ? "sane" : "odd",
           S_ISCHR(st->st_mode) ? (unsigned long)st->st_rdev : 0UL);
}

static int recent(struct timespec at)
{
    long age = time(NULL) - at.tv_sec;
    return age > -3 && age < 100 && at.tv_nsec >= 0 && at.tv_nsec < 1000000000;
}

int main(void)
{
    struct stat st, again;
    scratch();
    umask(022);
    put_file("file", "12345");
    DO(symlink("file", "link"));
    DO(mkdir("dir", 0750));
    DO(mkdir("dir/sub", 0700));

    PART("stat and lstat");
    DO(stat("file", &st));
    show("file", &st);
    IS(st.st_uid == getuid() && st.st_gid == getgid());
    IS(recent(st.st_atim) && recent(st.st_mtim) && recent(st.st_ctim));
    IS(st.st_ino != 0);
    DO(stat("link", &again));
    IS(again.st_ino == st.st_ino && again.st_dev == st.st_dev);
    DO(lstat("link", &again));
    show("link", &again);
    IS(again.st_ino != st.st_ino && again.st_dev == st.st_dev);
    DO(stat("dir", &again));
    show("dir", &again);
    DO(stat("none", &st));
    DO(stat("file/none", &st));
    DO(stat("link/", &st));
    DO(stat("", &st));

    PART("hard links");
    DO(link("file", "other"));
    DO(stat("other", &again));
    DO(stat("file", &st));
    VALUE(again.st_nlink);
    IS(again.st_ino == st.st_ino);
    int fd = open("file", O_RDONLY);
    DO(unlink("file"));
    DO(fstat(fd, &again));
    VALUE(again.st_nlink);
    DO(unlink("other"));
    DO(fstat(fd, &again));
    VALUE(again.st_nlink);
    DO(fstat(-1, &again));

    PART("newfstatat");
    int dir = open("dir", O_RDONLY);
    DO(fstatat(dir, "sub", &st, 0));
    show("sub", &st);
    DO(fstatat(dir, "", &st, 0));
    DO(fstatat(dir, "", &again, AT_EMPTY_PATH));
    show("dir", &again);
    put_file("file", "12345");
    DO(fstatat(AT_FDCWD, "link", &st, AT_SYMLINK_NOFOLLOW));
    show("link", &st);
    DO(fstatat(AT_FDCWD, "link", &st, 0x40000000));
    DO(fstatat(999, "link", &st, 0));
    DO(syscall(SYS_newfstatat, AT_FDCWD, "file", (void *)16, 0));
    DO(syscall(SYS_newfstatat, AT_FDCWD, (void *)16, &st, 0));

    PART("devices");
    DO(stat("/dev/null", &st));
    show("/dev/null", &st);
    DO(stat("/dev/zero", &st));
    printf("/dev/zero: %u %u\n", major(st.st_rdev), minor(st.st_rdev));
    DO(stat("/dev/urandom", &st));
    printf("/dev/urandom: %u %u\n", major(st.st_rdev), minor(st.st_rdev));

    PART("statx");
    struct statx sx;
    DO(statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &sx));
    IS((sx.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
    printf("mode %o nlink %u size %llu\n", sx.stx_mode, sx.stx_nlink, (unsigned long long)sx.stx_size);
    DO(stat("file", &st));
    IS(sx.stx_ino == st.st_ino);
    IS(makedev(sx.stx_dev_major, sx.stx_dev_minor) == st.st_dev);
    IS(sx.stx_mtime.tv_sec == st.st_mtim.tv_sec && sx.stx_mtime.tv_nsec == (unsigned)st.st_mtim.tv_nsec);
    DO(statx(dir, "", AT_EMPTY_PATH, STATX_SIZE, &sx));
    printf("mode %o\n", sx.stx_mode);
    DO(statx(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &sx));
    printf("mode %o\n", sx.stx_mode);
    DO(statx(AT_FDCWD, "file", 0x40000000, STATX_BASIC_STATS, &sx));
    DO(statx(AT_FDCWD, "file", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &sx));
    DO(statx(AT_FDCWD, "file", 0, 0x80000000u, &sx));
    DO(statx(AT_FDCWD, "none", 0, STATX_BASIC_STATS, &sx));
    return 0;
}
