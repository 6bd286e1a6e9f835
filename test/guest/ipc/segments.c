/*
 * shmget(2), shmat(2), shmdt(2) and shmctl(2): places, permissions, how many are attached, and when a segment goes.
 */
#include "ipc.h"
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096L

static int segment;

static struct shmid_ds stat_of(int id)
{
    struct shmid_ds ds;
    memset(&ds, 0xff, sizeof ds);
    if (shmctl(id, IPC_STAT, &ds) < 0)
        memset(&ds, 0, sizeof ds);
    return ds;
}

static int attached(void) { return (int)stat_of(segment).shm_nattch; }

static void make(void)
{
    PART("shmget");
    key_t key = free_key();
    ASK(shmget(key, 100, 0600));
    ASK(shmget(key, 0, IPC_CREAT | 0600));
    ASK(shmget(key, (size_t)-1, IPC_CREAT | 0600));
    int id = shmget(key, 5000, IPC_CREAT | 0640);
    IS(id >= 0);
    ASK(shmget(key, 1, IPC_CREAT | IPC_EXCL | 0640));
    IS(shmget(key, 5000, IPC_CREAT) == id && shmget(key, 0, 0) == id && shmget(key, 100, 0) == id);
    ASK(shmget(key, 5001, 0));
    ASK(shmget(key, 5001, IPC_CREAT | IPC_EXCL));
    struct shmid_ds ds = stat_of(id);
    VALUE(ds.shm_segsz);
    BITS(ds.shm_perm.mode);
    VALUE(ds.shm_nattch);
    IS(ds.shm_perm.__key == key && ds.shm_cpid == getpid() && ds.shm_lpid == 0);
    IS(ds.shm_atime == 0 && ds.shm_dtime == 0 && time(NULL) - ds.shm_ctime < 100);
    ASK(shmctl(id, IPC_RMID, NULL));
    ASK(shmget(key, 0, 0));
    ASK(shmctl(id, IPC_STAT, &ds));
    IS(shmat(id, NULL, 0) == (void *)-1 && errno == EINVAL);
    ASK(shmctl(id, IPC_RMID, NULL));
    ASK(shmctl(-1, IPC_RMID, NULL));
    ASK(shmctl(0, 99, NULL));
    ASK(shmctl(0, -1, NULL));
}

static long at(int id, const void *address, int flags)
{
    void *got = shmat(id, address, flags);
    return got == (void *)-1 ? -1 : (long)got;
}

