/* The C library over stdio, clocks, randomness and the environment. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void check(const char *what, int holds) { printf("%s: %s\n", what, holds ? "yes" : "no"); }

static void finish(void) { puts("atexit ran"); }

static void streams(void) {
    char line[64] = "";
    check("line read", fgets(line, sizeof line, stdin) && !strcmp(line, "first line\n"));
    check("character read", getchar() == 's');
    check("pushed back", ungetc('S', stdin) == 'S' && getchar() == 'S');
    check("rest read", fread(line, 1, sizeof line, stdin) == 10 && !memcmp(line, "econd line", 10));
    check("end seen", feof(stdin) && getchar() == EOF);
    check("read gives 0 at the end", read(0, line, 1) == 0);
    check("reading stdout fails", read(1, line, 1) == -1 && errno == EBADF);
    check("writing stdin fails", write(0, line, 1) == -1 && errno == EBADF);
    check("reading 7 fails", read(7, line, 1) == -1 && errno == EBADF);
    check("no terminal", !isatty(0) && !isatty(1) && !isatty(2));
    check("no seeking", lseek(0, 0, SEEK_CUR) == -1 && errno == ESPIPE && lseek(1, 1, SEEK_SET) == -1);
    check("ftell fails", ftell(stdin) == -1);
    struct stat found;
    check("fstat", fstat(1, &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode));
    check("fstat of 7 fails", fstat(7, &found) == -1 && errno == EBADF);
    fprintf(stderr, "on stderr %d\n", 42);
}

static void files_that_are_not_there(void) {
    check("no file", fopen("/etc/passwd", "r") == NULL && fopen("x", "w") == NULL);
    check("no folder", mkdir("/x", 0777) == -1 && rmdir("/") == -1);
    check("no stat", access("/", F_OK) == -1);
}

static void time_and_chance(void) {
    struct timespec resolution, before, after, pause = {0, 2000000};
    check("resolution", clock_getres(CLOCK_MONOTONIC, &resolution) == 0 && resolution.tv_sec == 0 && resolution.tv_nsec > 0);
    check("resolution of real time", clock_getres(CLOCK_REALTIME, &resolution) == 0);
    clock_gettime(CLOCK_MONOTONIC, &before);
    check("slept", nanosleep(&pause, NULL) == 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    long long slept = (after.tv_sec - before.tv_sec) * 1000000000ll + after.tv_nsec - before.tv_nsec;
    check("long enough", slept >= 2000000);
    check("after 2020", time(NULL) > 1577836800);
    unsigned char a[32], b[32];
    check("random", getentropy(a, 32) == 0 && getentropy(b, 32) == 0 && memcmp(a, b, 32) != 0);
    check("yield", sched_yield() == 0);
    struct pollfd ready = {1, POLLWRNORM, 0};
    check("stdout is ready", poll(&ready, 1, 1000) == 1 && ready.revents & POLLWRNORM);
}

int main(int argc, char **argv) {
    atexit(finish);
    for (int i = 0; i < argc; i++) printf("argument '%s'\n", argv[i]);
    check("environment", getenv("NAME") && !strcmp(getenv("NAME"), "välue") && !getenv("OTHER"));
    streams();
    files_that_are_not_there();
    time_and_chance();
    char *big = malloc(8 << 20);
    check("eight megabytes", big != NULL);
    memset(big, 'x', 8 << 20);
    printf("%.70000s\n", big);
    check("close", close(0) == 0 && close(0) == -1 && errno == EBADF);
    exit(argc == 3 ? 9 : 1);
}
