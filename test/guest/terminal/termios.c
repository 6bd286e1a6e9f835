/*
 * A terminal: isatty(3), termios(3), window size and its change, lines, raw bytes.
 * @tty 91x33
 * @type "type a line>" "typed text\n"
 * @type "type a key>" "k"
 * @type "resize>" "\w60x20"
 * @type "hidden line>" "secret\n"
 * @type "erase>" "wrong\x7f\x7f\x7f\x7f\x7fright\n"
 */
#include "check.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static volatile int resized;
static void on_resize(int signal) { (void)signal, resized++; }

int main(void)
{
    struct termios cooked, raw, now;
    struct winsize size;
    char bytes[100];
    VALUE(isatty(0));
    VALUE(isatty(1));
    DO(ioctl(0, TIOCGWINSZ, &size));
    printf("%u columns, %u rows\n", size.ws_col, size.ws_row);
    DO(tcgetattr(0, &cooked));
    IS(cooked.c_lflag & ICANON);
    IS(cooked.c_lflag & ECHO);
    IS(cooked.c_lflag & ISIG);
    IS(cooked.c_iflag & ICRNL);
    IS(cooked.c_oflag & OPOST);
    VALUE(cooked.c_cc[VINTR]);
    VALUE(cooked.c_cc[VEOF]);
    VALUE(cooked.c_cc[VERASE]);
    struct stat st;
    DO(fstat(0, &st));
    IS(S_ISCHR(st.st_mode));
    DO(lseek(0, 0, SEEK_SET));

    PART("a line");
    printf("type a line>\n");
    VALUE(read(0, bytes, sizeof bytes));
    TEXT(bytes, 11);

    PART("a key, without echo and without waiting for the line's end");
    raw = cooked;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    DO(tcsetattr(0, TCSANOW, &raw));
    DO(tcgetattr(0, &now));
    IS(!(now.c_lflag & (ICANON | ECHO)));
    printf("type a key>\n");
    struct pollfd wait = {0, POLLIN, 0};
    VALUE(poll(&wait, 1, 10000));
    VALUE(read(0, bytes, sizeof bytes));
    TEXT(bytes, 1);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 1;
    DO(tcsetattr(0, TCSANOW, &raw));
    VALUE(read(0, bytes, sizeof bytes));

    PART("the window changes its size");
    signal(SIGWINCH, on_resize);
    sigset_t change, none;
    sigemptyset(&none);
    sigemptyset(&change);
    sigaddset(&change, SIGWINCH);
    sigprocmask(SIG_BLOCK, &change, NULL);
    printf("resize>\n");
    DO(sigsuspend(&none));
    VALUE(resized);
    DO(ioctl(1, TIOCGWINSZ, &size));
    printf("%u columns, %u rows\n", size.ws_col, size.ws_row);

    PART("a line without echo");
    raw = cooked;
    raw.c_lflag &= ~(tcflag_t)ECHO;
    DO(tcsetattr(0, TCSADRAIN, &raw));
    printf("hidden line>\n");
    VALUE(read(0, bytes, sizeof bytes));
    TEXT(bytes, 7);

    PART("erasing");
    printf("erase>\n");
    VALUE(read(0, bytes, sizeof bytes));
    TEXT(bytes, 6);
    DO(tcsetattr(0, TCSAFLUSH, &cooked));
    DO(tcflush(0, TCIFLUSH));
    return 0;
}
