/* execveat(2): by path, by directory, by descriptor alone; scripts; and that a file is looked at before its arguments. */
#include "check.h"
#include <limits.h>
#include <sys/wait.h>

extern char **environ;

static long execveat_(int fd, const char *path, char *const *argv, char *const *envp, int flags)
{
    return syscall(SYS_execveat, fd, path, argv, envp, flags);
}

/* Runs it in a child and prints how that ended. */
static void run(const char *what, int fd, const char *path, char *const *argv, int flags)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execveat_(fd, path, argv, environ, flags);
        printf("%s: %s\n", what, check_errno(errno));
        fflush(stdout);
        _exit(99);
    }
    int status;
    waitpid(child, &status, 0);
    printf("%s: ended with %d\n", what, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        printf("I am %s, called %s\n", strrchr(argv[0], '/') ? "a path" : argv[0], argv[1]);
        return 7;
    }
    char self[PATH_MAX] = "";
    readlink("/proc/self/exe", self, sizeof self - 1);
    mkdir("there", 0755);
    symlink(self, "there/program");
    char *const arguments[] = {"me", "once", NULL};
    int there = open("there", O_RDONLY | O_DIRECTORY), program = open(self, O_RDONLY), by_path = open(self, O_PATH);

    PART("runs");
    run("absolute", -1, self, arguments, 0);
    run("in a directory", there, "program", arguments, 0);
    run("descriptor", program, "", arguments, AT_EMPTY_PATH);
    run("O_PATH descriptor", by_path, "", arguments, AT_EMPTY_PATH);

    PART("refused");
    char *const bad[] = {(char *)8, NULL};
    DO(execveat_(there, "program", arguments, environ, AT_SYMLINK_NOFOLLOW));
    DO(execveat_(there, "none", (char *const *)8, environ, 0));
    DO(execveat_(there, "program", (char *const *)8, environ, 0));
    DO(execveat_(there, "program", bad, environ, 0));
    DO(execveat_(there, "program", arguments, (char *const *)8, 0));
    DO(execveat_(there, "", arguments, environ, 0));
    DO(execveat_(there, "", arguments, environ, AT_EMPTY_PATH));
    DO(execveat_(-1, "program", arguments, environ, 0));
    DO(execveat_(-1, "", arguments, environ, AT_EMPTY_PATH));
    DO(execveat_(program, "program", arguments, environ, 0));
    DO(execveat_(AT_FDCWD, "there", arguments, environ, 0));
    DO(execveat_(AT_FDCWD, "", arguments, environ, 16));
    DO(execveat_(AT_FDCWD, self, arguments, environ, 16));
    DO(execveat_(AT_FDCWD, (char *)8, arguments, environ, 16));
    DO(execve("none", (char *const *)8, environ));

    unlink("there/program");
    rmdir("there");
    return 0;
}
