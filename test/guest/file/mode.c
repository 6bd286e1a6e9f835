/* chmod(2), fchmod(2), fchmodat(2), umask(2), access(2), faccessat2(2), chown(2) to oneself. */
#include "check.h"

static unsigned mode_of(const char *path)
{
    struct stat st;
    return lstat(path, &st) ? 0 : st.st_mode;
}
#define MODE(path) printf("mode of %s: %o\n", path, mode_of(path))

int main(void)
{
    scratch();
    umask(027);
    VALUE(umask(027));
    DO(open("masked", O_WRONLY | O_CREAT, 0777));
    MODE("masked");
    DO(mkdir("dir", 0777));
    MODE("dir");
    DO(mkdir("sticky", 01777));
    MODE("sticky");
    DO(symlink("masked", "link"));
    MODE("link");
    DO(mkfifo("fifo", 0666));
    MODE("fifo");
    VALUE(umask(07777777));
    VALUE(umask(0));
    DO(open("unmasked", O_WRONLY | O_CREAT, 0666));
    MODE("unmasked");

    PART("chmod");
    DO(chmod("unmasked", 04755));
    MODE("unmasked");
    DO(chmod("unmasked", 0107601));
    MODE("unmasked");
    DO(chmod("link", 0600));
    MODE("masked");
    MODE("link");
    DO(chmod("none", 0600));
    DO(chmod("masked/x", 0600));
    int fd = open("masked", O_RDONLY);
    DO(fchmod(fd, 0640));
    MODE("masked");
    DO(fchmod(-1, 0640));
    DO(fchmodat(AT_FDCWD, "dir", 0700, 0));
    MODE("dir");
    struct stat before, after;
    fstat(fd, &before);
    DO(fchmod(fd, 0644));
    fstat(fd, &after);
    IS(after.st_ctim.tv_sec >= before.st_ctim.tv_sec);
    IS(after.st_mtim.tv_sec == before.st_mtim.tv_sec && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);

    PART("access");
    DO(access("masked", F_OK));
    DO(access("masked", R_OK | W_OK));
    DO(access("none", F_OK));
    DO(access("masked/x", F_OK));
    DO(access("link", R_OK));
    DO(access("masked", 8));
    DO(access("", F_OK));
    DO(chmod("masked", 0755));
    DO(access("masked", X_OK));
    DO(faccessat(AT_FDCWD, "masked", X_OK, AT_EACCESS));
    DO(syscall(439 /* faccessat2 */, AT_FDCWD, "masked", R_OK, 0));
    DO(syscall(439, AT_FDCWD, "masked", R_OK, 0x40000000));
    DO(syscall(439, fd, "", R_OK, AT_EMPTY_PATH));
    DO(syscall(439, AT_FDCWD, "link", R_OK, AT_SYMLINK_NOFOLLOW));
    DO(unlink("masked"));
    DO(access("link", F_OK));
    DO(faccessat(999, "x", F_OK, 0));

    PART("chown to whom it belongs already");
    DO(chown("unmasked", getuid(), getgid()));
    DO(chown("unmasked", (uid_t)-1, (gid_t)-1));
    DO(lchown("link", getuid(), getgid()));
    DO(fchown(fd, getuid(), getgid()));
    DO(chown("none", getuid(), getgid()));
    DO(fchown(-1, getuid(), getgid()));
    return 0;
}
