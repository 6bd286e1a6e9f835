/*
 * Code that is changed while it is on the call stack: a function calls back into C, C rewrites the rest of that very
 * function, and the return lands in the new code.
 */
#include "emit.h"

static unsigned char *tail;
static int version;

/* Called by the made code; replaces what comes after the call. */
static void patch(void)
{
    struct step steps[2] = {{ADD_CONSTANT, ++version % 20 * 100}, {SHIFT_LEFT, 1}};
    unsigned char *at = tail;
    for (int i = 0; i < 2; i++)
        at = emit_step(at, steps[i]);
    __builtin___clear_cache((char *)tail, (char *)at);
}

#ifdef __riscv
/* addi sp,-32; sd ra; sd a0; jalr ra, a1; ld a0; ld ra; addi sp,32; (tail: two steps); ret */
static void make(unsigned char *at)
{
    static const uint32_t code[] = {0xfe010113, 0x00113423, 0x00a13823, 0x000580e7, 0x01013503, 0x00813083, 0x02010113};
    at = emit_bytes(at, code, sizeof code);
    tail = at;
    at = emit_step(at, (struct step){ADD_CONSTANT, 7});
    at = emit_step(at, (struct step){SHIFT_LEFT, 2});
    at = emit_return(at);
    __builtin___clear_cache((char *)at - 64, (char *)at);
}
#else
/* push rdi; call rsi; pop rax; (tail: two steps); ret */
static void make(unsigned char *at)
{
    at = emit_bytes(at, "\x57\xff\xd6\x58", 4);
    tail = at;
    at = emit_step(at, (struct step){ADD_CONSTANT, 7});
    at = emit_step(at, (struct step){SHIFT_LEFT, 2});
    emit_return(at);
}
#endif

static int calls;
static void nothing(void) { calls++; }

int main(void)
{
    unsigned char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *place = at + 64;
    make(place);
    uint64_t (*function)(uint64_t, void (*)(void));
    memcpy(&function, &place, sizeof function);
    VALUE(function(1, nothing));
    VALUE(function(1, patch));
    VALUE(function(1, nothing));
    VALUE(function(1, patch));
    uint64_t sum = 0;
    for (int i = 0; i < 2000; i++)
        sum += function((uint64_t)i, i % 7 ? nothing : patch);
    VALUE(sum);
    VALUE(calls);
    VALUE(version);
    return 0;
}
