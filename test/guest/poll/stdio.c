/*
 * Standard streams through libc: lines, words, numbers, end of file, ungetc, and a file opened over stdin.
 * @stdin first line\n42 -7 0x1f 2.5\n\nlast without newline
 * @link static dynamic musl
 */
#include "check.h"

int main(void)
{
    char line[100];
    int a, b, c;
    double d;
    IS(fgets(line, sizeof line, stdin) != NULL);
    TEXT(line, strlen(line));
    VALUE(scanf("%d %d %i %lf", &a, &b, &c, &d));
    printf("%d %d %d %g\n", a, b, c, d);
    VALUE(getchar());
    IS(fgets(line, sizeof line, stdin) != NULL);
    TEXT(line, strlen(line));
    VALUE(ungetc('L', stdin));
    IS(fgets(line, sizeof line, stdin) != NULL);
    TEXT(line, strlen(line));
    IS(feof(stdin));
    IS(fgets(line, sizeof line, stdin) == NULL);
    VALUE(isatty(0));
    VALUE(isatty(1));

    PART("a file of one's own");
    scratch();
    FILE *file = fopen("file", "w+");
    fprintf(file, "%08.3f|%-6s|%+d|%#x|%e|%lld\n", 3.14159, "ab", 5, 255, 12345.678, 1LL << 60);
    VALUE(ftell(file));
    rewind(file);
    IS(fgets(line, sizeof line, file) != NULL);
    printf("%s", line);
    VALUE(fseek(file, -3, SEEK_END));
    VALUE(fread(line, 1, 10, file));
    TEXT(line, 3);
    fclose(file);
    IS(freopen("file", "r", stdin) != NULL);
    VALUE(scanf("%lf", &d));
    printf("%.3f\n", d);
    IS(fopen("none", "r") == NULL);
    IS(errno == ENOENT);
    VALUE(remove("file"));
    dprintf(1, "dprintf\n");
    fprintf(stderr, "this goes to standard error\n");
    return 0;
}
