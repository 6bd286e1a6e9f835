/* rename(2), renameat2(2): replacing, directories, flags. */
#include "check.h"

int main(void)
{
    scratch();
    put_file("a", "a");
    put_file("b", "b");
    DO(rename("a", "b"));
    show_file("b");
    DO(access("a", F_OK));
    DO(rename("none", "b"));
    DO(rename("b", "none/b"));
    DO(rename("b", "b"));
    DO(rename("b/", "c"));
    DO(rename("b", "c/"));
    DO(rename("", "c"));
    DO(link("b", "same"));
    DO(rename("b", "same"));
    DO(access("b", F_OK));

    PART("directories");
    DO(mkdir("dir", 0755));
    DO(mkdir("dir/sub", 0755));
    DO(mkdir("empty", 0755));
    DO(rename("b", "dir"));
    DO(rename("dir", "b"));
    DO(rename("dir", "dir/sub/dir"));
    DO(rename("dir", "dir/sub"));
    DO(rename("dir/sub", "dir"));
    DO(rename("empty", "dir"));
    DO(rename("dir", "empty"));
    DO(access("empty/sub", F_OK));
    DO(rename("empty/", "moved/"));
    DO(rename(".", "other"));
    DO(rename("moved/.", "other"));
    DO(rename("moved", ".."));
    struct stat before, after;
    DO(mkdir("parent", 0755));
    DO(stat("parent", &before));
    DO(rename("moved", "parent/moved"));
    DO(stat("parent", &after));
    printf("links of the new parent: %lu, %lu\n", (unsigned long)before.st_nlink, (unsigned long)after.st_nlink);
    DO(stat("parent/moved/..", &before));
    IS(before.st_ino == after.st_ino);

    PART("symbolic links are moved, not followed");
    DO(symlink("b", "link"));
    DO(rename("link", "link2"));
    struct stat st;
    DO(lstat("link2", &st));
    IS(S_ISLNK(st.st_mode));
    put_file("c", "c");
    DO(rename("c", "link2"));
    show_file("b");
    show_file("link2");

    PART("renameat2");
    put_file("x", "x");
    put_file("y", "y");
    DO(syscall(SYS_renameat2, AT_FDCWD, "x", AT_FDCWD, "y", 1 /* RENAME_NOREPLACE */));
    DO(syscall(SYS_renameat2, AT_FDCWD, "x", AT_FDCWD, "z", 1));
    DO(syscall(SYS_renameat2, AT_FDCWD, "z", AT_FDCWD, "y", 2 /* RENAME_EXCHANGE */));
    show_file("z");
    show_file("y");
    DO(syscall(SYS_renameat2, AT_FDCWD, "z", AT_FDCWD, "none", 2));
    DO(syscall(SYS_renameat2, AT_FDCWD, "z", AT_FDCWD, "y", 3));
    DO(syscall(SYS_renameat2, AT_FDCWD, "z", AT_FDCWD, "y", 64));
    DO(syscall(SYS_renameat2, AT_FDCWD, "parent", AT_FDCWD, "y", 2));
    DO(stat("y", &st));
    IS(S_ISDIR(st.st_mode));
    int dir = open("y", O_RDONLY);
    DO(renameat(AT_FDCWD, "z", dir, "z"));
    show_file("y/z");
    DO(renameat(dir, "z", 999, "z"));

    PART("an open file keeps its bytes when its name is taken");
    put_file("old", "old");
    put_file("fresh", "fresh");
    int fd = open("old", O_RDONLY);
    DO(rename("fresh", "old"));
    char bytes[8];
    VALUE(read(fd, bytes, sizeof bytes));
    TEXT(bytes, 3);
    show_file("old");
    return 0;
}
