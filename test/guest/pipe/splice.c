/* splice(2), tee(2), vmsplice(2), sync_file_range(2): between pipes, files, sockets and memory. */
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

static int pipes[2][2], file;

static void put(int fd, const char *text) { write(fd, text, strlen(text)); }

static void show(const char *what, int fd)
{
    char text[200] = "";
    long got = read(fd, text, sizeof text - 1);
    printf("%s: %s\n", what, got < 0 ? check_errno(errno) : text);
}

static void between_pipes(void)
{
    PART("between pipes");
    put(pipes[0][1], "plum cherry");
    VALUE(tee(pipes[0][0], pipes[1][1], 4, 0));
    show("teed", pipes[1][0]);
    VALUE(splice(pipes[0][0], NULL, pipes[1][1], NULL, 5, SPLICE_F_MOVE));
    show("spliced", pipes[1][0]);
    show("left", pipes[0][0]);
    VALUE(splice(pipes[0][0], NULL, pipes[1][1], NULL, 5, SPLICE_F_NONBLOCK));
    VALUE(tee(pipes[0][0], pipes[1][1], 5, SPLICE_F_NONBLOCK));
    VALUE(splice(pipes[0][0], NULL, pipes[0][1], NULL, 5, SPLICE_F_NONBLOCK));
    VALUE(tee(pipes[0][0], pipes[0][1], 5, SPLICE_F_NONBLOCK));
}

static void with_files(void)
{
    PART("with files");
    put(pipes[0][1], "0123456789");
    loff_t at = 3;
    VALUE(splice(pipes[0][0], NULL, file, &at, 4, 0));
    VALUE(at);
    VALUE(splice(pipes[0][0], NULL, file, NULL, 100, 0));
    VALUE(lseek(file, 0, SEEK_CUR));
    at = 2;
    VALUE(splice(file, &at, pipes[0][1], NULL, 4, 0));
    VALUE(at);
    show("from the middle", pipes[0][0]);
    lseek(file, 0, SEEK_SET);
    VALUE(splice(file, NULL, pipes[0][1], NULL, 3, 0));
    VALUE(lseek(file, 0, SEEK_CUR));
    show("from the start", pipes[0][0]);
    at = 1000;
    VALUE(splice(file, &at, pipes[0][1], NULL, 3, 0));
    VALUE(at);
}