static void places(void)
{
    PART("shmat");
    char *one = shmat(segment, NULL, 0);
    char *free_place = mmap(NULL, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(free_place, 16 * PAGE);
    IS(one != (void *)-1 && (long)one % PAGE == 0);
    VALUE(attached());
    IS(one[0] == 0 && one[9999] == 0 && one[3 * PAGE - 1] == 0);
    strcpy(one + 4090, "across pages");
    one[3 * PAGE - 1] = 7;
    IS(at(segment, free_place, 0) == (long)free_place);
    VALUE(attached());
    TEXT(free_place + 4090, 12);
    IS(free_place[3 * PAGE - 1] == 7);
    free_place[1] = 'x';
    IS(one[1] == 'x');
    ASK(at(segment, free_place, 0));
    ASK(at(segment, free_place + 2 * PAGE, 0));
    ASK(at(segment, free_place + 5, 0));
    ASK(at(segment, free_place + 5, SHM_RND));
    ASK(at(segment, NULL, SHM_REMAP));
    ASK(at(segment, (void *)5, SHM_RND | SHM_REMAP));
    ASK(at(segment, (void *)5, SHM_REMAP));
    IS(at(segment, free_place + 3 * PAGE + 9, SHM_RND) == (long)free_place + 3 * PAGE);
    IS(at(segment, free_place + PAGE, SHM_REMAP) == (long)free_place + PAGE);
    VALUE(attached());
    IS(free_place[1] == 'x' && free_place[PAGE + 1] == 'x' && free_place[4 * PAGE] == one[PAGE]);
    ASK(at(-1, NULL, 0));
    ASK(at(0x7fffffff, NULL, 0));
    ASK(at(0x7fffffff, (void *)5, 0));
    PART("shmdt");
    ASK(shmdt(free_place + 5));
    ASK(shmdt(free_place + 2 * PAGE));
    ASK(shmdt(NULL));
    ASK(shmdt(free_place + PAGE));
    VALUE(attached());
    ASK(shmdt(free_place));
    ASK(shmdt(free_place));
    VALUE(attached());
    ASK(shmdt(free_place + 3 * PAGE));
    VALUE(attached());
    PART("in pieces");
    ASK(munmap(one + PAGE, PAGE));
    VALUE(attached());
    TEXT(one + 4090, 6);
    ASK(shmdt(one));
    VALUE(attached());
    ASK(shmdt(one));
    char *anonymous = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASK(shmdt(anonymous));
    one = shmat(segment, NULL, 0);
    TEXT(one + 4090, 12);
    ASK(munmap(one, 3 * PAGE));
    VALUE(attached());
}

static void access_to(void)
{
    PART("what may be done with it");
    char *reader = shmat(segment, NULL, SHM_RDONLY), *writer = shmat(segment, NULL, 0);
    ASK(mprotect(reader, 3 * PAGE, PROT_READ | PROT_WRITE));
    ASK(mprotect(writer, 3 * PAGE, PROT_READ));
    ASK(mprotect(writer, 3 * PAGE, PROT_READ | PROT_WRITE));
    writer[8] = 'w';
    IS(reader[8] == 'w');
    int fd = open("/dev/zero", O_RDONLY);
    ASK(read(fd, reader, 1));
    ASK(read(fd, writer, 1));
    close(fd);
    char *grown = mremap(writer, 3 * PAGE, 5 * PAGE, MREMAP_MAYMOVE);
    IS(grown != MAP_FAILED && grown[8] == 'w');
    VALUE(attached());
    ASK(shmdt(grown));
    VALUE(attached());
    ASK(munmap(grown + 3 * PAGE, 2 * PAGE));
    VALUE(attached());
    ASK(shmdt(reader));
}

static int look(void *text)
{
    char *memory = text;
    strcpy(memory + 100, "from the child");
    printf("child: %d attached, %s\n", attached(), memory + 5000);
    int id = segment;
    char *again = shmat(id, NULL, 0);
    strcpy(again + 9000, "through another view");
    printf("child: %d attached\n", attached());
    return 0;
}

static int execute(void *unused)
{
    (void)unused;
    char id[16];
    snprintf(id, sizeof id, "%d", segment);
    execl("/proc/self/exe", "segments", id, NULL);
    return 1;
}

static int vanish(void *memory)
{
    strcpy((char *)memory + 200, "last words");
    raise(SIGKILL);
    return 0;
}

static void between(void)
{
    PART("between processes");
    char *memory = shmat(segment, NULL, 0);
    strcpy(memory + 5000, "from the parent");
    pid_t pid = in_child(look, memory);
    ASK(end_of(pid));
    VALUE(attached());
    struct shmid_ds ds = stat_of(segment);
    IS(ds.shm_lpid == pid && ds.shm_cpid == getpid());
    IS(ds.shm_atime != 0 && ds.shm_dtime != 0);
    TEXT(memory + 100, 14);
    TEXT(memory + 9000, 20);
    ASK(end_of(in_child(execute, NULL)));
    VALUE(attached());
    ASK(end_of(in_child(vanish, memory)));
    TEXT(memory + 200, 10);
    VALUE(attached());
    ASK(shmdt(memory));
    ds = stat_of(segment);
    IS(ds.shm_lpid == getpid() && ds.shm_nattch == 0);
    memory = shmat(segment, NULL, SHM_RDONLY);
    TEXT(memory + 100, 14);
    TEXT(memory + 200, 10);
    shmdt(memory);
}

static int stay(void *memory)
{
    while (!*(volatile char *)memory)
        breathe();
    printf("child: %s\n", (char *)memory + 1);
    return attached();
}

static void removed(void)
{
    PART("removed while attached");
    key_t key = free_key();
    int id = shmget(key, PAGE, IPC_CREAT | 0600), kept = segment;
    segment = id;
    char *memory = shmat(id, NULL, 0);
    pid_t pid = in_child(stay, memory);
    ASK(shmctl(id, IPC_RMID, NULL));
    ASK(shmget(key, 0, 0));
    struct shmid_ds ds = stat_of(id);
    BITS(ds.shm_perm.mode);
    IS(ds.shm_perm.__key == IPC_PRIVATE);
    VALUE(ds.shm_nattch);
    int other = shmget(key, PAGE, IPC_CREAT | 0600);
    IS(other >= 0 && other != id);
    shmctl(other, IPC_RMID, NULL);
    char *again = shmat(id, NULL, 0);
    IS(again != (void *)-1);
    strcpy(again + 1, "still here");
    ASK(shmctl(id, IPC_RMID, NULL));
    *again = 1;
    ASK(end_of(pid));
    VALUE(attached());
    shmdt(again);
    shmdt(memory);
    ASK(shmctl(id, IPC_STAT, &ds));
    ASK(at(id, NULL, 0));
    segment = kept;
    id = shmget(IPC_PRIVATE, PAGE, 0600);
    memory = shmat(id, NULL, 0);
    shmctl(id, IPC_RMID, NULL);
    ASK(end_of(in_child(vanish, memory)));
    ASK(shmctl(id, IPC_STAT, &ds));
    BITS(ds.shm_perm.mode);
    shmdt(memory);
    ASK(shmctl(id, IPC_STAT, &ds));
}

static void control(void)
{
    PART("shmctl");
    struct shmid_ds ds = stat_of(segment);
    ds.shm_perm.mode = 0177604;
    ds.shm_perm.gid = 55;
    ds.shm_segsz = 1;
    ASK(shmctl(segment, IPC_SET, &ds));
    ds = stat_of(segment);
    BITS(ds.shm_perm.mode);
    VALUE(ds.shm_perm.gid);
    VALUE(ds.shm_segsz);
    ds.shm_perm.gid = (gid_t)-1;
    ASK(shmctl(segment, IPC_SET, &ds));
    ASK(shmctl(segment, IPC_SET, NULL));
    ASK(shmctl(segment, IPC_STAT, NULL));
    ASK(shmctl(segment, SHM_LOCK, NULL));
    BITS(stat_of(segment).shm_perm.mode);
    ASK(shmctl(segment, SHM_LOCK, NULL));
    ASK(shmctl(segment, SHM_UNLOCK, NULL));
    ASK(shmctl(segment, SHM_UNLOCK, NULL));
    BITS(stat_of(segment).shm_perm.mode);
    ASK(shmctl(0x7fffffff, SHM_LOCK, NULL));
    struct shminfo info;
    IS(shmctl(0, IPC_INFO, (struct shmid_ds *)&info) >= 0);
    printf("%lx %lx %lu %lu %lx\n", info.shmmax, info.shmmin, info.shmmni, info.shmseg, info.shmall);
    struct shm_info use;
    int highest = shmctl(0, SHM_INFO, (struct shmid_ds *)&use), found = -1;
    IS(use.used_ids >= 1 && use.shm_tot >= 3 && use.shm_swp == 0);
    for (int place = 0; place <= highest; place++)
        if (shmctl(place, SHM_STAT, &ds) == segment)
            found = place;
    IS(found >= 0);
    IS(shmctl(found, SHM_STAT_ANY, &ds) == segment && ds.shm_segsz == 10000);
    ASK(shmctl(0, IPC_INFO, NULL));
    ASK(shmctl(0, SHM_INFO, NULL));
    show_file("/proc/sys/kernel/shmmni");
    show_file("/proc/sys/kernel/shmmax");
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        segment = atoi(argv[1]);
        printf("after execve: %d attached\n", attached());
        return 0;
    }
    make();
    segment = shmget(IPC_PRIVATE, 10000, 0600);
    places();
    access_to();
    between();
    removed();
    control();
    return shmctl(segment, IPC_RMID, NULL);
}
