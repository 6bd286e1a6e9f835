/* What a program takes without end has an end: addresses, descriptors, deep directories; all is well afterwards. */
#include "check.h"
#include <sys/mman.h>
#include <sys/resource.h>

static void descriptors(void)
{
    PART("descriptors");
    struct rlimit limit = {512, 512};
    setrlimit(RLIMIT_NOFILE, &limit);
    int last = -1, fd, ends[2];
    while ((fd = open("/dev/null", O_RDONLY)) >= 0)
        last = fd;
    IS(errno == EMFILE);
    VALUE(last);
    DO(pipe(ends));
    DO(close(200));
    DO(pipe(ends));
    VALUE(open("/dev/null", O_RDONLY));
    for (fd = 3; fd <= last; fd++)
        close(fd);
    VALUE(open("/dev/null", O_RDONLY));
}

static void directories(void)
{
    PART("directories");
    scratch();
    int depth = 0;
    while (depth < 1500 && mkdir("deeper", 0755) == 0 && chdir("deeper") == 0)
        depth++;
    VALUE(depth);
    static char path[20000];
    DO(syscall(SYS_getcwd, path, 4096));
    IS(syscall(SYS_getcwd, path, sizeof path) == -1);
    for (int i = 0; i < depth; i++)
        if (chdir("..") || rmdir("deeper")) {
            printf("stuck at %d: %s\n", i, check_errno(errno));
            break;
        }
    DO(rmdir("deeper"));
}

static void files(void)
{
    PART("five thousand files");
    char name[32];
    int made = 0, found = 0, removed = 0;
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "file-%d", i);
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
        made += fd >= 0 && write(fd, name, strlen(name)) > 0;
        close(fd);
    }
    struct stat st;
    for (int i = 4999; i >= 0; i--) {
        snprintf(name, sizeof name, "file-%d", i);
        found += stat(name, &st) == 0 && st.st_size == (off_t)strlen(name);
        removed += unlink(name) == 0;
    }
    printf("%d %d %d\n", made, found, removed);
}

static void addresses(void)
{
    PART("addresses");
    size_t size = (size_t)1 << 47;
    int refused = 0;
    for (; size >= 4096; size /= 2)
        refused += mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED;
    IS(refused >= 1);
    IS(malloc((size_t)1 << 50) == NULL && errno == ENOMEM);
    char *at = malloc(1 << 16);
    IS(at != NULL);
    memset(at, 1, 1 << 16);
}

int main(void)
{
    descriptors();
    directories();
    files();
    addresses();
    return 0;
}
