/*
 * A little of everything that embedded code does: a linked list that is searched, reversed and merge-sorted, a matrix of
 * 16-bit integers, a state machine that classifies words, and a CRC over the results of the three.
 */
#include "kernel.h"

enum { NODES = 400, SIDE = 24, TEXT = 600 };

struct node {
    struct node *next;
    uint16_t key;
    uint16_t tag;
};

static uint16_t crc16(uint16_t crc, uint32_t value)
{
    for (int bit = 0; bit < 32; bit++) {
        uint16_t carry = (crc ^ value) & 1;
        crc >>= 1;
        value >>= 1;
        if (carry)
            crc ^= 0xa001;
    }
    return crc;
}

static struct node pool[NODES];

static struct node *make_list(uint32_t seed)
{
    for (int i = 0; i < NODES; i++) {
        pool[i].next = i + 1 < NODES ? &pool[i + 1] : NULL;
        pool[i].key = (uint16_t)(seed = seed * 1103515245u + 12345u) >> 1;
        pool[i].tag = (uint16_t)(seed >> 16);
    }
    return pool;
}

static struct node *reverse(struct node *list)
{
    struct node *done = NULL;
    while (list) {
        struct node *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

static int by_key(const struct node *a, const struct node *b) { return a->key - b->key; }
static int by_tag(const struct node *a, const struct node *b) { return a->tag - b->tag; }

static struct node *merge(struct node *a, struct node *b, int (*order)(const struct node *, const struct node *))
{
    struct node head, *last = &head;
    while (a && b) {
        struct node **from = order(a, b) <= 0 ? &a : &b;
        last->next = *from;
        last = *from;
        *from = last->next;
    }
    last->next = a ? a : b;
    return head.next;
}

static struct node *sort(struct node *list, int (*order)(const struct node *, const struct node *))
{
    if (!list || !list->next)
        return list;
    struct node *slow = list, *fast = list->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct node *second = slow->next;
    slow->next = NULL;
    return merge(sort(list, order), sort(second, order), order);
}

static const struct node *find(const struct node *list, uint16_t key)
{
    while (list && list->key != key)
        list = list->next;
    return list;
}

static uint16_t list_work(uint32_t seed, uint16_t crc)
{
    struct node *list = sort(make_list(seed), by_key);
    for (int i = 0; i < 16; i++) {
        const struct node *hit = find(list, pool[(seed + 37u * i) % NODES].key);
        crc = crc16(crc, hit ? hit->tag : 0);
        list = reverse(list);
    }
    for (list = sort(list, by_tag); list; list = list->next)
        crc = (uint16_t)(crc * 31 + list->key);
    return crc;
}

static int16_t left[SIDE][SIDE], right[SIDE][SIDE];
static int32_t product[SIDE][SIDE];

static uint16_t matrix_work(uint32_t seed, uint16_t crc)
{
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            left[i][j] = (int16_t)(seed + i * j);
            right[i][j] = (int16_t)(seed ^ (i + 3 * j));
        }
    int32_t peak = 0;
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            uint32_t sum = 0;
            for (int k = 0; k < SIDE; k++)
                sum += (uint32_t)left[i][k] * (uint32_t)right[k][j];
            product[i][j] = (int32_t)sum;
            peak = product[i][j] > peak ? product[i][j] : peak;
        }
    for (int i = 0; i < SIDE; i++)
        crc = crc16(crc, (uint32_t)product[i][SIDE - 1 - i]);
    return crc16(crc, (uint32_t)peak);
}

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, WORD, BAD, STATES };

static enum state step(enum state state, char c)
{
    int digit = c >= '0' && c <= '9', letter = (c | 32) >= 'a' && (c | 32) <= 'z';
    switch (state) {
    case START: return digit ? INTEGER : letter ? WORD : c == '-' || c == '+' ? SIGN : c == '.' ? POINT : BAD;
    case SIGN: return digit ? INTEGER : c == '.' ? POINT : BAD;
    case INTEGER: return digit ? INTEGER : c == '.' ? FRACTION : (c | 32) == 'e' ? EXPONENT : BAD;
    case POINT: return digit ? FRACTION : BAD;
    case FRACTION: return digit ? FRACTION : (c | 32) == 'e' ? EXPONENT : BAD;
    case EXPONENT: return digit || c == '-' ? EXPONENT : BAD;
    case WORD: return letter || digit ? WORD : BAD;
    default: return BAD;
    }
}

static uint16_t state_work(uint32_t seed, uint16_t crc)
{
    static const char alphabet[] = "0123456789.eE+-,abcz,5.,12,";
    char text[TEXT];
    uint32_t count[STATES] = {0};
    for (int i = 0; i < TEXT; i++)
        text[i] = alphabet[((seed = seed * 69069u + 1u) >> 16) % (sizeof alphabet - 1)];
    enum state state = START;
    for (int i = 0; i < TEXT; i++) {
        if (text[i] == ',') {
            count[state]++;
            state = START;
        } else {
            state = step(state, text[i]);
        }
    }
    for (int i = 0; i < STATES; i++)
        crc = crc16(crc, count[i]);
    return crc;
}

int main(int argc, char **argv)
{
    long rounds = iterations(argc, argv, 34000);
    uint64_t sum = 0;
    uint16_t crc = 0;
    for (long i = 0; i < rounds; i++) {
        crc = list_work((uint32_t)i, crc);
        crc = matrix_work(crc, crc);
        crc = state_work(crc + (uint32_t)i, crc);
        sum = fold(sum, crc);
    }
    return report("core", sum);
}
