/* Keeps lines in a volume: "add LINE" and "sync LINE" add one, "sync" and "hold" then wait for their input to end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char block[65536];

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "show";
  int log = open("/data/log", O_RDWR | O_CREAT | O_APPEND, 0640);
  if (log < 0) {
    printf("log: %s\n", strerror(errno));
    return 1;
  }
  if (argc > 2) dprintf(log, "%s\n", argv[2]);
  if (strcmp(what, "sync") == 0 && fsync(log) != 0) return 2;
  if (strcmp(what, "sync") == 0 || strcmp(what, "hold") == 0) {
    puts("ready");
    fflush(stdout);
    while (read(0, block, sizeof block) > 0) {
    }
  }
  if (strcmp(what, "fill") == 0) {
    int big = open("/data/big", O_WRONLY | O_CREAT, 0600), i = 0;
    memset(block, 'x', sizeof block);
    while (i < 1000 && write(big, block, sizeof block) > 0) i++;
    printf("stopped: %s\n", i < 1000 ? strerror(errno) : "never");
    close(big);
    unlink("/data/big");
    printf("then %s\n", fsync(log) == 0 ? "synced" : strerror(errno));
  }
  struct stat st;
  fstat(log, &st);
  int count = pread(log, block, sizeof block, 0);
  printf("%o %.*s", st.st_mode & 07777, count, block);
  return 0;
}
