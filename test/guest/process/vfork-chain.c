/* A program that was started by vfork(2) starts another one in the same way, before its parent has run again. */
#include "check.h"
#include <sys/wait.h>
#include <unistd.h>

static char *self;

static int start(const char *what)
{
    char *const arguments[] = {self, (char *)what, NULL};
    int status;
    pid_t child = vfork();
    if (child == 0) {
        execv("/proc/self/exe", arguments);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -2;
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc < 2) {
        for (int i = 0; i < 5; i++)
            VALUE(start("middle"));
        return 0;
    }
    return argv[1][0] == 'm' ? start("leaf") + 1 : 41;
}
