/*
 * Words through libc: made with snprintf, counted in an open hash table (strlen, memcmp, memcpy), sorted by strcmp and
 * joined and searched (strchr, strstr).
 */
#include "kernel.h"
#include <string.h>

enum { SLOTS = 8192, WORDS = 3000 };

struct slot {
    char *word;
    uint32_t hash, count;
};

static struct slot table[SLOTS];
static char arena[WORDS * 24];
static char *words[WORDS];

static uint32_t hash(const char *word, size_t length)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)word[i]) * 16777619u;
    return h;
}

static struct slot *lookup(char *word)
{
    size_t length = strlen(word);
    uint32_t h = hash(word, length);
    for (uint32_t at = h % SLOTS;; at = (at + 1) % SLOTS) {
        struct slot *slot = &table[at];
        if (!slot->word) {
            *slot = (struct slot){word, h, 0};
            return slot;
        }
        if (slot->hash == h && !memcmp(slot->word, word, length + 1))
            return slot;
    }
}

static int by_word(const void *a, const void *b)
{
    return strcmp((*(struct slot *const *)a)->word, (*(struct slot *const *)b)->word);
}

static uint64_t search(struct slot **sorted, int count)
{
    static char line[sizeof arena];
    char *end = line;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(sorted[i]->word);
        memcpy(end, sorted[i]->word, length);
        end += length;
        *end++ = i + 1 < count ? ' ' : '\0';
    }
    uint64_t found = 0;
    for (const char *at = line; (at = strchr(at, ' ')); at++)
        found++;
    for (const char *at = line; (at = strstr(at, "q9")); at++)
        found = fold(found, (uint64_t)(at - line));
    return found;
}

static uint64_t round_of_words(void)
{
    static struct slot *sorted[WORDS];
    char *end = arena;
    int count = 0;
    memset(table, 0, sizeof table);
    for (int i = 0; i < WORDS; i++) {
        uint32_t r = (uint32_t)next_random() % 2500;
        words[i] = end;
        end += snprintf(end, 24, "%c%c-%u", 'a' + r % 26, 'q' + r % 7, r * r) + 1;
        struct slot *slot = lookup(words[i]);
        if (!slot->count++)
            sorted[count++] = slot;
    }
    qsort(sorted, (size_t)count, sizeof *sorted, by_word);
    uint64_t sum = search(sorted, count);
    for (int i = 0; i < count; i++)
        sum = fold(sum, sorted[i]->hash + sorted[i]->count);
    return sum;
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 4600);
    uint64_t sum = 0;
    for (long i = 0; i < rounds; i++)
        sum = fold(sum, round_of_words());
    return report("table", sum);
}
