/* open(2), openat(2), creat(2): flags, what each refuses, and which of two errors is reported. */
#include "check.h"

static void create_and_exclusive(void)
{
    PART("O_CREAT, O_EXCL, O_TRUNC");
    DO(open("none", O_RDONLY));
    DO(open("none/below", O_RDONLY | O_CREAT, 0644));
    DO(open("new", O_WRONLY | O_CREAT | O_EXCL, 0644));
    DO(open("new", O_WRONLY | O_CREAT | O_EXCL, 0644));
    DO(symlink("dangling-target", "dangling"));
    DO(open("dangling", O_WRONLY | O_CREAT | O_EXCL, 0644));
    DO(open("dangling", O_WRONLY));
    DO(open("dangling", O_WRONLY | O_CREAT, 0644));
    DO(access("dangling-target", F_OK));
    put_file("full", "some text");
    DO(open("full", O_RDWR));
    show_file("full");
    DO(open("full", O_WRONLY | O_TRUNC));
    show_file("full");
    put_file("full", "again");
    DO(creat("full", 0600));
    show_file("full");
}

static void append(void)
{
    PART("O_APPEND");
    put_file("log", "one.");
    int fd = open("log", O_WRONLY | O_APPEND);
    VALUE(lseek(fd, 0, SEEK_CUR));
    VALUE(write(fd, "two.", 4));
    VALUE(lseek(fd, 1, SEEK_SET));
    VALUE(write(fd, "three.", 6));
    VALUE(lseek(fd, 0, SEEK_CUR));
    VALUE(pwrite(fd, "four.", 5, 0));
    show_file("log");
    close(fd);
}

static void directories(void)
{
    PART("directories");
    DO(mkdir("dir", 0755));
    DO(open("dir", O_RDONLY));
    DO(open("dir", O_WRONLY));
    DO(open("dir", O_RDWR));
    DO(open("dir", O_RDONLY | O_CREAT, 0644));
    DO(open("dir", O_RDONLY | O_DIRECTORY));
    DO(open("new", O_RDONLY | O_DIRECTORY));
    DO(open("new/", O_RDONLY));
    DO(open("new/below", O_RDONLY));
    DO(open("made/", O_WRONLY | O_CREAT, 0644));
    DO(open("dir/.", O_RDONLY | O_CREAT, 0644));
    char byte;
    int fd = open("dir", O_RDONLY);
    DO(read(fd, &byte, 1));
    DO(write(fd, &byte, 1));
    close(fd);
}

static void links(void)
{
    PART("symbolic links");
    put_file("real", "real");
    DO(symlink("real", "link"));
    DO(symlink("dir", "dirlink"));
    DO(symlink("loop", "loop"));
    DO(open("link", O_RDONLY));
    DO(open("link", O_RDONLY | O_NOFOLLOW));
    DO(open("loop", O_RDONLY));
    DO(open("dirlink", O_RDONLY | O_NOFOLLOW));
    DO(open("dirlink/", O_RDONLY | O_NOFOLLOW));
    DO(open("dirlink", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
    DO(open("dirlink/../real", O_RDONLY | O_NOFOLLOW));
    int fd = open("link", O_PATH | O_NOFOLLOW);
    struct stat st;
    DO(fstat(fd, &st));
    IS(S_ISLNK(st.st_mode));
    char byte;
    DO(read(fd, &byte, 1));
    DO(fchmod(fd, 0600));
    close(fd);
}

static void names(void)
{
    PART("names");
    char longest[300];
    memset(longest, 'n', sizeof longest);
    longest[255] = 0;
    DO(open(longest, O_WRONLY | O_CREAT, 0644));
    longest[255] = 'n';
    longest[256] = 0;
    DO(open(longest, O_WRONLY | O_CREAT, 0644));
    static char path[5000];
    for (size_t i = 0; i < sizeof path - 1; i++)
        path[i] = i % 2 ? '/' : '.';
    DO(open(path, O_RDONLY));
    path[4095] = 0;
    DO(open(path, O_RDONLY));
    path[4094] = 0;
    DO(open(path, O_RDONLY | O_DIRECTORY));
    DO(open("", O_RDONLY));
    DO(open("./././/real", O_RDONLY));
    DO(open("dir/../dir/../real", O_RDONLY));
    DO(open("none/../real", O_RDONLY));
    DO(open("real/../real", O_RDONLY));
    DO(open("\xff\xfe not utf-8", O_WRONLY | O_CREAT, 0644));
    DO(access("\xff\xfe not utf-8", F_OK));
    DO(access("\xff\xfd not utf-8", F_OK));
    DO(syscall(SYS_openat, AT_FDCWD, (void *)8, O_RDONLY));
}

static void relative(void)
{
    PART("openat");
    put_file("dir/inside", "inside");
    int dir = open("dir", O_RDONLY), file = open("real", O_RDONLY), path = open("dir", O_PATH);
    DO(openat(dir, "inside", O_RDONLY));
    DO(openat(path, "inside", O_RDONLY));
    DO(openat(file, "inside", O_RDONLY));
    DO(openat(999, "inside", O_RDONLY));
    DO(openat(-1, "inside", O_RDONLY));
    DO(openat(999, "/", O_RDONLY));
    DO(openat(dir, "", O_RDONLY));
    DO(openat(999, "", O_RDONLY));
    DO(openat(dir, "../real", O_RDONLY));
    close(dir);
    close(file);
    close(path);
}

static void access_modes(void)
{
    PART("access modes");
    char byte = 'x';
    int r = open("real", O_RDONLY), w = open("real", O_WRONLY), none = open("real", 3);
    DO(write(r, &byte, 1));
    DO(read(w, &byte, 1));
    DO(ftruncate(r, 0));
    IS(none >= 0);
    DO(read(none, &byte, 1));
    DO(write(none, &byte, 1));
    close(r);
    close(w);
    close(none);
    DO(open("real", O_RDONLY | O_TRUNC));
    show_file("real");
}

static void temporary(void)
{
    PART("O_TMPFILE");
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    IS(fd >= 0);
    struct stat st;
    DO(fstat(fd, &st));
    VALUE(st.st_nlink);
    VALUE(write(fd, "tmp", 3));
    DO(open(".", O_TMPFILE | O_RDONLY, 0600));
    DO(open("real", O_TMPFILE | O_RDWR, 0600));
    close(fd);
}

int main(void)
{
    scratch();
    create_and_exclusive();
    append();
    directories();
    links();
    names();
    relative();
    access_modes();
    temporary();
    return 0;
}
