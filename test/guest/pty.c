/*
 * Runs a command on a terminal of its own and plays a script on it: `pty COLUMNSxROWS [prompt reply]... -- command...`.
 * When the output holds the prompt, the reply is typed: C escapes as printf's %b has them, and `\w` followed by
 * COLUMNSxROWS changes the window's size instead. What the command wrote goes to standard output, carriage returns left
 * out; the exit status is the command's, 128 + signal if it was killed.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct winsize size_of(const char *text)
{
    unsigned columns = 80, rows = 24;
    sscanf(text, "%ux%u", &columns, &rows);
    return (struct winsize){.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
}

static void type(int terminal, const char *reply)
{
    char bytes[256];
    size_t length = 0;
    if (!strncmp(reply, "\\w", 2)) {
        struct winsize size = size_of(reply + 2);
        ioctl(terminal, TIOCSWINSZ, &size);
        return;
    }
    for (; *reply && length < sizeof bytes; reply++) {
        char c = *reply;
        if (c == '\\' && reply[1] == 'x') {
            char digits[3] = {reply[2], reply[3], 0};
            c = (char)strtol(digits, NULL, 16);
            reply += 3;
        } else if (c == '\\' && reply[1]) {
            c = *++reply == 'n' ? '\n' : *reply == 't' ? '\t' : *reply == 'r' ? '\r' : *reply;
        }
        bytes[length++] = c;
    }
    if (write(terminal, bytes, length) != (ssize_t)length)
        exit(98);
}

static char output[1 << 20];
static size_t filled;

/* Reads once; answers 0 at the end of the terminal. */
static int collect(int terminal)
{
    char bytes[4096];
    ssize_t length = read(terminal, bytes, sizeof bytes);
    for (ssize_t i = 0; i < length; i++)
        if (bytes[i] != '\r' && filled < sizeof output - 1)
            output[filled++] = bytes[i];
    output[filled] = 0;
    return length > 0;
}

int main(int argc, char **argv)
{
    int command = 2, status = 0, terminal;
    while (command < argc && strcmp(argv[command], "--"))
        command++;
    if (command >= argc - 1)
        return 97;
    struct winsize size = size_of(argv[1]);
    pid_t child = forkpty(&terminal, NULL, NULL, &size);
    if (child == 0) {
        execvp(argv[command + 1], argv + command + 1);
        _exit(127);
    }
    size_t seen = 0;
    for (int step = 2; collect(terminal);) {
        char *prompt = step < command ? strstr(output + seen, argv[step]) : NULL;
        if (!prompt)
            continue;
        seen = (size_t)(prompt - output) + strlen(argv[step]);
        type(terminal, argv[step + 1]);
        step += 2;
    }
    waitpid(child, &status, 0);
    fwrite(output, 1, filled, stdout);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
