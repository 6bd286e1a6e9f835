/* Files, directories, links and descriptors of one small tree. */
#include <dirent.h>
#include <sys/file.h>
#include <sys/uio.h>

#define SLOTS 6

static int slots[SLOTS];
static const char *const names[] = {"a", "b", "c", "d", "d/a", "d/b", "d/e", "d/e/a", "l", "d/l", "d/../a", "c/", "d/e/../b"};
static unsigned char block[9000], back[9000];

static int any_fd(void)
{
    return rarely(20) ? 77 : ONE_OF(slots);
}

static void show_stat(const char *what, long result, const struct stat *st)
{
    if (result < 0) {
        told(result, "%s", what);
        return;
    }
    int is_directory = S_ISDIR(st->st_mode);
    told(result, "%s mode %o links %ld size %lld blocks %lld", what, st->st_mode, (long)st->st_nlink,
         is_directory ? -1LL : (long long)st->st_size, is_directory ? -1LL : (long long)st->st_blocks);
}

static int by_name(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/* Names and types, sorted: the order is the file system's own. */
static void list(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory) {
        told(-1, "list %s", path);
        return;
    }
    static char entries[64][300], *order[64];
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) && count < 64; count++) {
        snprintf(entries[count], sizeof entries[count], "%s:%d", entry->d_name, entry->d_type);
        order[count] = entries[count];
    }
    closedir(directory);
    qsort(order, count, sizeof order[0], by_name);
    char line[4000] = "";
    for (int i = 0; i < count; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), " %s", order[i]);
    told(count, "list %s%s", path, line);
}

static void open_one(void)
{
    static const int ways[] = {O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_CREAT, O_RDWR | O_CREAT, O_RDWR | O_CREAT,
                               O_WRONLY | O_CREAT | O_EXCL, O_RDWR | O_TRUNC, O_RDONLY | O_DIRECTORY, O_PATH,
                               O_RDWR | O_APPEND, O_RDONLY | O_NOFOLLOW, O_RDWR | O_CREAT | O_NOFOLLOW, O_PATH | O_NOFOLLOW,
                               O_RDONLY | O_TRUNC, O_RDWR | O_TMPFILE, O_CREAT | O_DIRECTORY, O_RDONLY | O_NONBLOCK};
    static const int modes[] = {0644, 0600, 0777, 04755, 0};
    const char *name = ONE_OF(names);
    int flags = ONE_OF(ways) | (rarely(4) ? O_CLOEXEC : 0);
    if ((flags & O_TMPFILE) == O_TMPFILE)
        name = rarely(2) ? "d" : name;
    int mode = ONE_OF(modes), slot = pick(SLOTS);
    /* A pipe would be waited for. */
    struct stat st;
    if (stat(name, &st) == 0 && S_ISFIFO(st.st_mode))
        flags |= O_NONBLOCK;
    if (slots[slot] >= 0)
        close(slots[slot]);
    slots[slot] = open(name, flags, mode);
    told(slots[slot], "open %s %#o %o", name, flags, mode);
}

static void transfer(void)
{
    static const size_t lengths[] = {0, 1, 10, 100, 4095, 4096, 4097, 9000};
    static const long offsets[] = {0, 1, 100, 4000, 8192, 20000, -1};
    int fd = any_fd();
    size_t length = ONE_OF(lengths);
    long offset = ONE_OF(offsets), result;
    memset(back, 0, sizeof back);
    switch (pick(7)) {
    case 0:
    case 1:
        fill(block, length);
        told(write(fd, block, length), "write %d %zu", fd, length);
        return;
    case 2:
    case 3:
        result = read(fd, back, length);
        told(result, "read %d %zu %08x", fd, length, digest(back, sizeof back));
        return;
    case 4:
        fill(block, length);
        told(pwrite(fd, block, length, offset), "pwrite %d %zu %ld", fd, length, offset);
        return;
    case 5:
        result = pread(fd, back, length, offset);
        told(result, "pread %d %zu %ld %08x", fd, length, offset, digest(back, sizeof back));
        return;
    default: {
        struct iovec parts[3] = {{back, length / 2}, {back + length / 2, 0}, {back + length / 2, length - length / 2}};
        result = preadv(fd, parts, 3, offset);
        told(result, "preadv %d %zu %ld %08x", fd, length, offset, digest(back, sizeof back));
    }
    }
}

