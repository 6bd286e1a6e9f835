/*
 * poll(2), ppoll(2), select(2), pselect(2) on files, pipes, standard input and nothing.
 * @stdin some input\n
 */
#include "check.h"
#include <poll.h>
#include <sys/select.h>
#include <time.h>

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void polling(void)
{
    PART("poll");
    int ends[2];
    scratch();
    put_file("file", "");
    DO(pipe(ends));
    struct pollfd set[6] = {
        {open("file", O_RDWR), POLLIN | POLLOUT | POLLPRI, 0}, {ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0},
        {-1, POLLIN, 7}, {999, POLLIN, 0}, {open(".", O_RDONLY), POLLIN | POLLOUT, 0},
    };
    VALUE(poll(set, 6, 0));
    for (int i = 0; i < 6; i++)
        printf("revents[%d] = %#x\n", i, set[i].revents);
    VALUE(poll(set + 1, 1, 0));
    long from = now_ms();
    VALUE(poll(set + 1, 1, 30));
    IS(now_ms() - from >= 29);
    from = now_ms();
    VALUE(poll(NULL, 0, 20));
    IS(now_ms() - from >= 19);
    VALUE(write(ends[1], "x", 1));
    VALUE(poll(set + 1, 1, -1));
    printf("revents = %#x\n", set[1].revents);
    DO(poll((void *)16, 1, 0));
    struct timespec bad = {0, 1000000000}, some = {0, 1000000};
    DO(ppoll(set, 1, &bad, NULL));
    VALUE(ppoll(set + 1, 1, &some, NULL));
    close(ends[0]);
    close(ends[1]);
}

static void selecting(void)
{
    PART("select");
    int ends[2];
    DO(pipe(ends));
    fd_set in, out, err;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&err);
    FD_SET(ends[0], &in);
    FD_SET(ends[1], &out);
    FD_SET(ends[0], &err);
    struct timeval limit = {0, 0};
    VALUE(select(ends[1] + 1, &in, &out, &err, &limit));
    printf("%d %d %d\n", !!FD_ISSET(ends[0], &in), !!FD_ISSET(ends[1], &out), !!FD_ISSET(ends[0], &err));
    VALUE(write(ends[1], "x", 1));
    FD_SET(ends[0], &in);
    VALUE(select(ends[1] + 1, &in, &out, NULL, NULL));
    VALUE(select(ends[0], &in, NULL, NULL, &limit));
    FD_ZERO(&in);
    FD_SET(100, &in);
    /* Linux looks at no descriptor beyond its table, whose size an earlier, higher one decides. */
    close(dup2(ends[0], 200));
    DO(select(101, &in, NULL, NULL, &limit));
    DO(select(-1, NULL, NULL, NULL, &limit));
    limit = (struct timeval){0, 20000};
    long from = now_ms();
    VALUE(select(0, NULL, NULL, NULL, &limit));
    IS(now_ms() - from >= 19);
    IS(limit.tv_sec == 0 && limit.tv_usec == 0);
    limit = (struct timeval){-1, 0};
    DO(select(0, NULL, NULL, NULL, &limit));
    struct timespec some = {0, 1000000};
    VALUE(pselect(0, NULL, NULL, NULL, &some, NULL));
}

static void standard_input(void)
{
    PART("standard input");
    char bytes[64];
    struct pollfd wait = {0, POLLIN, 0};
    VALUE(poll(&wait, 1, 5000));
    IS(wait.revents & POLLIN);
    VALUE(read(0, bytes, 4));
    TEXT(bytes, 4);
    VALUE(poll(&wait, 1, 5000));
    long length = read(0, bytes, sizeof bytes);
    TEXT(bytes, (size_t)length);
    VALUE(poll(&wait, 1, 5000));
    IS(wait.revents & (POLLIN | POLLHUP));
    VALUE(read(0, bytes, sizeof bytes));
    VALUE(read(0, bytes, sizeof bytes));
}

int main(void)
{
    polling();
    selecting();
    standard_input();
    return 0;
}
