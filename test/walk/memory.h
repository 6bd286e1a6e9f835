/* Mappings in a window of pages: after each step the kernel is asked which of them it can read and write, and what is there. */
#define WINDOW ((char *)0x30000000)
#define PAGES 24

static int probe[2], backing, shared_backing;

static int any_prot(void)
{
    static const int protections[] = {PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE,
                                      PROT_READ | PROT_EXEC, PROT_WRITE};
    return ONE_OF(protections);
}

/* One letter a page: - nothing or unreadable, otherwise the low bits of its first byte; in capitals where it can be written. */
static void survey(char *line)
{
    for (int i = 0; i < PAGES; i++) {
        char *at = WINDOW + i * PAGE, byte = 0;
        int readable = write(probe[1], at, 1) == 1;
        if (!readable) {
            line[i] = '-';
            continue;
        }
        if (read(probe[0], &byte, 1) != 1)
            abort();
        if (write(probe[1], &byte, 1) != 1)
            abort();
        int writable = read(probe[0], at, 1) == 1;
        char drained;
        if (!writable && read(probe[0], &drained, 1) != 1)
            abort();
        line[i] = (char)((writable ? 'A' : 'a') + (byte & 15));
    }
    line[PAGES] = 0;
}

static void map_some(void)
{
    static const int kinds[] = {MAP_PRIVATE | MAP_ANONYMOUS, MAP_PRIVATE | MAP_ANONYMOUS, MAP_SHARED | MAP_ANONYMOUS, MAP_PRIVATE,
                                MAP_SHARED, MAP_SHARED_VALIDATE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS};
    int kind = ONE_OF(kinds), prot = any_prot(), page = pick(PAGES), length = 1 + pick(8), offset = pick(6);
    if (page + length > PAGES)
        length = PAGES - page;
    int fixed = rarely(3) ? MAP_FIXED_NOREPLACE : MAP_FIXED;
    /* What a private mapping shows of a file that is written later is left open by mmap(2): that file never is. */
    int fd = kind & MAP_ANONYMOUS ? -1 : kind & MAP_SHARED ? shared_backing : backing;
    int odd = rarely(12) ? 100 : 0;
    char *at = mmap(WINDOW + page * PAGE + odd, (size_t)length * PAGE - 50, prot, kind | fixed, fd,
                    kind & MAP_ANONYMOUS ? 0 : offset * PAGE);
    told(at == MAP_FAILED ? -1 : (at - WINDOW) / PAGE, "mmap %d+%d prot %d kind %#x %s fd %d offset %d odd %d", page, length, prot,
         kind, fixed == MAP_FIXED ? "fixed" : "free", fd, offset, odd);
}

static void change_some(void)
{
    static const int advices[] = {MADV_WILLNEED, MADV_DONTNEED, MADV_DONTFORK,
                                  MADV_DOFORK, MADV_DONTDUMP, MADV_COLD, MADV_POPULATE_READ, MADV_POPULATE_WRITE,
                                  MADV_WIPEONFORK, 99};
    int page = pick(PAGES), length = pick(8);
    if (page + length > PAGES)
        length = PAGES - page;
    char *at = WINDOW + page * PAGE + (rarely(15) ? 8 : 0);
    size_t size = (size_t)length * PAGE - (length && rarely(4) ? 100 : 0);
    switch (pick(8)) {
    case 0:
    case 1:
        told(munmap(at, size), "munmap %d+%d", page, length);
        return;
    case 2:
    case 3: {
        int prot = any_prot();
        told(mprotect(at, size, prot), "mprotect %d+%d %d", page, length, prot);
        return;
    }
    case 4: {
        int advice = ONE_OF(advices);
        told(madvise(at, size, advice), "madvise %d+%d %d", page, length, advice);
        return;
    }
    case 5: {
        static const int kinds[] = {MS_SYNC, MS_ASYNC, MS_SYNC | MS_ASYNC, 0, 64};
        int kind = ONE_OF(kinds);
        told(msync(at, size, kind), "msync %d+%d %d", page, length, kind);
        return;
    }
    case 6: {
        unsigned char present[16];
        told(mincore(at, size, present), "mincore %d+%d", page, length);
        return;
    }
    default:
        told(rarely(2) ? mlock(at, size) : munlock(at, size), "mlock %d+%d", page, length);
    }
}

static void move_some(void)
{
    int page = pick(PAGES), length = 1 + pick(5), to = pick(PAGES), longer = pick(8);
    if (page + length > PAGES)
        length = PAGES - page;
    if (to + longer > PAGES)
        longer = PAGES - to;
    /* Where a mapping ends depends on which neighbours were ever written: pieces of one page have no such ends. */
    if (length > 1)
        longer = length;
    static const int ways[] = {MREMAP_MAYMOVE, MREMAP_MAYMOVE | MREMAP_FIXED, MREMAP_MAYMOVE | MREMAP_FIXED, MREMAP_FIXED,
                               MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP};
    int way = ONE_OF(ways);
    void *at = mremap(WINDOW + page * PAGE, (size_t)length * PAGE, (size_t)longer * PAGE, way, WINDOW + to * PAGE);
    int inside = (char *)at >= WINDOW && (char *)at < WINDOW + PAGES * PAGE;
    if (at != MAP_FAILED && !inside)
        munmap(at, (size_t)longer * PAGE);
    told(at == MAP_FAILED ? -1 : inside ? ((char *)at - WINDOW) / PAGE : PAGES, "mremap %d+%d to %d+%d way %d", page, length, to, longer, way);
}

/* Writes through the file, which shared mappings show, and into pages that can be written. */
static void write_some(void)
{
    char byte = (char)step;
    long page = pick(PAGES);
    if (rarely(2)) {
        told(pwrite(shared_backing, &byte, 1, (page % 8) * PAGE), "pwrite %ld", page % 8);
        return;
    }
    if (write(probe[1], &byte, 1) != 1)
        abort();
    long result = read(probe[0], WINDOW + page * PAGE, 1);
    told(result, "store %ld", page);
    char drained;
    if (result != 1 && read(probe[0], &drained, 1) != 1)
        abort();
}

static void begin_memory(void)
{
    if (pipe2(probe, O_NONBLOCK))
        abort();
    backing = open("backing", O_RDWR | O_CREAT | O_TRUNC, 0644);
    shared_backing = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0644);
    for (int i = 0; i < 8; i++) {
        char byte = (char)(i + 1);
        pwrite(backing, &byte, 1, i * PAGE);
        byte += 4;
        if (i < 4)
            pwrite(shared_backing, &byte, 1, i * PAGE + 0);
    }
    /* The last page of one file is only partly there; pages behind its end are not. */
    if (ftruncate(shared_backing, 3 * PAGE + 500))
        abort();
}

static void walk_memory(void)
{
    switch (pick(8)) {
    case 0:
    case 1:
    case 2:
        map_some();
        break;
    case 3:
    case 4:
        change_some();
        break;
    case 5:
        move_some();
        break;
    default:
        write_some();
    }
    char line[PAGES + 1];
    survey(line);
    told(0, "pages %s", line);
}
