/* sendfile(2), copy_file_range(2): with and without offsets, short files, wrong descriptors. */
#include "check.h"
#include <sys/sendfile.h>

int main(void)
{
    scratch();
    put_file("from", "0123456789");
    int from = open("from", O_RDONLY), to = open("to", O_RDWR | O_CREAT, 0644);

    PART("sendfile");
    VALUE(sendfile(to, from, NULL, 4));
    VALUE(lseek(from, 0, SEEK_CUR));
    off_t offset = 8;
    VALUE(sendfile(to, from, &offset, 100));
    VALUE(offset);
    VALUE(lseek(from, 0, SEEK_CUR));
    VALUE(sendfile(to, from, &offset, 100));
    show_file("to");
    offset = -1;
    DO(sendfile(to, from, &offset, 1));
    DO(sendfile(-1, from, NULL, 1));
    DO(sendfile(to, -1, NULL, 1));
    DO(sendfile(from, to, NULL, 1));
    DO(sendfile(to, from, (off_t *)16, 1));
    int ends[2];
    DO(pipe(ends));
    offset = 0;
    VALUE(sendfile(ends[1], from, &offset, 5));
    char bytes[16];
    VALUE(read(ends[0], bytes, sizeof bytes));
    TEXT(bytes, 5);
    int append = open("to", O_WRONLY | O_APPEND);
    DO(sendfile(append, from, &offset, 1));

    PART("copy_file_range");
    int out = open("copy", O_RDWR | O_CREAT, 0644);
    loff_t in_at = 2, out_at = 5;
    VALUE(copy_file_range(from, &in_at, out, &out_at, 3, 0));
    VALUE(in_at);
    VALUE(out_at);
    show_file("copy");
    VALUE(lseek(out, 0, SEEK_CUR));
    VALUE(lseek(from, 0, SEEK_SET));
    VALUE(copy_file_range(from, NULL, out, NULL, 100, 0));
    show_file("copy");
    VALUE(copy_file_range(from, NULL, out, NULL, 100, 0));
    DO(copy_file_range(from, NULL, out, NULL, 1, 1));
    DO(copy_file_range(from, NULL, from, NULL, 1, 0));
    DO(copy_file_range(from, NULL, append, NULL, 1, 0));
    DO(copy_file_range(from, NULL, ends[1], NULL, 1, 0));
    int dir = open(".", O_RDONLY);
    DO(copy_file_range(dir, NULL, out, NULL, 1, 0));
    in_at = 0, out_at = 2;
    int self = open("copy", O_RDWR);
    DO(copy_file_range(self, &in_at, self, &out_at, 5, 0));
    return 0;
}
