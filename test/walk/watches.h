/* What inotify(7) tells of the walk through files. */
#include <sys/inotify.h>
#include <sys/ioctl.h>

static int instances[2];

static void read_events(int index)
{
    static char events[1 << 16] __attribute__((aligned(8)));
    int length = 0;
    ioctl(instances[index], FIONREAD, &length);
    ssize_t got = read(instances[index], events, sizeof events);
    if (got < 0)
        return;
    told(length, "instance %d", index);
    uint32_t first_cookie = 0;
    for (char *at = events; at < events + got;) {
        struct inotify_event *event = (struct inotify_event *)at;
        /* Moves are counted by the machine: here from the first one of this step. */
        if (event->cookie && !first_cookie)
            first_cookie = event->cookie;
        /* A file without a name is called by its inode's number. */
        const char *name = event->len == 0 ? "" : event->name[0] == '#' ? "#" : event->name;
        printf("   %d %x %d %s\n", event->wd, event->mask, event->cookie ? (int)(event->cookie - first_cookie) + 1 : 0, name);
        at += sizeof *event + event->len;
    }
}

static void change_watch(void)
{
    static const unsigned flags[] = {0, 0, IN_ONLYDIR, IN_DONT_FOLLOW, IN_EXCL_UNLINK, IN_ONESHOT, IN_MASK_ADD, IN_MASK_CREATE};
    static const char *const more[] = {".", ".", "d", "d/e"};
    int index = (int)pick(2);
    const char *name = rarely(2) ? ONE_OF(more) : ONE_OF(names);
    /* Linux tells that a readv(2) of nothing read something. */
    unsigned mask = ((rarely(3) ? pick(0x1000) : IN_ALL_EVENTS) & ~IN_ACCESS) | ONE_OF(flags);
    if (rarely(5)) {
        int wd = (int)pick(30);
        told(inotify_rm_watch(instances[index], wd), "unwatch %d %d", index, wd);
    } else {
        told(inotify_add_watch(instances[index], name, mask), "watch %d %s %x", index, name, mask);
    }
}

static void begin_watches(void)
{
    begin_files();
    for (int i = 0; i < 2; i++)
        instances[i] = fcntl(inotify_init1(IN_NONBLOCK), F_DUPFD, 300 + i);
    for (int fd = 3; fd < 10; fd++)
        close(fd);
}

static void walk_watches(void)
{
    if (rarely(8))
        change_watch();
    else
        walk_files();
    /* Sometimes several steps are told of together. */
    for (int i = 0; i < 2; i++)
        if (!rarely(4))
            read_events(i);
}