static void place(void)
{
    static const long offsets[] = {0, 1, -1, 100, -100, 4096, 30000, -30000};
    static const int whences[] = {SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE, 9};
    int fd = any_fd(), whence = ONE_OF(whences);
    long offset = ONE_OF(offsets);
    /* Where holes begin and end is the file system's own, below its block. */
    told(lseek(fd, offset, whence), "lseek %d %ld %d", fd, offset, whence);
}

static void resize(void)
{
    static const long lengths[] = {0, 1, 100, 4096, 5000, 12288, -1};
    long length = ONE_OF(lengths);
    int fd = any_fd();
    const char *name = ONE_OF(names);
    switch (pick(4)) {
    case 0:
        told(truncate(name, length), "truncate %s %ld", name, length);
        return;
    case 1:
        told(ftruncate(fd, length), "ftruncate %d %ld", fd, length);
        return;
    default: {
        static const int modes[] = {0, 1, 2, 3, 0x10, 0x11, 8, 0x20, 0x40};
        static const long starts[] = {0, 100, 4096, 5000, -1};
        long start = ONE_OF(starts);
        int mode = ONE_OF(modes);
        told(fallocate(fd, mode, start, length), "fallocate %d %d %ld %ld", fd, mode, start, length);
    }
    }
}

static void change_tree(void)
{
    const char *one = ONE_OF(names), *other = ONE_OF(names);
    static const int rename_flags[] = {0, 0, 0, 1, 2, 3, 8};
    int flags = ONE_OF(rename_flags);
    switch (pick(10)) {
    case 0:
        told(mkdir(one, 0755), "mkdir %s", one);
        return;
    case 1:
        told(rmdir(one), "rmdir %s", one);
        return;
    case 2:
        told(unlink(one), "unlink %s", one);
        return;
    case 3:
    case 4:
        told(syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, flags), "rename %s %s %d", one, other, flags);
        return;
    case 5:
        told(link(one, other), "link %s %s", one, other);
        return;
    case 6:
        told(linkat(AT_FDCWD, one, AT_FDCWD, other, AT_SYMLINK_FOLLOW), "link %s %s follow", one, other);
        return;
    case 7: {
        static const char *const targets[] = {"a", "d", "../a", "l", "nowhere", "e/a", "d/e"};
        const char *target = ONE_OF(targets);
        told(symlink(target, one), "symlink %s %s", target, one);
        return;
    }
    case 8:
        if (rarely(2)) {
            int fd = any_fd();
            char path[64];
            snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
            told(linkat(AT_FDCWD, path, AT_FDCWD, other, AT_SYMLINK_FOLLOW), "link fd %d %s", fd, other);
        } else {
            told(mknod(one, S_IFIFO | 0600, 0), "mkfifo %s", one);
        }
        return;
    default:
        told(unlinkat(AT_FDCWD, one, AT_REMOVEDIR), "rmdir at %s", one);
    }
}

static void look(void)
{
    const char *name = ONE_OF(names);
    struct stat st;
    char text[100] = "";
    int fd = any_fd();
    switch (pick(8)) {
    case 0:
    case 1:
        show_stat(name, stat(name, &st), &st);
        return;
    case 2:
        printf("l");
        show_stat(name, lstat(name, &st), &st);
        return;
    case 3:
        snprintf(text, sizeof text, "fstat %d", fd);
        show_stat(text, fstat(fd, &st), &st);
        return;
    case 4: {
        long length = readlink(name, text, 5);
        told(length, "readlink %s %.*s", name, length > 0 ? (int)length : 0, text);
        return;
    }
    case 5: {
        static const int modes[] = {F_OK, R_OK, W_OK, X_OK, 9};
        int mode = ONE_OF(modes);
        told(access(name, mode), "access %s %d", name, mode);
        return;
    }
    case 6:
        list(rarely(2) ? "." : name);
        return;
    default:
        told(fstatat(fd, "", &st, AT_EMPTY_PATH), "fstatat %d", fd);
    }
}

