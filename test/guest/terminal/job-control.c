/*
 * Sessions, process groups and the terminal that controls them (credentials(7), ioctl_tty(2), tcsetpgrp(3), termios(3)).
 */
#include "check.h"
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

static int master, terminal;
/* Read by children to the end of the part. */
static int life[2];
static char name[64];

static void settle(pid_t child)
{
    int status = -1;
    IS(waitpid(child, &status, 0) == child && status == 0);
}

/* Runs a part as the leader of a session on a fresh terminal. */
static void lead(const char *title, void (*run)(void))
{
    PART(title);
    pid_t child = fork();
    if (child == 0) {
        if (pipe(life))
            exit(1);
        master = posix_openpt(O_RDWR | O_NOCTTY);
        grantpt(master);
        unlockpt(master);
        strcpy(name, ptsname(master));
        setsid();
        terminal = open(name, O_RDWR);
        struct termios settings;
        tcgetattr(terminal, &settings);
        settings.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(terminal, TCSANOW, &settings);
        run();
        exit(0);
    }
    settle(child);
}

/* A child in a group of its own, which it is sure to be in when this returns. */
static pid_t member(pid_t group, void (*run)(void))
{
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, group);
        run();
        exit(0);
    }
    setpgid(child, group ? group : child);
    return child;
}

static void sleep_on(void)
{
    char byte;
    close(life[1]);
    while (read(life[0], &byte, 1) < 0 && errno == EINTR) {
    }
    _exit(0);
}

static int stopped_by(pid_t child)
{
    int status;
    return waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) ? WSTOPSIG(status) : -1;
}

static int ended_by(pid_t child)
{
    int status;
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) ? WTERMSIG(status) : -1;
}

static void finish(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void controlling(void)
{
    IS(tcgetpgrp(terminal) == getpid());
    IS(tcgetsid(terminal) == getpid());
    IS(tcgetpgrp(master) == getpid());
    IS(tcgetsid(master) == getpid());
    DO(ioctl(terminal, TIOCSCTTY, 0));
    int other = posix_openpt(O_RDWR | O_NOCTTY);
    unlockpt(other);
    char path[64];
    strcpy(path, ptsname(other));
    int second = open(path, O_RDWR);
    VALUE(tcgetpgrp(second));
    VALUE(tcgetsid(second));
    VALUE(tcgetpgrp(other));
    DO(tcgetsid(other));
    DO(ioctl(second, TIOCSCTTY, 0));
    DO(tcsetpgrp(second, getpid()));
    DO(tcsetpgrp(terminal, -1));
    DO(tcsetpgrp(terminal, 1 << 22));
    DO(tcsetpgrp(terminal, getppid()));
    DO(tcsetpgrp(0, getpid()));
    DO(setsid());
    DO(setpgid(0, 0));
    DO(open("/dev/tty", O_RDWR));
    DO(ioctl(second, TIOCNOTTY));
    DO(ioctl(master, TIOCNOTTY));
    pid_t child = fork();
    if (child == 0) {
        IS(tcgetpgrp(terminal) == getppid());
        DO(ioctl(terminal, TIOCSCTTY, 0));
        DO(ioctl(terminal, TIOCNOTTY));
        VALUE(tcgetpgrp(terminal));
        DO(open("/dev/tty", O_RDWR));
        IS(setsid() == getpid());
        DO(open("/dev/tty", O_RDWR));
        DO(ioctl(terminal, TIOCSCTTY, 0));
        DO(open(path, O_RDWR | O_NOCTTY));
        VALUE(tcgetpgrp(second));
        DO(open(path, O_WRONLY));
        VALUE(tcgetpgrp(second));
        DO(ioctl(second, TIOCSCTTY, 0));
        IS(tcgetpgrp(second) == getpid());
        exit(0);
    }
    settle(child);
}

static void keys(void)
{
    pid_t job = member(0, sleep_on), other = member(0, sleep_on);
    DO(tcsetpgrp(terminal, job));
    IS(tcgetpgrp(master) == job);
    VALUE(write(master, "\x1a", 1));
    VALUE(stopped_by(job));
    DO(kill(-job, SIGCONT));
    int status;
    IS(waitpid(job, &status, WCONTINUED) == job && WIFCONTINUED(status));
    VALUE(write(master, "\x03", 1));
    VALUE(ended_by(job));
    /* A group that is gone may keep the keyboard. */
    IS(tcgetpgrp(master) == job);
    VALUE(waitpid(other, &status, WNOHANG));
    signal(SIGTTOU, SIG_IGN);
    DO(tcsetpgrp(terminal, other));
    VALUE(write(master, "\x1c", 1));
    VALUE(ended_by(other));
}

static void read_line(void)
{
    char bytes[16];
    ssize_t got = read(terminal, bytes, sizeof bytes);
    _exit(got == 3 ? 0 : got < 0 && errno == EIO ? 5 : 1);
}

static void read_ignoring(void)
{
    signal(SIGTTIN, SIG_IGN);
    read_line();
}

static void read_blocking(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTTIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    read_line();
}

static void on_signal(int signo) { (void)signo; }

static void read_handling(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTTIN, &action, NULL);
    char byte;
    _exit(read(terminal, &byte, 1) == -1 && errno == EINTR ? 6 : 1);
}

