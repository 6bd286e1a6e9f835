/*
 * Pseudo-terminals: posix_openpt(3), ptsname(3), what goes through, window size, hanging up (pty(7), ioctl_tty(2)).
 */
#include "check.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>

static int master, slave;
static char name[64];

static int ready(int fd)
{
    struct pollfd wait = {fd, POLLIN | POLLOUT, 0};
    poll(&wait, 1, 0);
    return wait.revents;
}

/* The same once there is something to be read: it is on its way. */
static int readable(int fd)
{
    struct pollfd wait = {fd, POLLIN, 0};
    poll(&wait, 1, 5000);
    return ready(fd);
}

/* Reads what is there by now, and at least so many bytes. */
static void shown(int fd, size_t least)
{
    char bytes[256];
    size_t length = 0;
    while (length < least) {
        ssize_t got = read(fd, bytes + length, sizeof bytes - length);
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    TEXT(bytes, length);
}

static void making(void)
{
    PART("making one");
    unsigned number = 999;
    int locked = 9;
    master = posix_openpt(O_RDWR | O_NOCTTY);
    IS(master >= 0);
    VALUE(isatty(master));
    DO(ioctl(master, TIOCGPTN, &number));
    snprintf(name, sizeof name, "/dev/pts/%u", number);
    DO(ioctl(master, TIOCGPTLCK, &locked));
    VALUE(locked);
    DO(open(name, O_RDWR | O_NOCTTY));
    DO(grantpt(master));
    DO(unlockpt(master));
    DO(ioctl(master, TIOCGPTLCK, &locked));
    VALUE(locked);
    IS(!strcmp(ptsname(master), name));
    struct stat st;
    DO(stat(name, &st));
    IS(S_ISCHR(st.st_mode) && major(st.st_rdev) == 136 && minor(st.st_rdev) == number && st.st_uid == getuid());
    DO(ioctl(master, TIOCGPTN, (void *)8));
    VALUE(ready(master));
    slave = open(name, O_RDWR | O_NOCTTY);
    IS(slave >= 0);
    VALUE(isatty(slave));
    IS(!strcmp(ttyname(slave), name));
    IS(ttyname(master) == NULL || strcmp(ttyname(master), name));
    int second = posix_openpt(O_RDWR | O_NOCTTY);
    IS(second >= 0 && strcmp(ptsname(second), name));
    close(second);
    int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    IS(peer >= 0 && fcntl(peer, F_GETFD) == FD_CLOEXEC && !strcmp(ttyname(peer), name));
    close(peer);
}

static void through(void)
{
    PART("what goes through");
    VALUE(write(master, "typed\n", 6));
    VALUE(readable(slave));
    shown(slave, 6);
    shown(master, 7);
    VALUE(write(slave, "a\tb\n", 4));
    shown(master, 5);
    int count = -1;
    VALUE(write(slave, "12345", 5));
    VALUE(readable(master));
    shown(master, 5);
    VALUE(write(master, "line", 4));
    DO(ioctl(slave, FIONREAD, &count));
    VALUE(count);
    VALUE(ready(slave));
    VALUE(write(master, "\x04", 1));
    shown(slave, 4);
    shown(master, 4);
    struct termios settings;
    DO(tcgetattr(master, &settings));
    IS(settings.c_lflag & ICANON);
    cfmakeraw(&settings);
    DO(tcsetattr(master, TCSANOW, &settings));
    DO(tcgetattr(slave, &settings));
    IS(!(settings.c_lflag & ICANON));
    VALUE(write(master, "\x03\x04\r\n", 4));
    shown(slave, 4);
    VALUE(ready(master));
    int flags = fcntl(master, F_GETFL);
    fcntl(master, F_SETFL, flags | O_NONBLOCK);
    char byte;
    VALUE(read(master, &byte, 1));
    fcntl(master, F_SETFL, flags);
}

static volatile int resized;
static void on_resize(int signo) { (void)signo, resized++; }

/* A child that leads a session on the terminal, which is its standard input. */
static pid_t session(void (*run)(int there), int there)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        setsid();
        int fd = open(name, O_RDWR);
        close(master);
        close(slave);
        if (fd < 0)
            _exit(9);
        run(there);
        _exit(0);
    }
    return child;
}

static void window(int there)
{
    struct winsize size;
    int terminal = open("/dev/tty", O_RDWR);
    signal(SIGWINCH, on_resize);
    sigset_t blocked, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGWINCH);
    sigprocmask(SIG_BLOCK, &blocked, &old);
    if (write(there, "", 1) != 1)
        _exit(8);
    while (!resized)
        sigsuspend(&old);
    DO(ioctl(terminal, TIOCGWINSZ, &size));
    printf("%u columns, %u rows\n", size.ws_col, size.ws_row);
}

static void sizes(void)
{
    PART("window size");
    struct winsize size = {9, 9, 9, 9};
    DO(ioctl(slave, TIOCGWINSZ, &size));
    printf("%u columns, %u rows\n", size.ws_col, size.ws_row);
    int there[2];
    char byte;
    DO(pipe(there));
    pid_t child = session(window, there[1]);
    VALUE(read(there[0], &byte, 1));
    size = (struct winsize){.ws_row = 33, .ws_col = 99};
    ioctl(master, TIOCSWINSZ, &size);
    int status;
    IS(waitpid(child, &status, 0) == child && status == 0);
}

static void on_hangup(int signo) { resized = signo; }

static void wait_for_hangup(int there)
{
    char byte;
    int fd = open("/dev/tty", O_RDWR), status;
    resized = 0;
    struct sigaction action = {.sa_handler = on_hangup};
    sigaction(SIGHUP, &action, NULL);
    if (fd < 0 || write(there, "", 1) != 1)
        _exit(8);
    /* Which of hangup and signal ends this is a race. */
    status = (int)read(fd, &byte, 1);
    while (!resized)
        pause();
    VALUE(resized);
    VALUE(read(fd, &byte, 1));
    VALUE(write(fd, "x", 1));
    VALUE(readable(fd) & (POLLHUP | POLLERR));
    VALUE(tcgetpgrp(fd));
    VALUE(ioctl(fd, TIOCSPGRP, &status));
    DO(open("/dev/tty", O_RDWR));
    close(fd);
}

static void hanging_up(void)
{
    PART("hanging up");
    int there[2];
    char byte;
    close(slave);
    VALUE(readable(master));
    VALUE(read(master, &byte, 1));
    slave = open(name, O_RDWR | O_NOCTTY);
    VALUE(ready(master));
    DO(pipe(there));
    pid_t child = session(wait_for_hangup, there[1]);
    VALUE(read(there[0], &byte, 1));
    close(slave);
    close(master);
    int status;
    IS(waitpid(child, &status, 0) == child && status == 0);
    DO(open(name, O_RDWR | O_NOCTTY));
}

int main(void)
{
    making();
    through();
    sizes();
    hanging_up();
}
