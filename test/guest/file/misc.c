/* statfs(2), flock(2), fsync(2), memfd_create(2), ioctl(2) on files, record locks, the devices every program expects. */
#include "check.h"
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

static void file_system(void)
{
    PART("statfs");
    struct statfs fs;
    DO(statfs(".", &fs));
    IS(fs.f_bsize >= 512 && fs.f_namelen == 255);
    IS(fs.f_bfree <= fs.f_blocks && fs.f_bavail <= fs.f_bfree);
    DO(statfs("none", &fs));
    DO(fstatfs(-1, &fs));
    int fd = open(".", O_RDONLY);
    DO(fstatfs(fd, &fs));
    DO(fsync(fd));
    close(fd);
    fd = open("file", O_RDWR | O_CREAT, 0644);
    DO(fsync(fd));
    DO(fdatasync(fd));
    DO(fsync(-1));
    sync();
    close(fd);
}

static void locks(void)
{
    PART("flock and record locks");
    int a = open("file", O_RDWR), b = open("file", O_RDWR);
    DO(flock(a, LOCK_SH));
    DO(flock(b, LOCK_SH | LOCK_NB));
    DO(flock(b, LOCK_EX | LOCK_NB));
    DO(flock(a, LOCK_UN));
    DO(flock(b, LOCK_EX | LOCK_NB));
    DO(flock(a, LOCK_SH | LOCK_NB));
    DO(close(b));
    DO(flock(a, LOCK_EX | LOCK_NB));
    DO(flock(a, 0));
    DO(flock(-1, LOCK_SH));
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
    DO(fcntl(a, F_SETLK, &lock));
    lock.l_type = F_RDLCK;
    DO(fcntl(a, F_GETLK, &lock));
    VALUE(lock.l_type == F_UNLCK);
    lock.l_type = F_UNLCK;
    DO(fcntl(a, F_SETLK, &lock));
    lock.l_type = 17;
    DO(fcntl(a, F_SETLK, &lock));
    close(a);
}

static void memory_files(void)
{
    PART("memfd_create");
    int fd = memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    IS(fd >= 0);
    VALUE(fcntl(fd, F_GETFD));
    VALUE(write(fd, "memory", 6));
    VALUE(lseek(fd, 0, SEEK_SET));
    char bytes[8];
    VALUE(read(fd, bytes, sizeof bytes));
    struct stat st;
    DO(fstat(fd, &st));
    IS(S_ISREG(st.st_mode));
    VALUE(st.st_nlink);
    DO(ftruncate(fd, 8192));
    char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    IS(at != MAP_FAILED);
    if (at != MAP_FAILED) {
        at[4096] = 'Z';
        VALUE(pread(fd, bytes, 1, 4096));
        TEXT(bytes, 1);
        VALUE(pwrite(fd, "Y", 1, 5000));
        TEXT(at + 5000, 1);
        DO(munmap(at, 8192));
    }
    DO(memfd_create("name", 0x8000));
    close(fd);
}

static void controls(void)
{
    PART("ioctl");
    put_file("ten", "0123456789");
    int fd = open("ten", O_RDONLY), count = 0;
    DO(ioctl(fd, FIONREAD, &count));
    VALUE(count);
    lseek(fd, 7, SEEK_SET);
    DO(ioctl(fd, FIONREAD, &count));
    VALUE(count);
    DO(ioctl(fd, TCGETS, &count));
    DO(ioctl(fd, 0xdead, &count));
    DO(ioctl(-1, FIONREAD, &count));
    DO(ioctl(fd, FIOCLEX));
    VALUE(fcntl(fd, F_GETFD));
    DO(ioctl(fd, FIONCLEX));
    VALUE(fcntl(fd, F_GETFD));
    int on = 1;
    DO(ioctl(fd, FIONBIO, &on));
    IS(fcntl(fd, F_GETFL) & O_NONBLOCK);
    VALUE(isatty(fd));
    DO(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
    close(fd);
}

static void devices(void)
{
    PART("devices");
    char bytes[16];
    int null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR), random = open("/dev/urandom", O_RDONLY);
    VALUE(read(null, bytes, 16));
    VALUE(write(null, bytes, 16));
    VALUE(lseek(null, 5, SEEK_SET));
    memset(bytes, 'x', 16);
    VALUE(read(zero, bytes, 16));
    TEXT(bytes, 4);
    VALUE(write(zero, bytes, 16));
    VALUE(read(random, bytes, 16));
    char more[16];
    VALUE(read(random, more, 16));
    IS(memcmp(bytes, more, 16) != 0);
    int full = open("/dev/full", O_RDWR);
    DO(write(full, "x", 1));
    VALUE(read(full, bytes, 3));
    VALUE(isatty(null));
    DO(open("/dev/null/x", O_RDONLY));
    DO(open("/dev/none", O_RDONLY));
}

int main(void)
{
    scratch();
    file_system();
    locks();
    memory_files();
    controls();
    devices();
    return 0;
}
