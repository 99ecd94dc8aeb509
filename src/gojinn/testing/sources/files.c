/* Does the file operations that its arguments name, `operation:path[:text or path]`, and prints a line for each:
   the answer, or `error` and the number of WASI's errno. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char text[65536];

static int by_name(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static int print_file(const char *path) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) return -1;
    ssize_t size = read(fd, text, sizeof text);
    if (size >= 0) printf("%.*s\n", (int)size, text);
    close(fd);
    return size < 0 ? -1 : 1;
}

static int write_file(const char *path, const char *what, int flags) {
    int fd = open(path, O_WRONLY | flags, 0666);
    if (fd < 0) return -1;
    ssize_t size = write(fd, what, strlen(what));
    return close(fd) == 0 && size == (ssize_t)strlen(what) ? 0 : -1;
}

static int list(const char *path) {
    char *names[256];
    int count = 0;
    DIR *folder = opendir(path);
    if (!folder) return -1;
    for (struct dirent *entry; (entry = readdir(folder)) && count < 256;) names[count++] = strdup(entry->d_name);
    closedir(folder);
    qsort(names, count, sizeof *names, by_name);
    for (int i = 0; i < count; i++) printf("%s%s", i ? " " : "", names[i]);
    puts("");
    return 1;
}

static int print_stat(const char *path, int (*get)(const char *, struct stat *)) {
    struct stat found;
    if (get(path, &found) != 0) return -1;
    const char *kind = S_ISREG(found.st_mode) ? "file" : S_ISDIR(found.st_mode) ? "folder" : S_ISLNK(found.st_mode) ? "link" : "other";
    printf("%s %lld\n", kind, S_ISDIR(found.st_mode) ? 0 : (long long)found.st_size);
    return 1;
}

static int print_link(const char *path) {
    ssize_t size = readlink(path, text, sizeof text);
    if (size >= 0) printf("%.*s\n", (int)size, text);
    return size < 0 ? -1 : 1;
}

/* 0: done, 1: done and printed, -1: failed. */
static int operate(const char *name, const char *path, const char *other) {
    if (!strcmp(name, "read")) return print_file(path);
    if (!strcmp(name, "write")) return write_file(path, other, O_CREAT | O_TRUNC);
    if (!strcmp(name, "create")) return write_file(path, other, O_CREAT | O_EXCL);
    if (!strcmp(name, "append")) return write_file(path, other, O_APPEND);
    if (!strcmp(name, "list")) return list(path);
    if (!strcmp(name, "stat")) return print_stat(path, stat);
    if (!strcmp(name, "lstat")) return print_stat(path, lstat);
    if (!strcmp(name, "mkdir")) return mkdir(path, 0777);
    if (!strcmp(name, "rmdir")) return rmdir(path);
    if (!strcmp(name, "unlink")) return unlink(path);
    if (!strcmp(name, "rename")) return rename(path, other);
    if (!strcmp(name, "link")) return link(path, other);
    if (!strcmp(name, "symlink")) return symlink(path, other);
    if (!strcmp(name, "readlink")) return print_link(path);
    if (!strcmp(name, "truncate")) return truncate(path, atoi(other));
    if (!strcmp(name, "touch")) return utimensat(AT_FDCWD, path, NULL, 0);
    if (!strcmp(name, "chdir")) return chdir(path);
    errno = EINVAL;
    return -1;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *name = strsep(&argv[i], ":"), *path = strsep(&argv[i], ":");
        errno = 0;
        int done = operate(name, path ? path : "", argv[i] ? argv[i] : "");
        if (done < 0) printf("error %d\n", errno);
        else if (done == 0) puts("done");
    }
    return 0;
}
