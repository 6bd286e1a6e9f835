/* mkdir(2), rmdir(2), unlink(2), unlinkat(2), getdents64(2): a tree is built, listed and removed. */
#include "check.h"
#include <dirent.h>

struct linux_dirent64 {
    uint64_t d_ino;
    int64_t d_off;
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[];
};

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* Prints the entries in order of name: the order of a directory is its file system's own. */
static void list(const char *path)
{
    char *names[64];
    int count = 0;
    DIR *dir = opendir(path);
    if (!dir) {
        printf("%s: %s\n", path, check_errno(errno));
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        char line[300];
        snprintf(line, sizeof line, "%s type %d", entry->d_name, entry->d_type);
        names[count++] = strdup(line);
    }
    closedir(dir);
    qsort(names, (size_t)count, sizeof *names, by_name);
    printf("%s:", path);
    for (int i = 0; i < count; i++)
        printf(" [%s]", names[i]);
    printf("\n");
}

static void make_and_remove(void)
{
    PART("mkdir, rmdir, unlink");
    DO(mkdir("dir", 0755));
    DO(mkdir("dir", 0755));
    DO(mkdir("dir/", 0755));
    DO(mkdir("none/dir", 0755));
    DO(mkdir("trailing/", 0755));
    DO(mkdir("", 0755));
    DO(mkdir(".", 0755));
    DO(mkdir("dir/..", 0755));
    put_file("file", "");
    DO(mkdir("file", 0755));
    DO(mkdir("file/dir", 0755));
    DO(symlink("nowhere", "dangling"));
    DO(mkdir("dangling", 0755));
    DO(rmdir("file"));
    DO(rmdir("none"));
    DO(rmdir("."));
    DO(rmdir("dir/."));
    DO(rmdir("dir/.."));
    put_file("dir/file", "");
    DO(rmdir("dir"));
    DO(unlink("dir"));
    DO(unlink("dir/"));
    DO(unlink("file/"));
    DO(unlink("none"));
    DO(unlink("dangling"));
    DO(unlinkat(AT_FDCWD, "dir/file", AT_REMOVEDIR));
    DO(unlinkat(AT_FDCWD, "dir", 0));
    DO(unlinkat(AT_FDCWD, "dir", 0x4000));
    DO(unlinkat(AT_FDCWD, "dir/file", 0));
    DO(unlinkat(AT_FDCWD, "dir", AT_REMOVEDIR));
    DO(rmdir("trailing/"));
}

static void listing(void)
{
    PART("getdents64");
    DO(mkdir("many", 0755));
    DO(mkdir("many/dir", 0755));
    put_file("many/file", "x");
    DO(symlink("file", "many/link"));
    DO(mkfifo("many/fifo", 0644));
    list("many");
    list("none");
    list("many/file");

    char buffer[1024];
    int dir = open("many", O_RDONLY | O_DIRECTORY), entries = 0, aligned = 1;
    long length = syscall(SYS_getdents64, dir, buffer, sizeof buffer);
    for (long at = 0; at < length; entries++) {
        struct linux_dirent64 *entry = (void *)(buffer + at);
        aligned &= entry->d_reclen % 8 == 0 && entry->d_ino != 0;
        at += entry->d_reclen;
    }
    VALUE(entries);
    IS(aligned);
    VALUE(syscall(SYS_getdents64, dir, buffer, sizeof buffer));
    VALUE(lseek(dir, 0, SEEK_SET));
    DO(syscall(SYS_getdents64, dir, buffer, 8));
    DO(syscall(SYS_getdents64, dir, buffer, 0));
    IS(syscall(SYS_getdents64, dir, buffer, 32) > 0);
    int file = open("many/file", O_RDONLY);
    DO(syscall(SYS_getdents64, file, buffer, sizeof buffer));
    DO(syscall(SYS_getdents64, -1, buffer, sizeof buffer));
    close(dir);
    close(file);
}

static void positions(void)
{
    PART("telldir, seekdir, rewinddir");
    DIR *dir = opendir("many");
    readdir(dir);
    readdir(dir);
    long here = telldir(dir);
    char third[256];
    strcpy(third, readdir(dir)->d_name);
    readdir(dir);
    seekdir(dir, here);
    VALUE(strcmp(third, readdir(dir)->d_name));
    rewinddir(dir);
    int count = 0;
    while (readdir(dir))
        count++;
    VALUE(count);
    closedir(dir);
}

static void removed_while_open(void)
{
    PART("a removed directory");
    DO(mkdir("gone", 0755));
    int dir = open("gone", O_RDONLY);
    DO(rmdir("gone"));
    struct stat st;
    DO(fstat(dir, &st));
    VALUE(st.st_nlink);
    DO(openat(dir, "new", O_WRONLY | O_CREAT, 0644));
    DO(mkdirat(dir, "new", 0755));
    char buffer[256];
    DO(syscall(SYS_getdents64, dir, buffer, sizeof buffer));
    DO(fchdir(dir));
    DO(syscall(SYS_getcwd, buffer, sizeof buffer));
    close(dir);
}

/* Removal during a walk: every name is seen once, none is skipped. */
static void remove_while_listing(void)
{
    PART("removing what is listed");
    DO(mkdir("walk", 0755));
    char path[32];
    for (int i = 0; i < 200; i++) {
        snprintf(path, sizeof path, "walk/f%d", i);
        put_file(path, "");
    }
    DIR *dir = opendir("walk");
    int removed = 0;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            removed += unlinkat(dirfd(dir), entry->d_name, 0) == 0;
    VALUE(removed);
    closedir(dir);
    DO(rmdir("walk"));
}

int main(void)
{
    scratch();
    make_and_remove();
    listing();
    positions();
    remove_while_listing();
    removed_while_open();
    return 0;
}
