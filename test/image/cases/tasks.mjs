import assert from "node:assert/strict";
import { compile, drupe, node } from "../lib/drupe.mjs";
import { test } from "../lib/suite.mjs";

/** What makes threads go on elsewhere than where translated code left off: behind system calls, and at them again. */
const SOURCE = `
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int handled;
static jmp_buf out;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void handle(int signo) { handled += signo != 0; }
static void leave(int signo) { longjmp(out, signo); }

static void *play(void *self)
{
    for (int i = 0; i < 100; i++) {
        pthread_mutex_lock(&mutex);
        while (turn % 2 != (self != NULL))
            pthread_cond_wait(&changed, &mutex);
        turn++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
    }
    return self;
}

int main(void)
{
    int ends[2], status;
    char text[16] = "";
    if (pipe(ends))
        return 1;
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        nanosleep(&(struct timespec){0, 10000000}, NULL);
        kill(parent, SIGUSR1);
        nanosleep(&(struct timespec){0, 10000000}, NULL);
        if (write(ends[1], "child", 5) != 5)
            return 2;
        return 7;
    }
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    long got = read(ends[0], text, sizeof text - 1);
    waitpid(child, &status, 0);
    printf("%ld %s, ended with %d, signals %d\\n", got, text, WEXITSTATUS(status), handled);

    pthread_t threads[2];
    for (long i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, play, (void *)i);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    printf("%d turns\\n", turn);

    signal(SIGALRM, leave);
    if (setjmp(out) == 0) {
        alarm(1);
        for (;;)
            pause();
    }
    puts("out of a handler");

    if (vfork() == 0)
        _exit(3);
    wait(&status);
    printf("ended with %d\\n", WEXITSTATUS(status));
    return 0;
}
`;

const PRINTED = "5 child, ended with 7, signals 1\n200 turns\nout of a handler\nended with 3\n";

test("children, threads, sleeps and handlers: each kind of runtime", () => {
  const program = compile("tasks", SOURCE, { flags: ["-static", "-pthread"] });
  for (const runtime of ["full", "interpret", "none"]) {
    drupe("build", program, "--runtime", runtime, "-o", `tasks-${runtime}.image`);
    assert.equal(node(`tasks-${runtime}.image/image.mjs`), PRINTED, runtime);
  }
});
