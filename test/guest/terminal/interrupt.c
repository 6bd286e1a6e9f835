/*
 * Ctrl-C, Ctrl-D and Ctrl-\ on a terminal.
 * @tty 80x24
 * @type "interrupt>" "\x03"
 * @type "end of file>" "\x04"
 * @type "after text>" "ab\x04"
 * @type "raw interrupt>" "\x03"
 * @type "at last>" "\x1c"
 */
#include "check.h"
#include <poll.h>
#include <termios.h>

static volatile int interrupts;
static void on_interrupt(int signal) { (void)signal, interrupts++; }

int main(void)
{
    char bytes[10];
    struct termios cooked, quiet;
    tcgetattr(0, &cooked);
    quiet = cooked;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(0, TCSANOW, &quiet);
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    /* Blocked until the wait, so that it cannot come before it. */
    sigset_t interrupt, none;
    sigemptyset(&none);
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_BLOCK, &interrupt, NULL);
    printf("interrupt>\n");
    struct pollfd wait = {0, POLLIN, 0};
    DO(ppoll(&wait, 1, NULL, &none));
    sigprocmask(SIG_UNBLOCK, &interrupt, NULL);
    VALUE(interrupts);
    printf("end of file>\n");
    VALUE(read(0, bytes, sizeof bytes));
    printf("after text>\n");
    VALUE(read(0, bytes, sizeof bytes));
    TEXT(bytes, 2);
    quiet.c_lflag &= ~(tcflag_t)(ISIG | ICANON);
    tcsetattr(0, TCSANOW, &quiet);
    printf("raw interrupt>\n");
    VALUE(read(0, bytes, sizeof bytes));
    TEXT(bytes, 1);
    VALUE(interrupts);
    quiet.c_lflag |= ISIG | ICANON;
    tcsetattr(0, TCSANOW, &quiet);
    printf("at last>\n");
    for (;;)
        pause();
}
