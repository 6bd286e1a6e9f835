/* A bytecode interpreter with one switch in a loop: an unpredictable indirect jump an instruction. */
#include "machine.h"

static int64_t run(const struct insn *code, int64_t from, int64_t to)
{
    int64_t r[8] = {[0] = from, [3] = to};
    for (const struct insn *at = code;; at++) {
        switch ((enum op)at->op) {
        case HALT: return r[4];
        case SET: r[at->a] = at->value; break;
        case MOVE: r[at->a] = r[at->b]; break;
        case ADD: r[at->a] = r[at->b] + r[at->c]; break;
        case ADDI: r[at->a] = r[at->b] + at->value; break;
        case SUB: r[at->a] = r[at->b] - r[at->c]; break;
        case MULI: r[at->a] = r[at->b] * at->value; break;
        case SHR: r[at->a] = r[at->b] >> at->value; break;
        case ANDI: r[at->a] = r[at->b] & at->value; break;
        case XOR: r[at->a] = r[at->b] ^ r[at->c]; break;
        case LOAD: r[at->a] = memory[r[at->b] & 63]; break;
        case STORE: memory[r[at->b] & 63] = r[at->a]; break;
        case JUMP: at = code + at->value - 1; break;
        case JZ:
            if (!r[at->a])
                at = code + at->value - 1;
            break;
        case JNE:
            if (r[at->a] != r[at->b])
                at = code + at->value - 1;
            break;
        case JLT:
            if (r[at->a] < r[at->b])
                at = code + at->value - 1;
            break;
        }
    }
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 1000);
    uint64_t sum = 0;
    for (long i = 0; i < rounds; i++)
        sum = fold(sum, (uint64_t)run(walk, 2 + i, 4000 + i));
    return report("bytecode", sum);
}
