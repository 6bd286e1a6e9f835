/*
 * Asks the kernel some 18,000 odd questions: each system call of the table below with combinations of valid, bad and
 * borderline arguments, each in a process of its own, and prints what it answered, a line each:
 *
 *     sweep FOLDER [COMBINATIONS [CALL]]
 *
 * FOLDER is made. Nothing here touches what is not below it, or a process that is not its own; what would change the
 * machine itself (its clocks, its name) is left out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define LIMIT_USEC 400000

/* An argument, with the name that is printed. Lists end with one without a name. */
typedef struct {
    const char *name;
    long value;
} Value;

#define END {NULL, 0}
#define V(value) {#value, (long)(value)}

/* Lists that depend on the process that asks are filled in by prepare(). */
static Value fds[20], inputs[8], outputs[8], paths[20], times[8], words[4];

static Value sizes[] = {V(0), V(1), V(-1), V(4096), {"LONG_MAX", 0x7fffffffffffffffL}, END};
static Value ints[] = {V(0), V(1), V(2), V(-1), V(31), V(64), V(65), V(0x7fffffff), V(0x80000000L), END};
static Value flags[] = {V(0),      V(1),      V(2),       V(4),  V(8),           V(0x100),       V(0x400),
                        V(0x800),  V(0x1000), V(0x80000), V(-1), V(0x80000000L), V(0x40000000L), END};
static Value pids[] = {V(0x7ffffffe), {"INT_MIN", -0x80000000L}, V(-0x7ffffffe), {"self", 0}, END};
static Value offsets[] = {V(0), V(1), V(-1), V(4096), {"LONG_MAX", 0x7fffffffffffffffL}, {"LONG_MIN", 1L << 63}, END};
static Value modes[] = {V(0), V(0644), V(-1), V(0010600), V(0040000), V(0xf000), END};
static Value clocks[] = {V(0), V(1), V(2),  V(3),  V(4),  V(5),  V(6), V(7),
                         V(8), V(9), V(11), V(12), V(-1), V(-6), V(99), END};
static Value signals[] = {V(0), V(1), V(9), V(17), V(19), V(64), V(65), V(-1), END};
static Value nothing[] = {{"-", 0}, END};

typedef struct {
    const char *name;
    long number;
    Value *arguments[6];
} Call;

#define CALL(name, ...) {#name, SYS_##name, {__VA_ARGS__}}
static const Call calls[] = {
#include "calls.h"
};

static char memory[3 * PAGE] __attribute__((aligned(PAGE)));

static void add(Value *list, const char *name, long value)
{
    while (list->name)
        list++;
    *list = (Value){name, value};
}

static void prepare_memory(void)
{
    char *guard = (char *)mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + PAGE;
    munmap(guard, PAGE);
    guard -= 2;
    Value some[] = {{"NULL", 0}, V(1), {"zeros", (long)memory}, {"guard", (long)guard}, {"kernel", 0xffff800000000000L}};
    memcpy(inputs, some, sizeof some);
    Value room[] = {{"NULL", 0}, {"buffer", (long)(memory + PAGE)}, {"guard", (long)guard}, V(1)};
    memcpy(outputs, room, sizeof room);
    static struct timespec tiny[4] = {{0, 1000}, {0, 1000}, {0, 1000}, {0, 1000}};
    static struct timespec bad[2] = {{0, 1000000000}, {0, 1000000000}}, negative[2] = {{-1, 0}, {-1, 0}};
    Value spans[] = {{"NULL", 0}, V(1), {"tiny", (long)tiny}, {"bad", (long)bad}, {"negative", (long)negative}};
    memcpy(times, spans, sizeof spans);
    static int word[4];
    Value places[] = {{"word", (long)word}, {"odd", (long)word + 1}, {"NULL", 0}};
    memcpy(words, places, sizeof places);
}