static int exit_of(pid_t child)
{
    int status;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void reading(void)
{
    pid_t job = member(0, read_line);
    VALUE(stopped_by(job));
    signal(SIGTTOU, SIG_IGN);
    DO(tcsetpgrp(terminal, job));
    VALUE(write(master, "ab\n", 3));
    DO(kill(-job, SIGCONT));
    VALUE(exit_of(job));
    DO(tcsetpgrp(terminal, getpid()));
    VALUE(exit_of(member(0, read_ignoring)));
    VALUE(exit_of(member(0, read_blocking)));
    VALUE(exit_of(member(0, read_handling)));
}

static void write_text(void) { _exit(write(terminal, "text", 4) == 4 ? 0 : errno == EIO ? 5 : 1); }

static void write_ignoring(void)
{
    signal(SIGTTOU, SIG_IGN);
    write_text();
}

static void change(void)
{
    struct termios settings;
    tcgetattr(terminal, &settings);
    _exit(tcsetattr(terminal, TCSANOW, &settings) ? 1 : 0);
}

static void take_keyboard(void) { _exit(tcsetpgrp(terminal, getpgrp()) ? 1 : 0); }

static void resize(void)
{
    struct winsize size = {.ws_row = 7, .ws_col = 7};
    _exit(ioctl(terminal, TIOCSWINSZ, &size) ? 1 : 0);
}

static void writing(void)
{
    VALUE(exit_of(member(0, write_text)));
    struct termios settings;
    tcgetattr(terminal, &settings);
    settings.c_lflag |= TOSTOP;
    DO(tcsetattr(terminal, TCSANOW, &settings));
    pid_t job = member(0, write_text);
    VALUE(stopped_by(job));
    finish(job);
    VALUE(exit_of(member(0, write_ignoring)));
    job = member(0, change);
    VALUE(stopped_by(job));
    finish(job);
    job = member(0, take_keyboard);
    VALUE(stopped_by(job));
    signal(SIGTTOU, SIG_IGN);
    DO(tcsetpgrp(terminal, job));
    DO(kill(-job, SIGCONT));
    VALUE(exit_of(job));
    DO(tcsetpgrp(terminal, getpid()));
    VALUE(exit_of(member(0, resize)));
}

/* Tells through a pipe which signals it got. */
static int ends[2];
static void tell(int signo)
{
    char byte = (char)signo;
    if (write(ends[1], &byte, 1) != 1)
        _exit(1);
}

static void listen_to_signals(void)
{
    signal(SIGHUP, tell);
    signal(SIGCONT, tell);
    tell(0);
    close(ends[0]);
    sleep_on();
}

/* The signals that arrive before all writers are gone, or before `wanted` of them. */
static void told(int wanted)
{
    char byte;
    while (wanted-- && read(ends[0], &byte, 1) == 1)
        printf("told of %d\n", byte);
}

static pid_t lead_and_leave(int stop)
{
    pid_t child = fork();
    if (child == 0) {
        setsid();
        int fd = open(name, O_RDWR);
        pid_t job = member(0, listen_to_signals);
        char byte;
        if (fd < 0 || read(ends[0], &byte, 1) != 1)
            _exit(3);
        tcsetpgrp(fd, stop ? getpid() : job);
        if (stop) {
            kill(job, SIGSTOP);
            stopped_by(job);
        }
        _exit(0);
    }
    return child;
}

static void leaving(void)
{
    signal(SIGHUP, SIG_IGN);
    DO(ioctl(terminal, TIOCNOTTY));
    DO(pipe(ends));
    /* The foreground hears of the leader's end. */
    settle(lead_and_leave(0));
    told(1);
    VALUE(tcgetpgrp(master));
    DO(tcgetsid(master));
    /* A stopped group that nobody can continue any more. */
    settle(lead_and_leave(1));
    told(2);
}

static void orphan_reads(void)
{
    /* Its parent, which is of another group, ends: nobody could continue it. */
    char byte;
    read(ends[0], &byte, 1);
    byte = read(terminal, &byte, 1) == -1 && errno == EIO ? 'y' : 'n';
    signal(SIGTSTP, SIG_DFL);
    kill(getpid(), SIGTSTP);
    write(master, &byte, 1);
    _exit(0);
}

static void orphans(void)
{
    DO(pipe(ends));
    int back[2];
    DO(pipe(back));
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        dup2(back[1], master);
        member(0, orphan_reads);
        _exit(0);
    }
    VALUE(exit_of(child));
    VALUE(write(ends[1], "", 1));
    char byte = 0;
    close(back[1]);
    VALUE(read(back[0], &byte, 1));
    VALUE(byte == 'y');
}

