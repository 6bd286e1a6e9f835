/*
 * Goes through a system's calls at random, one call after the other in one process, and prints what each answered:
 *
 *     walk FOLDER FAMILY SEED STEPS
 *
 * The same seed takes the same steps on every system that answers alike. FOLDER is made; nothing outside it is touched.
 */
#include "walk.h"

#include "files.h"
#include "ids.h"
#include "memory.h"
#include "processes.h"
#include "signals.h"
#include "streams.h"

#include "inet.h"
#include "ipc.h"
#include "watches.h"

static void begin_ids(void) {}

typedef struct {
    const char *name;
    void (*begin)(void);
    void (*walk)(void);
} Family;

static const Family families[] = {
    {"files", begin_files, walk_files},       {"streams", begin_streams, walk_streams}, {"memory", begin_memory, walk_memory},
    {"signals", begin_signals, walk_signals}, {"ids", begin_ids, walk_ids},
    {"inet", begin_inet, walk_inet},
    {"ipc", begin_ipc, walk_ipc},
    {"watches", begin_watches, walk_watches},
    {"processes", begin_processes, walk_processes},
};

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    for (int fd = 3; fd < 100; fd++)
        close(fd);
    /* Links lead at most one folder up. */
    if (mkdir(argv[1], 0755) || chdir(argv[1]) || mkdir("walk", 0755) || chdir("walk"))
        return 2;
    long steps = atol(argv[4]);
    state = (uint64_t)atol(argv[3]) * 0x9e3779b97f4a7c15ULL + 1;
    for (int i = 0; i < 8; i++)
        pick(1);
    for (int i = 0; i < COUNT(families); i++) {
        if (strcmp(families[i].name, argv[2]))
            continue;
        families[i].begin();
        for (step = 0; step < steps; step++)
            families[i].walk();
        return 0;
    }
    return 2;
}
