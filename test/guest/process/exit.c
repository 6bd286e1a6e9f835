/*
 * exit(3), _exit(2): codes, atexit order, what is flushed.
 * @args 0
 * @args 1
 * @args 255
 * @args 256
 * @args -1
 * @args quick
 * @args return
 * @args syscall
 */
#include "check.h"

static void first(void) { printf("first registered\n"); }
static void second(void) { printf("second registered\n"); }
__attribute__((destructor)) static void last(void) { printf("destructor\n"); }

int main(int argc, char **argv)
{
    atexit(first);
    atexit(second);
    setvbuf(stdout, NULL, _IOFBF, 4096);
    printf("buffered text\n");
    const char *how = argc > 1 ? argv[1] : "0";
    if (!strcmp(how, "quick")) {
        fflush(stdout);
        printf("lost\n");
        _exit(3);
    }
    if (!strcmp(how, "syscall")) {
        fflush(stdout);
        syscall(SYS_exit, 4);
    }
    if (!strcmp(how, "return"))
        return 5;
    exit(atoi(how));
}