static void with_sockets(void)
{
    PART("with sockets");
    int ends[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    put(pipes[0][1], "to a socket");
    VALUE(splice(pipes[0][0], NULL, ends[0], NULL, 100, 0));
    show("received", ends[1]);
    put(ends[1], "from a socket");
    VALUE(splice(ends[0], NULL, pipes[0][1], NULL, 4, 0));
    show("piped", pipes[0][0]);
    show("left", ends[0]);
    VALUE(splice(ends[0], NULL, pipes[0][1], NULL, 4, SPLICE_F_NONBLOCK));
    close(ends[1]);
    VALUE(splice(ends[0], NULL, pipes[0][1], NULL, 4, 0));
    close(ends[0]);
}

static void with_memory(void)
{
    PART("with memory");
    struct iovec parts[2] = {{"vm", 2}, {"splice", 6}};
    VALUE(vmsplice(pipes[0][1], parts, 2, 0));
    char one[4] = "", two[9] = "";
    struct iovec into[2] = {{one, 3}, {two, 8}};
    VALUE(vmsplice(pipes[0][0], into, 2, 0));
    printf("%s %s\n", one, two);
    VALUE(vmsplice(pipes[0][0], into, 2, SPLICE_F_NONBLOCK));
    VALUE(vmsplice(pipes[0][0], into, 0, 0));
    VALUE(vmsplice(file, parts, 2, 0));
    VALUE(vmsplice(pipes[0][1], parts, 2, 16));
    VALUE(vmsplice(pipes[0][1], (void *)8, 1, 0));
    VALUE(vmsplice(-1, parts, 2, 0));
}

static void refused(void)
{
    PART("refused");
    loff_t at = 0, negative = -1;
    int reader = open("spliced", O_RDONLY), appender = open("spliced", O_WRONLY | O_APPEND), event = eventfd(1, 0);
    VALUE(splice(-1, NULL, pipes[0][1], NULL, 1, 0));
    VALUE(splice(file, NULL, -1, NULL, 1, 0));
    VALUE(splice(-1, NULL, -1, NULL, 0, 99));
    VALUE(splice(file, NULL, pipes[0][1], NULL, 1, 16));
    VALUE(splice(file, NULL, pipes[0][1], &at, 1, 0));
    VALUE(splice(pipes[0][0], &at, file, NULL, 1, 0));
    VALUE(splice(file, (void *)8, pipes[0][1], NULL, 1, 0));
    VALUE(splice(file, &negative, pipes[0][1], NULL, 1, 0));
    VALUE(splice(file, NULL, reader, NULL, 1, 0));
    VALUE(splice(file, NULL, file, NULL, 1, 0));
    VALUE(splice(pipes[0][1], NULL, file, NULL, 1, 0));
    VALUE(splice(file, NULL, pipes[0][0], NULL, 1, 0));
    put(pipes[0][1], "x");
    VALUE(splice(pipes[0][0], NULL, appender, NULL, 1, 0));
    VALUE(splice(pipes[0][0], NULL, event, NULL, 1, 0));
    VALUE(splice(event, NULL, pipes[0][1], NULL, 1, 0));
    VALUE(tee(pipes[0][0], file, 1, 0));
    VALUE(tee(file, pipes[0][1], 1, 0));
    VALUE(tee(-1, -1, 0, 0));
    VALUE(tee(pipes[0][0], pipes[1][1], 1, 16));
    show("untouched", pipes[0][0]);
}

static void *later(void *unused)
{
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    put(pipes[0][1], "late");
    return unused;
}

static void sleeping(void)
{
    PART("sleeping");
    pthread_t thread;
    pthread_create(&thread, NULL, later, NULL);
    VALUE(splice(pipes[0][0], NULL, pipes[1][1], NULL, 100, 0));
    pthread_join(thread, NULL);
    show("came", pipes[1][0]);
    pthread_create(&thread, NULL, later, NULL);
    VALUE(tee(pipes[0][0], pipes[1][1], 100, 0));
    pthread_join(thread, NULL);
    show("came", pipes[1][0]);
    show("and stayed", pipes[0][0]);
}

static void broken(void)
{
    PART("broken");
    signal(SIGPIPE, SIG_IGN);
    close(pipes[0][1]);
    VALUE(splice(pipes[0][0], NULL, pipes[1][1], NULL, 5, 0));
    VALUE(splice(pipes[0][0], NULL, file, NULL, 5, 0));
    VALUE(tee(pipes[0][0], pipes[1][1], 5, 0));
    close(pipes[1][0]);
    lseek(file, 0, SEEK_SET);
    VALUE(splice(file, NULL, pipes[1][1], NULL, 5, 0));
}

static void ranges(void)
{
    PART("sync_file_range");
    VALUE(sync_file_range(file, 0, 0, 0));
    VALUE(sync_file_range(file, 1, 5, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER));
    VALUE(sync_file_range(file, 0, 0, 8));
    VALUE(sync_file_range(file, -1, 0, 0));
    VALUE(sync_file_range(file, 0, -1, 0));
    VALUE(sync_file_range(pipes[1][1], 0, 0, 0));
    VALUE(sync_file_range(-1, 0, 0, 0));
}

int main(void)
{
    pipe(pipes[0]);
    pipe(pipes[1]);
    file = open("spliced", O_RDWR | O_CREAT | O_TRUNC, 0644);
    between_pipes();
    with_files();
    with_sockets();
    with_memory();
    refused();
    sleeping();
    broken();
    ranges();
    unlink("spliced");
    return 0;
}
