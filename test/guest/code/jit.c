/* Code made at run time: many functions, one place rewritten over and over, W^X, moved maps. */
#include "emit.h"

enum { PAGE = 4096 };

static unsigned char *map(size_t length, int prot)
{
    return mmap(NULL, length, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static compiled function_at(void *at)
{
    compiled function;
    memcpy(&function, &at, sizeof function);
    return function;
}

static int wrong;

static void check(void *at, const struct step *steps, int count)
{
    uint64_t a = emit_random, b = emit_random * 31 + 7;
    wrong += function_at(at)(a, b) != interpret(steps, count, a, b);
}

static void many_functions(void)
{
    PART("three thousand functions side by side");
    static struct step steps[3000][12];
    static int counts[3000];
    static unsigned char *starts[3000];
    unsigned char *at = map(64 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    IS(at != MAP_FAILED);
    for (int i = 0; i < 3000; i++) {
        counts[i] = random_steps(steps[i], 12);
        starts[i] = at;
        at = emit(at, steps[i], counts[i]);
        check(starts[i], steps[i], counts[i]);
    }
    for (int round = 0; round < 20; round++)
        for (int i = 0; i < 3000; i++)
            check(starts[i], steps[i], counts[i]);
    VALUE(wrong);
}

static void rewriting(void)
{
    PART("one place rewritten two thousand times");
    struct step steps[20];
    unsigned char *at = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    for (int i = 0; i < 2000; i++) {
        int count = random_steps(steps, 20);
        emit(at, steps, count);
        check(at, steps, count);
        check(at, steps, count);
    }
    VALUE(wrong);
    PART("hot, then rewritten");
    for (int i = 0; i < 10; i++) {
        int count = random_steps(steps, 20);
        emit(at, steps, count);
        for (int k = 0; k < 20000; k++)
            check(at, steps, count);
    }
    VALUE(wrong);
}

static void one_instruction(void)
{
    PART("one instruction of a hot function changed");
    struct step steps[3] = {{ADD_CONSTANT, 0}, {ADD_CONSTANT, 1000}, {SHIFT_LEFT, 1}};
    unsigned char *at = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    uint64_t sum = 0, expected = 0;
    for (int i = 0; i < 300; i++) {
        steps[0].constant = i;
        emit(at, steps, 3);
        for (int k = 0; k < 50; k++)
            sum += function_at(at)((uint64_t)k, 0);
        for (uint64_t k = 0; k < 50; k++)
            expected += (k + (uint64_t)i + 1000) << 1;
    }
    IS(sum == expected);
}

static void write_xor_execute(void)
{
    PART("W^X");
    struct step steps[20];
    unsigned char *at = map(2 * PAGE, PROT_READ | PROT_WRITE);
    for (int i = 0; i < 200; i++) {
        int count = random_steps(steps, 20);
        mprotect(at, 2 * PAGE, PROT_READ | PROT_WRITE);
        emit(at + PAGE - 30, steps, count);
        mprotect(at, 2 * PAGE, PROT_READ | PROT_EXEC);
        check(at + PAGE - 30, steps, count);
    }
    VALUE(wrong);
}

static void page_crossing(void)
{
    PART("at every even offset around a page's end");
    struct step steps[8];
    unsigned char *at = map(2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    for (int offset = PAGE - 40; offset <= PAGE + 4; offset += 2) {
        int count = random_steps(steps, 8);
        emit(at + offset, steps, count);
        check(at + offset, steps, count);
    }
    VALUE(wrong);
}

static void replaced_map(void)
{
    PART("unmapped and mapped anew at the same place");
    struct step steps[10];
    unsigned char *at = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    for (int i = 0; i < 100; i++) {
        int count = random_steps(steps, 10);
        emit(at, steps, count);
        check(at, steps, count);
        if (i % 2) {
            munmap(at, PAGE);
            at = mmap(at, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        } else {
            at = mmap(at, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        }
    }
    VALUE(wrong);
    PART("moved by mremap");
    int count = random_steps(steps, 10);
    emit(at, steps, count);
    check(at, steps, count);
    unsigned char *elsewhere = map(4 * PAGE, PROT_NONE);
    at = mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, elsewhere + PAGE);
    check(at, steps, count);
    VALUE(wrong);
    PART("read from a file");
    scratch();
    int fd = open("code", O_RDWR | O_CREAT, 0644);
    VALUE(write(fd, at, PAGE));
    unsigned char *loaded = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    check(loaded, steps, count);
    unsigned char *place = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    count = random_steps(steps, 10);
    emit(place, steps, count);
    check(place, steps, count);
    pwrite(fd, place, PAGE, 0);
    unsigned char *again = map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
    VALUE(pread(fd, again, PAGE, 0));
    __builtin___clear_cache((char *)again, (char *)again + PAGE);
    check(again, steps, count);
    VALUE(wrong);
}

int main(void)
{
    many_functions();
    rewriting();
    one_instruction();
    write_xor_execute();
    page_crossing();
    replaced_map();
    return 0;
}
