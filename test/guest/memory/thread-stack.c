/*
 * Stacks that threads discard at their end, or themselves (MADV_DONTNEED): whatever was there reads zero afterwards, and
 * nothing else is lost, whoever looks. The C library discards the stack of a thread that ends and gives it to the next one.
 *
 * @flags -pthread
 * @args threads
 * @args coroutine
 * @args protect
 * @args pieces
 * @args mapping
 */
#include "../threads.h"
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>

enum { KB = 1024, PAGE = 4096, STACK = 4096 * KB, OTHERS = 128 * KB };

static char *here(void) { return __builtin_frame_address(0); }

static char *page_of(char *at) { return at - (uintptr_t)at % PAGE; }

static __attribute__((noinline)) void store(volatile char *at, char value) { *at = value; }

/* How many words are not zero. */
static long rest(const char *from, const char *to)
{
    long found = 0;
    for (const long *at = (const long *)from; at < (const long *)to; at++)
        found += *at != 0;
    return found;
}

static char *bottom(void)
{
    pthread_attr_t own;
    void *low;
    size_t size;
    pthread_getattr_np(pthread_self(), &own);
    pthread_attr_getstack(&own, &low, &size);
    pthread_attr_destroy(&own);
    return low;
}

static __attribute__((noinline)) long deep(long levels)
{
    volatile long frame[120];
    for (int i = 0; i < 120; i++)
        frame[i] = levels + i + 1;
    return levels > 0 ? deep(levels - 1) + frame[levels % 120] : frame[0];
}

static __attribute__((noinline)) long wide(long value)
{
    volatile long frame[40 * KB];
    for (int i = 0; i < 40 * KB; i++)
        frame[i] = value;
    return deep(2) + frame[value];
}

static long found;

static long in_thread(void *(*run)(void *), void *argument)
{
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK);
    if (pthread_create(&thread, &attr, run, argument))
        exit(99);
    return join(thread);
}

static void *look(void *unused)
{
    (void)unused;
    found += rest(bottom(), here() - OTHERS);
    return NULL;
}

static void *go_deep(void *levels)
{
    look(NULL);
    deep((long)levels);
    return NULL;
}

static void *go_wide(void *value)
{
    look(NULL);
    wide((long)value);
    return NULL;
}

static void *keep_below(void *unused)
{
    char *low = bottom();
    for (int i = 0; i < 9; i++)
        store(low + 100 * PAGE + i, "below sp"[i]);
    pid_t child = fork();
    if (child == 0)
        _exit(strcmp(low + 100 * PAGE, "below sp"));
    int status;
    waitpid(child, &status, 0);
    VALUE(status);
    TEXT(low + 100 * PAGE, 8);
    /* What nobody else is told of is taken back. */
    memset(low + 100 * PAGE, 0, 8);
    return unused;
}

static void *kernel_below(void *unused)
{
    char *low = bottom();
    int ends[2];
    DO(pipe(ends));
    VALUE(write(ends[1], "from a pipe", 11));
    VALUE(read(ends[0], low + 50 * PAGE - 5, 11));
    TEXT(low + 50 * PAGE - 5, 11);
    close(ends[0]);
    close(ends[1]);
    return unused;
}

static volatile long handled;

static void handle(int signo)
{
    handled += signo + deep(100);
}

static void *take_signals(void *unused)
{
    look(NULL);
    for (int i = 0; i < 3; i++)
        pthread_kill(pthread_self(), SIGUSR1);
    return unused;
}

static void *fork_below(void *unused)
{
    look(NULL);
    deep(300);
    pid_t child = fork();
    if (child == 0) {
        deep(700);
        in_thread(go_deep, (void *)500);
        in_thread(look, NULL);
        _exit(found != 0);
    }
    int status;
    waitpid(child, &status, 0);
    VALUE(status);
    return unused;
}

static void threads(void)
{
    PART("what threads leave");
    for (long i = 0; i < 40; i++)
        in_thread(go_deep, (void *)(i * 397 % 2500));
    for (long i = 1; i < 10; i++)
        in_thread(i % 2 ? go_wide : go_deep, (void *)(i * 11));
    in_thread(look, NULL);
    VALUE(found);

    PART("what is stored below sp");
    in_thread(keep_below, NULL);
    in_thread(kernel_below, NULL);
    in_thread(look, NULL);
    VALUE(found);

    PART("handlers");
    signal(SIGUSR1, handle);
    in_thread(take_signals, NULL);
    in_thread(look, NULL);
    VALUE(found);

    PART("children");
    in_thread(fork_below, NULL);
    in_thread(look, NULL);
    VALUE(found);
}

/* A stack of the program's own, and a coroutine on it. */
static char *area;
static ucontext_t outside, inside;
static long levels;

static __attribute__((noinline)) void discard(char *low)
{
    if (madvise(low, (size_t)(page_of(here()) - 4 * PAGE - low), MADV_DONTNEED))
        perror("madvise");
}

static void clean_and_go_deep(void)
{
    for (;;) {
        discard(area);
        found += rest(area, here() - OTHERS);
        deep(levels);
        discard(area);
        found += rest(area, here() - OTHERS);
        swapcontext(&inside, &outside);
    }
}