static void describe_fd(void)
{
    int fd = any_fd();
    static const int flags[] = {0, O_APPEND, O_NONBLOCK, O_APPEND | O_NONBLOCK, O_RDWR, O_NOATIME};
    switch (pick(9)) {
    case 0:
        told(fcntl(fd, F_GETFL), "getfl %d", fd);
        return;
    case 1: {
        int value = ONE_OF(flags);
        told(fcntl(fd, F_SETFL, value), "setfl %d %#o", fd, value);
        return;
    }
    case 2:
        told(fcntl(fd, F_GETFD), "getfd %d", fd);
        return;
    case 3:
        told(fcntl(fd, F_SETFD, (long)pick(3)), "setfd %d", fd);
        return;
    case 4: {
        int slot = pick(SLOTS);
        if (slots[slot] >= 0)
            close(slots[slot]);
        slots[slot] = dup(fd);
        told(slots[slot], "dup %d", fd);
        return;
    }
    case 5: {
        int slot = pick(SLOTS);
        told(dup3(fd, slots[slot], rarely(2) ? O_CLOEXEC : 0), "dup3 %d %d", fd, slots[slot]);
        return;
    }
    case 6: {
        struct flock lock = {.l_type = (short)pick(4), .l_whence = SEEK_SET, .l_start = (long)pick(3) * 10, .l_len = pick(3)};
        told(fcntl(fd, F_SETLK, &lock), "setlk %d %d %ld %ld", fd, lock.l_type, (long)lock.l_start, (long)lock.l_len);
        return;
    }
    case 7: {
        static const int kinds[] = {LOCK_SH, LOCK_EX, LOCK_UN, LOCK_SH | LOCK_EX};
        int kind = ONE_OF(kinds);
        told(flock(fd, kind | LOCK_NB), "flock %d %d", fd, kind);
        return;
    }
    default: {
        static const int modes[] = {0644, 0600, 0, 04755, 02755, 01777};
        int mode = ONE_OF(modes);
        const char *name = ONE_OF(names);
        if (rarely(2))
            told(chmod(name, mode), "chmod %s %o", name, mode);
        else
            told(fchmod(fd, mode), "fchmod %d %o", fd, mode);
    }
    }
}

/* Sets one or both times; they are shown only if both were. */
static void times(void)
{
    const char *name = ONE_OF(names);
    struct timespec to[2] = {{(long)pick(3) * 1000, pick(2) ? UTIME_OMIT : 5}, {(long)pick(3) * 1000, pick(2) ? UTIME_OMIT : 6}};
    struct stat st;
    int flags = rarely(3) ? AT_SYMLINK_NOFOLLOW : 0;
    long result = utimensat(AT_FDCWD, name, to, flags);
    told(result, "utimens %s %ld %ld %d", name, to[0].tv_sec, to[1].tv_sec, flags);
    if (result == 0 && flags == 0 && stat(name, &st) == 0 && to[0].tv_nsec == 5 && to[1].tv_nsec == 6)
        told(0, "times %ld.%ld %ld.%ld", (long)st.st_atim.tv_sec, (long)st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec,
             (long)st.st_mtim.tv_nsec);
}

static void copy(void)
{
    int from = any_fd(), to = any_fd();
    static const size_t lengths[] = {0, 1, 100, 5000, 100000};
    static const long offsets[] = {0, 10, 5000, -1};
    size_t length = ONE_OF(lengths);
    off64_t in = ONE_OF(offsets), out = ONE_OF(offsets);
    int with_in = rarely(2), with_out = rarely(2);
    long result = copy_file_range(from, with_in ? &in : NULL, to, with_out ? &out : NULL, length, 0);
    told(result, "copy %d %d %zu in %ld out %ld", from, to, length, with_in ? (long)in : -9, with_out ? (long)out : -9);
}

static void begin_files(void)
{
    for (int i = 0; i < SLOTS; i++)
        slots[i] = -1;
    umask(022);
    mkdir("d", 0755);
}

static void walk_files(void)
{
    switch (pick(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
        open_one();
        return;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
        transfer();
        return;
    case 9:
        place();
        return;
    case 10:
        resize();
        return;
    case 11:
    case 12:
    case 13:
    case 14:
        change_tree();
        return;
    case 15:
    case 16:
        look();
        return;
    case 17:
        describe_fd();
        return;
    case 18:
        times();
        return;
    default:
        copy();
    }
}
