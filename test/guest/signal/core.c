/*
 * Core files: when one is written, and what a debugger finds in it (core(5), elf(5)).
 * @flags -pthread
 * @oracle expect
 */
#include "check.h"
#include <elf.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char marker[] = "a marker in the data of the program";

static void *idle(void *unused)
{
    sem_t *never = unused;
    for (;;)
        pause();
    return never;
}

static int undumpable;

/* How a child ends that aborts with this limit on cores. */
static int ends(rlim_t limit, int threads, int signo)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit cores = {limit, RLIM_INFINITY};
        if (setrlimit(RLIMIT_CORE, &cores))
            _exit(9);
        prctl(PR_SET_DUMPABLE, !undumpable);
        marker[0] = 'A';
        pthread_t handle;
        while (threads--)
            pthread_create(&handle, NULL, idle, NULL);
        raise(signo);
        _exit(8);
    }
    int status;
    return waitpid(child, &status, 0) == child ? status : -1;
}

static char *core;
static size_t size;

static void load(void)
{
    int fd = open("core", O_RDONLY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st))
        exit(1);
    size = (size_t)st.st_size;
    core = malloc(size);
    for (size_t at = 0; at < size;) {
        ssize_t got = pread(fd, core + at, size - at, (off_t)at);
        if (got <= 0)
            exit(1);
        at += (size_t)got;
    }
    close(fd);
    printf("mode %o, owner %u\n", st.st_mode & 07777, st.st_uid);
}

/* The bytes of an address, if the file holds them. */
static char *at_address(const Elf64_Ehdr *header, uint64_t address)
{
    const Elf64_Phdr *table = (const Elf64_Phdr *)(core + header->e_phoff);
    for (int i = 0; i < header->e_phnum; i++)
        if (table[i].p_type == PT_LOAD && address >= table[i].p_vaddr && address - table[i].p_vaddr < table[i].p_filesz)
            return core + table[i].p_offset + (address - table[i].p_vaddr);
    return NULL;
}

static void notes(const Elf64_Phdr *header)
{
    int threads = 0;
    for (size_t at = header->p_offset; at < header->p_offset + header->p_filesz;) {
        const Elf64_Nhdr *note = (const Elf64_Nhdr *)(core + at);
        const char *content = core + at + sizeof *note + ((note->n_namesz + 3) & ~3u);
        int is_core = !strcmp((const char *)(note + 1), "CORE");
        if (is_core && note->n_type == NT_PRSTATUS && threads++ == 0)
            printf("status: signal %d\n", *(const int *)content);
        if (is_core && note->n_type == NT_PRPSINFO)
            printf("facts: %u bytes, \"%.16s\"\n", note->n_descsz, content + 40);
        if (is_core && note->n_type == NT_SIGINFO)
            printf("siginfo: %u bytes, signal %d\n", note->n_descsz, ((const siginfo_t *)content)->si_signo);
        if (is_core && note->n_type == NT_AUXV)
            printf("auxiliary vector\n");
        if (is_core && note->n_type == NT_FILE)
            printf("files: pages of %ld\n", ((const long *)content)[1]);
        at = (size_t)(content - core) + ((note->n_descsz + 3) & ~3u);
    }
    printf("%d threads\n", threads);
}

static void content(void)
{
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)core;
    const Elf64_Phdr *table = (const Elf64_Phdr *)(core + header->e_phoff);
    IS(!memcmp(header->e_ident, ELFMAG, SELFMAG) && header->e_type == ET_CORE);
    IS(table[0].p_type == PT_NOTE);
    notes(table);
    const char *data = at_address(header, (uintptr_t)marker);
    IS(data != NULL && !strcmp(data, "A marker in the data of the program"));
    int whole = 1;
    for (int i = 1; i < header->e_phnum; i++)
        whole &= table[i].p_offset + table[i].p_filesz <= size;
    IS(whole);
}

int main(void)
{
    scratch();
    prctl(PR_SET_NAME, "dumper");
    PART("when");
    VALUE(ends(0, 0, SIGABRT));
    DO(access("core", F_OK));
    VALUE(ends(4095, 0, SIGABRT));
    VALUE(ends(RLIM_INFINITY, 0, SIGTERM));
    DO(access("core", F_OK));
    VALUE(ends(RLIM_INFINITY, 0, SIGABRT));
    DO(access("core", F_OK));
    VALUE(ends(RLIM_INFINITY, 0, SIGSEGV));
    chmod("core", 0644);
    VALUE(ends(RLIM_INFINITY, 0, SIGABRT));
    unlink("core");
    mkdir("core", 0700);
    VALUE(ends(RLIM_INFINITY, 0, SIGQUIT));
    rmdir("core");
    undumpable = 1;
    VALUE(ends(RLIM_INFINITY, 0, SIGABRT));
    undumpable = 0;
    VALUE(ends(8192, 0, SIGABRT));
    struct stat st;
    DO(stat("core", &st));
    IS(st.st_size > 0 && st.st_size <= 8192);
    unlink("core");
    PART("what");
    VALUE(ends(RLIM_INFINITY, 2, SIGABRT));
    load();
    content();
    unlink("core");
}
