/* The interpreter of bytecode.c with computed gotos: the indirect jump stands at the end of every instruction. */
#include "machine.h"

static int64_t run(const struct insn *code, int64_t from, int64_t to)
{
#define X(name) &&do_##name,
    static const void *const label[] = {OPS(X)};
#undef X
#define NEXT goto *label[(++at)->op]
#define GOTO                                                                                                           \
    do {                                                                                                               \
        at = code + at->value;                                                                                         \
        goto *label[at->op];                                                                                           \
    } while (0)
    int64_t r[8] = {[0] = from, [3] = to};
    const struct insn *at = code;
    goto *label[at->op];
do_HALT: return r[4];
do_SET: r[at->a] = at->value; NEXT;
do_MOVE: r[at->a] = r[at->b]; NEXT;
do_ADD: r[at->a] = r[at->b] + r[at->c]; NEXT;
do_ADDI: r[at->a] = r[at->b] + at->value; NEXT;
do_SUB: r[at->a] = r[at->b] - r[at->c]; NEXT;
do_MULI: r[at->a] = r[at->b] * at->value; NEXT;
do_SHR: r[at->a] = r[at->b] >> at->value; NEXT;
do_ANDI: r[at->a] = r[at->b] & at->value; NEXT;
do_XOR: r[at->a] = r[at->b] ^ r[at->c]; NEXT;
do_LOAD: r[at->a] = memory[r[at->b] & 63]; NEXT;
do_STORE: memory[r[at->b] & 63] = r[at->a]; NEXT;
do_JUMP: GOTO;
do_JZ:
    if (!r[at->a])
        GOTO;
    NEXT;
do_JNE:
    if (r[at->a] != r[at->b])
        GOTO;
    NEXT;
do_JLT:
    if (r[at->a] < r[at->b])
        GOTO;
    NEXT;
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 1000);
    uint64_t sum = 0;
    for (long i = 0; i < rounds; i++)
        sum = fold(sum, (uint64_t)run(walk, 2 + i, 4000 + i));
    return report("threaded", sum);
}