static void prepare_paths(void)
{
    static char long_path[5000], long_name[257];
    memset(long_path, 'a', sizeof long_path - 1);
    memset(long_name, 'b', sizeof long_name - 1);
    add(paths, "NULL", 0);
    add(paths, "1", 1);
    add(paths, "\"\"", (long)"");
    static const char *const named[] = {"nope", "dir/..", "file", "file/x",   "dir", "dir/",
                                        "loop", "link",   ".",    "dangling", NULL};
    for (int i = 0; named[i]; i++)
        add(paths, named[i], (long)named[i]);
    add(paths, "long path", (long)long_path);
    add(paths, "long name", (long)long_name);
}

static void prepare_files(void)
{
    int ends[2], pair[2];
    mkdir("dir", 0755);
    mkdir("dir/sub", 0755);
    close(open("file", O_CREAT | O_RDWR, 0644));
    truncate("file", 100);
    symlink("loop", "loop");
    symlink("file", "link");
    symlink("gone", "dangling");
    pipe2(ends, O_NONBLOCK);
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair);
    add(fds, "-1", -1);
    add(fds, "999", 999);
    add(fds, "AT_FDCWD", AT_FDCWD);
    add(fds, "file", open("file", O_RDWR));
    add(fds, "read-only", open("file", O_RDONLY));
    add(fds, "dir", open("dir", O_RDONLY | O_DIRECTORY));
    add(fds, "O_PATH", open("file", O_PATH));
    add(fds, "pipe's reader", ends[0]);
    add(fds, "pipe's writer", ends[1]);
    add(fds, "eventfd", eventfd(0, EFD_NONBLOCK));
    add(fds, "epoll", epoll_create1(0));
    add(fds, "socket", pair[0]);
    add(fds, "datagram socket", socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0));
}

static long count(const Value *list)
{
    long length = 0;
    while (list[length].name)
        length++;
    return length;
}

/* Asks one question, in a process that ends with it. */
static void ask(const Call *call, long combination)
{
    long values[6] = {0};
    printf("%s(", call->name);
    for (int i = 0; i < 6 && call->arguments[i]; i++) {
        long length = count(call->arguments[i]);
        const Value *value = &call->arguments[i][combination % length];
        combination /= length;
        values[i] = strcmp(value->name, "self") ? value->value : getpid();
        printf("%s%s", i ? ", " : "", value->name);
    }
    printf(") = ");
    fflush(stdout);
    ualarm(LIMIT_USEC, 0);
    long answer = syscall(call->number, values[0], values[1], values[2], values[3], values[4], values[5]);
    const char *shown = answer == -1 ? strerrorname_np(errno) : "ok";
    char line[40];
    write(1, line, snprintf(line, sizeof line, "%s\n", shown ? shown : "?"));
    _exit(0);
}

static void ask_all(const Call *call, long most)
{
    long all = 1;
    for (int i = 0; i < 6 && call->arguments[i]; i++)
        all *= count(call->arguments[i]);
    /* An odd step reaches every value of every argument. */
    long step = all > most ? all / most | 1 : 1;
    for (long combination = 0; combination < all; combination += step) {
        int status;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            ask(call, combination);
        waitpid(child, &status, WUNTRACED);
        if (WIFSTOPPED(status)) {
            printf("stopped\n");
            kill(child, SIGKILL);
            waitpid(child, NULL, 0);
        } else if (WIFSIGNALED(status)) {
            printf("killed by %d\n", WTERMSIG(status));
        } else if (WEXITSTATUS(status)) {
            printf("exited with %d\n", WEXITSTATUS(status));
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    mkdir(argv[1], 0755);
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
        char folder[4096];
        if (argc > 3 && strcmp(argv[3], calls[i].name))
            continue;
        snprintf(folder, sizeof folder, "%s/%s", argv[1], calls[i].name);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            setpgid(0, 0);
            mkdir(folder, 0755);
            if (chdir(folder))
                return 1;
            prepare_memory();
            prepare_paths();
            prepare_files();
            ask_all(&calls[i], argc > 2 ? atol(argv[2]) : 150);
            exit(0);
        }
        waitpid(child, NULL, 0);
    }
    return 0;
}
