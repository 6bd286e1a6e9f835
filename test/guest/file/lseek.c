/* lseek(2): every whence, holes in a sparse file, and what cannot be sought. */
#include "check.h"
#include <sys/uio.h>

int main(void)
{
    scratch();
    int fd = open("file", O_RDWR | O_CREAT, 0644);
    VALUE(lseek(fd, 100, SEEK_SET));
    VALUE(lseek(fd, 0, SEEK_END));
    VALUE(lseek(fd, -1, SEEK_CUR));
    VALUE(lseek(fd, -1, SEEK_SET));
    VALUE(lseek(fd, 0, SEEK_CUR));
    VALUE(lseek(fd, 5, 99));
    VALUE(lseek(-1, 0, SEEK_SET));
    VALUE(lseek(-1, 0, 99));
    VALUE(write(fd, "head", 4));
    VALUE(lseek(fd, 10, SEEK_END));
    VALUE(write(fd, "tail", 4));
    VALUE(lseek(fd, 0, SEEK_END));
    VALUE(lseek(fd, -4, SEEK_END));
    VALUE(lseek(fd, -400, SEEK_END));
    VALUE(lseek(fd, 3L << 32, SEEK_SET));
    show_file("file");
    close(fd);

    PART("SEEK_DATA and SEEK_HOLE");
    fd = open("sparse", O_RDWR | O_CREAT, 0644);
    VALUE(pwrite(fd, "x", 1, 1 << 20));
    IS(lseek(fd, 0, SEEK_HOLE) <= (1 << 20) + 1);
    VALUE(lseek(fd, (1 << 20) + 1, SEEK_DATA));
    VALUE(lseek(fd, (1 << 20) + 1, SEEK_HOLE));
    VALUE(lseek(fd, (1 << 20), SEEK_HOLE));
    VALUE(lseek(fd, (1 << 20), SEEK_DATA));
    IS(lseek(fd, 0, SEEK_DATA) <= 1 << 20);
    VALUE(lseek(fd, -1, SEEK_DATA));
    close(fd);

    PART("pipes and directories");
    int ends[2];
    DO(pipe(ends));
    VALUE(lseek(ends[0], 0, SEEK_CUR));
    VALUE(lseek(ends[0], 0, 99));
    char byte;
    VALUE(pread(ends[0], &byte, 1, 0));
    int dir = open(".", O_RDONLY);
    VALUE(lseek(dir, 0, SEEK_CUR));
    VALUE(lseek(dir, 0, SEEK_SET));
    return 0;
}