static void enter(long to)
{
    levels = to;
    swapcontext(&outside, &inside);
}

static void begin(char *low, char *high)
{
    getcontext(&inside);
    inside.uc_stack.ss_sp = low;
    inside.uc_stack.ss_size = (size_t)(high - low);
    makecontext(&inside, clean_and_go_deep, 0);
}

static void forked(const char *at)
{
    pid_t child = fork();
    if (child == 0)
        _exit(*at);
    int status;
    waitpid(child, &status, 0);
    VALUE(WEXITSTATUS(status));
}

static void map_and_begin(void)
{
    area = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    memset(area, 'x', STACK);
    begin(area, area + STACK);
    enter(1000);
}

static void coroutine(void)
{
    PART("a stack of one's own");
    map_and_begin();
    for (long i = 0; i < 20; i++)
        enter(i * 197 % 2000);
    VALUE(found);

    PART("memory while nobody is there");
    store(area + 200 * PAGE, 'y');
    forked(area + 200 * PAGE);
    IS(area[200 * PAGE] == 'y');
    DO(madvise(area + 200 * PAGE, PAGE, MADV_DONTNEED));
    IS(area[200 * PAGE] == 0);
    store(area + 200 * PAGE, 'z');
    DO(madvise(area, 600 * PAGE, MADV_DONTNEED));
    enter(1500);
    enter(3);
    VALUE(found);
}

static void protect(void)
{
    PART("less access, and all of it again");
    map_and_begin();
    store(area + 200 * PAGE, 'z');
    DO(mprotect(area + 190 * PAGE, 5 * PAGE, PROT_READ));
    forked(area + 200 * PAGE);
    VALUE(rest(area + 190 * PAGE, area + 195 * PAGE));
    DO(mprotect(area + 190 * PAGE, 5 * PAGE, PROT_READ | PROT_WRITE));
    IS(area[200 * PAGE] == 'z');
    enter(1500);
    enter(3);
    VALUE(found);
}

static void pieces(void)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK;
    PART("a piece that is moved away, and another in its place");
    map_and_begin();
    char *place = mmap(NULL, 20 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    store(area + 300 * PAGE, 'p');
    IS(mremap(area + 290 * PAGE, 20 * PAGE, 20 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place);
    IS(place[10 * PAGE] == 'p');
    IS(mmap(area + 290 * PAGE, 20 * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1, 0) == area + 290 * PAGE);
    VALUE(rest(area + 290 * PAGE, area + 310 * PAGE));
    enter(1000);
    enter(3);
    VALUE(found);

    PART("and a hole");
    store(area + 305 * PAGE, 'q');
    store(area + 420 * PAGE, 'r');
    DO(munmap(area + 306 * PAGE, 2 * PAGE));
    IS(area[305 * PAGE] == 'q' && area[420 * PAGE] == 'r');
    forked(area + 420 * PAGE);
    IS(mmap(area + 306 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1, 0) == area + 306 * PAGE);
    VALUE(rest(area + 306 * PAGE, area + 308 * PAGE));
    enter(1000);
    enter(3);
    VALUE(found);

    PART("and one that is mapped anew");
    store(area + 100 * PAGE, 's');
    DO(munmap(area, STACK));
    IS(mmap(area, STACK, PROT_READ | PROT_WRITE, flags | MAP_FIXED, -1, 0) == area);
    VALUE(rest(area, area + STACK));
}

/* Two coroutines whose stacks are one mapping: the upper one discards the lower one's too. */
static char *lower_frame;
static ucontext_t lower;

static void stay_below(void)
{
    for (;;) {
        volatile char mine[64];
        lower_frame = (char *)mine;
        deep(levels);
        mine[0] = 'm';
        swapcontext(&lower, &outside);
    }
}

static void one_mapping(void)
{
    PART("two stacks in one mapping");
    area = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    begin(area + STACK / 2, area + STACK);
    for (long i = 0; i < 4; i++) {
        getcontext(&lower);
        lower.uc_stack.ss_sp = area;
        lower.uc_stack.ss_size = STACK / 2;
        makecontext(&lower, stay_below, 0);
        levels = 300 * (i + 1);
        swapcontext(&outside, &lower);
        IS(*lower_frame == 'm');
        forked(lower_frame);
        swapcontext(&outside, &lower);
        IS(*lower_frame == 'm');
        enter(100);
        IS(*lower_frame == 0);
    }
    VALUE(found);
    DO(munmap(area, STACK));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } runs[] = {
        {"threads", threads}, {"coroutine", coroutine}, {"protect", protect}, {"pieces", pieces}, {"mapping", one_mapping},
    };
    /* So that it is translated. */
    char byte;
    for (int i = 0; i < 100000; i++)
        store(&byte, (char)deep(1));
    for (size_t i = 0; argc > 1 && i < sizeof runs / sizeof *runs; i++)
        if (strcmp(runs[i].name, argv[1]) == 0)
            runs[i].run();
    return 0;
}
