/* What Lua's libraries name and a sandbox without files does not have. What libc has is renamed by the recipe. */
#include <stdio.h>
#include <stdlib.h>

FILE *no_fopen(const char *restrict name, const char *restrict mode) { return NULL; }
FILE *no_freopen(const char *restrict name, const char *restrict mode, FILE *restrict file) { return NULL; }
int system(const char *command) { return command ? -1 : 0; }
int no_remove(const char *name) { return -1; }
int no_rename(const char *from, const char *to) { return -1; }
char *tmpnam(char *name) { return NULL; }
