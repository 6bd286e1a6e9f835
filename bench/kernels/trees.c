/* Binary trees that are built, walked and freed: malloc and free, pointer chasing, recursion. */
#include "kernel.h"

struct tree {
    struct tree *left, *right;
};

static struct tree *grow(int depth)
{
    struct tree *tree = malloc(sizeof *tree);
    tree->left = depth ? grow(depth - 1) : NULL;
    tree->right = depth ? grow(depth - 1) : NULL;
    return tree;
}

static long count(const struct tree *tree)
{
    return tree->left ? 1 + count(tree->left) + count(tree->right) : 1;
}

static void cut(struct tree *tree)
{
    if (tree->left) {
        cut(tree->left);
        cut(tree->right);
    }
    free(tree);
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 600);
    uint64_t sum = 0;
    struct tree *kept = grow(15);
    for (long i = 0; i < rounds; i++) {
        struct tree *tree = grow(13 + (int)(i & 3));
        sum = fold(sum, (uint64_t)(count(tree) + count(kept)));
        cut(tree);
    }
    cut(kept);
    return report("trees", sum);
}
