/* chdir(2), fchdir(2), getcwd(2): the working directory by name, by descriptor, moved and removed. */
#include "check.h"

static char base[4096];

/* Prints the working directory below the scratch directory. */
static void where(void)
{
    char now[4096];
    long length = syscall(SYS_getcwd, now, sizeof now);
    if (length < 0)
        printf("getcwd: %s\n", check_errno(errno));
    else
        printf("in scratch%s, length %s\n", strncmp(now, base, strlen(base)) ? " no more" : now + strlen(base),
               (size_t)length == strlen(now) + 1 ? "right" : "wrong");
}

int main(void)
{
    char small[4];
    scratch();
    IS(getcwd(base, sizeof base) == base);
    put_file("file", "");
    DO(mkdir("a", 0755));
    DO(mkdir("a/b", 0755));
    DO(symlink("a/b", "link"));
    DO(chdir("a/b"));
    where();
    DO(chdir(".."));
    where();
    DO(chdir("../link"));
    where();
    DO(chdir("../../a/./b/../"));
    where();
    DO(chdir("none"));
    DO(chdir("../file"));
    DO(chdir(""));
    int dir = open("b", O_RDONLY), path = open("..", O_PATH), file = open("../file", O_RDONLY);
    DO(fchdir(dir));
    where();
    DO(fchdir(path));
    where();
    DO(fchdir(file));
    DO(fchdir(-1));

    PART("getcwd's errors");
    DO(syscall(SYS_getcwd, small, sizeof small));
    DO(syscall(SYS_getcwd, small, 0));
    DO(syscall(SYS_getcwd, (char *)16, 4096));

    PART("moved while inside");
    DO(chdir("a/b"));
    DO(rename("../../a", "../../moved"));
    where();
    DO(chdir(".."));
    where();

    PART("removed while inside");
    DO(chdir("b"));
    DO(rmdir("../b"));
    where();
    DO(chdir("."));
    DO(open("x", O_WRONLY | O_CREAT, 0644));
    DO(chdir(".."));
    where();

    PART("the root");
    DO(chdir("/"));
    char root[4];
    VALUE(syscall(SYS_getcwd, root, sizeof root));
    TEXT(root, 1);
    DO(chdir("../.."));
    VALUE(syscall(SYS_getcwd, root, sizeof root));
    return 0;
}