static void giving_up(void)
{
    DO(pipe(ends));
    pid_t job = member(getpid(), listen_to_signals);
    char byte;
    VALUE(read(ends[0], &byte, 1));
    signal(SIGHUP, SIG_IGN);
    DO(ioctl(terminal, TIOCNOTTY));
    int first = read(ends[0], &byte, 1) == 1 ? byte : -1;
    int second = read(ends[0], &byte, 1) == 1 ? byte : -1;
    IS(first + second == SIGHUP + SIGCONT);
    DO(open("/dev/tty", O_RDWR));
    finish(job);
}

static void groups(void)
{
    pid_t job = member(0, sleep_on), other = member(job, sleep_on);
    IS(getpgid(other) == job);
    DO(setpgid(other, getpid()));
    DO(setpgid(other, 1 << 22));
    DO(setpgid(other, -1));
    DO(setpgid(1 << 22, 0));
    DO(setpgid(getppid(), 0));
    DO(setpgid(other, 0));
    IS(getpgid(other) == other);
    int there[2];
    DO(pipe2(there, O_CLOEXEC));
    pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "child", "sleep", NULL);
        _exit(1);
    }
    close(there[1]);
    char byte;
    VALUE(read(there[0], &byte, 1));
    DO(setpgid(child, child));
    finish(child);
    child = fork();
    if (child == 0) {
        setsid();
        sleep_on();
    }
    while (getsid(child) != child)
        usleep(1000);
    DO(setpgid(child, getpid()));
    DO(tcsetpgrp(terminal, child));
    finish(child);
    finish(job);
    finish(other);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        for (;;)
            pause();
    lead("the controlling terminal", controlling);
    lead("process groups", groups);
    lead("keys", keys);
    lead("reading in the background", reading);
    lead("writing in the background", writing);
    lead("the leader ends", leaving);
    lead("an orphaned group", orphans);
    lead("giving the terminal up", giving_up);
}
