/* One memory seen twice: code is written through one map and run through the other. */
#include "emit.h"

enum { PAGE = 4096 };

int main(void)
{
    struct step steps[10];
    int fd = memfd_create("code", 0), wrong = 0;
    DO(ftruncate(fd, PAGE));
    unsigned char *writable = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void *executable = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    IS(writable != MAP_FAILED && executable != MAP_FAILED);
    compiled function;
    memcpy(&function, &executable, sizeof function);
    for (int i = 0; i < 50; i++) {
        int count = random_steps(steps, 10);
        unsigned char *end = emit(writable, steps, count);
        __builtin___clear_cache(executable, (char *)executable + (end - writable));
        wrong += function(3, 5) != interpret(steps, count, 3, 5);
    }
    VALUE(wrong);
    return 0;
}
