/* Leaves a file in /ledger for each run: named like its job, and with a number behind it when there is one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char in[1 << 16], name[512];
static const char mark[] = "\"X-Gojinn-Job-Id\":[\"";

static int leave(void) { return open(name, O_WRONLY | O_CREAT | O_EXCL, 0666); }

int main(void) {
    in[fread(in, 1, sizeof in - 1, stdin)] = 0;
    char *id = strstr(in, mark);
    if (!id) return 1;
    id += sizeof mark - 1;
    *strchr(id, '"') = 0;
    snprintf(name, sizeof name, "/ledger/%s", id);
    for (int run = 2; leave() < 0; run++) {
        if (errno != EEXIST) return 2;
        snprintf(name, sizeof name, "/ledger/%s.%d", id, run);
    }
    fputs("{\"status\":200,\"headers\":{},\"body\":\"\"}", stdout);
    return 0;
}
