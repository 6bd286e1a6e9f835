/* Files in memory: private and shared maps, the last page's rest, the pages behind it, truncation, and the file's own life. */
#include "fault.h"
#include <sys/mman.h>
#include <sys/wait.h>

static char *map(int fd, size_t pages, int flags, off_t offset)
{
    return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, fd, offset);
}

/* A file of a page and ten bytes. */
static int make(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    char page[PAGE];
    memset(page, 'p', sizeof page);
    if (write(fd, page, sizeof page) != sizeof page || write(fd, "0123456789", 10) != 10)
        exit(99);
    return fd;
}

static void private_map(void)
{
    PART("private");
    char bytes[10];
    int fd = make("private");
    char *at = map(fd, 3, MAP_PRIVATE, 0);
    TEXT(at + PAGE - 2, 4);
    TEXT(at + PAGE + 8, 4);
    int zero = 1;
    for (int i = PAGE + 10; i < 2 * PAGE; i++)
        zero &= at[i] == 0;
    IS(zero);
    TOUCH(at + 2 * PAGE - 1);
    TOUCH(at + 2 * PAGE);
    TOUCH(at + 3 * PAGE - 1);
    memcpy(at + PAGE, "XYZ", 3);
    VALUE(pread(fd, bytes, 10, PAGE));
    TEXT(bytes, 10);
    TEXT(at + PAGE, 10);
    char *second = map(fd, 1, MAP_PRIVATE, PAGE);
    TEXT(second, 10);
    DO(munmap(at, 3 * PAGE));
    DO(munmap(second, PAGE));
    close(fd);
}

static void shared_map(void)
{
    PART("shared");
    char bytes[10];
    int fd = make("shared");
    char *at = map(fd, 2, MAP_SHARED, 0), *other = map(fd, 2, MAP_SHARED, 0);
    memcpy(at + PAGE, "abc", 3);
    VALUE(pread(fd, bytes, 10, PAGE));
    TEXT(bytes, 10);
    TEXT(other + PAGE, 5);
    VALUE(pwrite(fd, "WW", 2, PAGE + 3));
    TEXT(at + PAGE, 10);
    at[PAGE + 20] = 'Q';
    struct stat st;
    DO(fstat(fd, &st));
    VALUE(st.st_size);
    DO(close(fd));
    memcpy(other, "after close", 11);
    DO(munmap(at, 2 * PAGE));
    DO(munmap(other, 2 * PAGE));
    fd = open("shared", O_RDONLY);
    VALUE(read(fd, bytes, 10));
    TEXT(bytes, 10);
    close(fd);
}

static void shared_anonymous(void)
{
    PART("shared anonymous");
    char *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    IS(at != MAP_FAILED);
    at[PAGE] = 'x';
    TOUCH(at);
    TEXT(at + PAGE, 1);
    DO(madvise(at, 2 * PAGE, MADV_DONTNEED));
    TEXT(at + PAGE, 1);
    DO(munmap(at, 2 * PAGE));
}

static void truncated(void)
{
    PART("truncated under a map");
    int fd = make("short");
    char *at = map(fd, 2, MAP_SHARED, 0);
    TOUCH(at + PAGE);
    DO(ftruncate(fd, 5));
    TEXT(at, 8);
    TOUCH(at + PAGE - 1);
    TOUCH(at + PAGE);
    DO(ftruncate(fd, PAGE + 1));
    TOUCH(at + PAGE);
    TEXT(at, 8);
    DO(munmap(at, 2 * PAGE));
    close(fd);
}

static void unlinked(void)
{
    PART("unlinked under a map");
    int fd = make("gone");
    char *at = map(fd, 2, MAP_PRIVATE, 0);
    DO(unlink("gone"));
    DO(close(fd));
    TEXT(at + PAGE, 10);
    DO(munmap(at, 2 * PAGE));
}

/* A file without name and descriptor lives in its mappings, those of a child too: how glibc makes semaphores. */
static void unlinked_and_shared(void)
{
    PART("unlinked under a shared map");
    int fd = make("gone");
    char *at = map(fd, 2, MAP_SHARED, 0);
    DO(unlink("gone"));
    DO(close(fd));
    at[PAGE] = '*';
    pid_t child = fork();
    if (child == 0) {
        TEXT(at + PAGE, 10);
        at[PAGE + 1] = '+';
        _exit(0);
    }
    waitpid(child, NULL, 0);
    TEXT(at + PAGE, 10);
    DO(munmap(at, 2 * PAGE));
}

/* A child maps a file that its parent has mapped: each sees the other's stores at once. */
static void mapped_by_both(void)
{
    PART("mapped by two processes");
    int fd = make("both"), there[2], back[2];
    char *at = map(fd, 2, MAP_SHARED, 0), byte;
    pipe(there);
    pipe(back);
    at[0] = '1';
    pid_t child = fork();
    if (child == 0) {
        munmap(at, 2 * PAGE);
        char *own = map(open("both", O_RDWR), 2, MAP_SHARED, 0);
        TEXT(own, 3);
        own[0] = '2';
        write(back[1], "", 1);
        read(there[0], &byte, 1);
        TEXT(own, 3);
        own[1] = '4';
        _exit(0);
    }
    read(back[0], &byte, 1);
    TEXT(at, 3);
    at[0] = '3';
    write(there[1], "", 1);
    waitpid(child, NULL, 0);
    TEXT(at, 3);
    DO(munmap(at, 2 * PAGE));
}

static void offsets(void)
{
    PART("offsets");
    int fd = make("offset");
    char *at = map(fd, 1, MAP_PRIVATE, PAGE);
    TEXT(at, 10);
    char *far = map(fd, 1, MAP_PRIVATE, 1L << 40);
    IS(far != MAP_FAILED);
    TOUCH(far);
    IS(map(fd, 1, MAP_PRIVATE, -PAGE) == MAP_FAILED);
    /* A fixed map of the second page into the middle of an anonymous one: what ld.so does with each segment. */
    char *area = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(area, 'A', 4 * PAGE);
    IS(mmap(area + PAGE, 10, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, PAGE) == area + PAGE);
    TEXT(area + PAGE - 1, 12);
    TEXT(area + 2 * PAGE - 1, 2);
    TOUCH(area + PAGE);
    close(fd);
}

/* System calls meet the end of the file too: EFAULT, not a signal. */
static void kernel_beyond_the_end(void)
{
    PART("a system call beyond the end");
    int fd = make("end"), null = open("/dev/null", O_WRONLY), out = open("out", O_RDWR | O_CREAT, 0644);
    char *at = map(fd, 3, MAP_PRIVATE, 0);
    DO(write(out, at + 2 * PAGE, 1));
    VALUE(write(null, at + 2 * PAGE, 1));
    DO(access(at + 2 * PAGE, F_OK));
    close(fd);
}

int main(void)
{
    scratch();
    catch_faults();
    private_map();
    shared_map();
    shared_anonymous();
    truncated();
    unlinked();
    unlinked_and_shared();
    mapped_by_both();
    offsets();
    kernel_beyond_the_end();
    return 0;
}
