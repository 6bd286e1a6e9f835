/* link(2), symlink(2), readlink(2), linkat(2). */
#include "check.h"

int main(void)
{
    char bytes[300];
    scratch();
    put_file("file", "text");
    DO(mkdir("dir", 0755));

    PART("link");
    DO(link("file", "hard"));
    DO(link("file", "hard"));
    DO(link("none", "x"));
    DO(link("dir", "x"));
    DO(link("file", "none/x"));
    DO(link("file", "file/x"));
    DO(link("file", "x/"));
    show_file("hard");
    DO(symlink("file", "soft"));
    DO(link("soft", "soft2"));
    struct stat st;
    DO(lstat("soft2", &st));
    IS(S_ISLNK(st.st_mode));
    DO(linkat(AT_FDCWD, "soft", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW));
    DO(lstat("hard2", &st));
    IS(S_ISREG(st.st_mode));
    VALUE(st.st_nlink);
    DO(linkat(AT_FDCWD, "soft", AT_FDCWD, "hard3", 0x4000));
    DO(linkat(999, "soft", AT_FDCWD, "hard3", 0));

    PART("symlink and readlink");
    DO(symlink("x", "soft"));
    DO(symlink("", "empty"));
    DO(symlink("x", "none/x"));
    DO(symlink("x", ""));
    DO(symlink("anything at all", "dir/any"));
    VALUE(readlink("dir/any", bytes, sizeof bytes));
    TEXT(bytes, 15);
    VALUE(readlink("dir/any", bytes, 4));
    DO(readlink("dir/any", bytes, 0));
    DO(readlink("file", bytes, sizeof bytes));
    DO(readlink("dir", bytes, sizeof bytes));
    DO(readlink("none", bytes, sizeof bytes));
    DO(readlink("soft/", bytes, sizeof bytes));
    DO(readlink("", bytes, sizeof bytes));
    int path = open("soft", O_PATH | O_NOFOLLOW);
    VALUE(readlinkat(path, "", bytes, sizeof bytes));
    static char longest[4097];
    memset(longest, 'l', 4096);
    DO(symlink(longest, "toolong"));
    longest[4095] = 0;
    DO(symlink(longest, "long"));

    PART("following");
    DO(symlink("dir/../soft", "one"));
    DO(symlink("one", "two"));
    show_file("two");
    char name[16], target[16];
    DO(symlink("file", "c0"));
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "c%d", i);
        snprintf(target, sizeof target, "c%d", i - 1);
        symlink(target, name);
    }
    DO(stat("c39", &st));
    DO(stat("c40", &st));
    DO(lstat("c40", &st));
    DO(symlink(".", "here"));
    DO(stat("here/here/here/file", &st));
    DO(mkdir("here/made", 0755));
    DO(stat("made", &st));
    DO(symlink("/", "root"));
    DO(stat("root/dev/null", &st));
    DO(stat("root/../../dev/null", &st));
    DO(unlink("root/"));
    DO(rmdir("here"));
    DO(unlink("here"));
    return 0;
}
