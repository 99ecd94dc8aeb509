/* The C library over one mounted folder, /data, which is empty at first. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define SAY(call) do { errno = 0; long long got = (call); printf("%s = %lld, %d\n", #call, got < 0 ? -1 : got, got < 0 ? errno : 0); } while (0)

static char text[4096];
static struct stat a, b;

static int fd_of(const char *path, int flags) {
    int fd = open(path, flags, 0666);
    printf("open %s %s\n", path, fd < 0 ? strerror(errno) : "ok");
    return fd;
}

static void reading_and_writing(void) {
    int fd = fd_of("/data/file", O_RDWR | O_CREAT | O_EXCL);
    SAY(write(fd, "0123456789", 10));
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(lseek(fd, -4, SEEK_END));
    SAY(read(fd, text, 100));
    SAY(read(fd, text, 100));
    SAY(lseek(fd, -1, SEEK_SET));
    SAY(lseek(fd, 20, SEEK_SET));
    SAY(pread(fd, text, 3, 2));
    printf("%.3s\n", text);
    SAY(pread(fd, text, 3, 9));
    SAY(pread(fd, text, 3, 100));
    SAY(pwrite(fd, "ab", 2, 4));
    SAY(pwrite(fd, "z", 1, 12));
    SAY(lseek(fd, 0, SEEK_CUR));
    SAY(ftruncate(fd, 11));
    SAY(fstat(fd, &a));
    printf("size %lld, regular %d\n", (long long)a.st_size, S_ISREG(a.st_mode));
    SAY(posix_fallocate(fd, 0, 100));
    SAY(posix_fadvise(fd, 0, 10, POSIX_FADV_WILLNEED));
    SAY(fsync(fd));
    SAY(fdatasync(fd));
    SAY(close(fd));
    SAY(close(fd));
    SAY(write(fd, "x", 1));
}

static void ways_to_open(void) {
    int fd = fd_of("/data/file", O_RDWR | O_CREAT | O_EXCL);
    fd = fd_of("/data/file", O_RDONLY);
    SAY(write(fd, "x", 1));
    SAY(close(fd));
    fd = fd_of("/data/file", O_WRONLY | O_APPEND);
    SAY(read(fd, text, 1));
    SAY(lseek(fd, 0, SEEK_SET));
    SAY(write(fd, "end", 3));
    SAY(fcntl(fd, F_GETFL) & O_APPEND ? 1 : 0);
    SAY(fcntl(fd, F_SETFL, 0));
    SAY(close(fd));
    fd = fd_of("/data/file", O_RDONLY);
    SAY(lseek(fd, 0, SEEK_END));
    SAY(close(fd));
    fd = fd_of("/data/file", O_WRONLY | O_TRUNC);
    SAY(lseek(fd, 0, SEEK_END));
    SAY(close(fd));
    fd = fd_of("/data/file", O_RDONLY | O_DIRECTORY);
    fd = fd_of("/data/none", O_RDONLY);
    fd = fd_of("/data", O_RDONLY);
    SAY(read(fd, text, 1));
    SAY(close(fd));
    fd = fd_of("/data", O_WRONLY);
    fd = fd_of("/data/file/x", O_RDONLY);
    fd = fd_of("/data/", O_RDONLY | O_DIRECTORY);
    SAY(close(fd));
    fd = fd_of("", O_RDONLY);
    fd = fd_of("/data/file/", O_RDONLY);
}

static int order(const void *x, const void *y) { return strcmp(*(char **)x, *(char **)y); }

static void print_folder(const char *path) {
    char *names[64];
    int count = 0;
    DIR *folder = opendir(path);
    if (!folder) {
        printf("opendir %s %s\n", path, strerror(errno));
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder)) && count < 64;)
        asprintf(&names[count++], "%s/%d", entry->d_name, entry->d_type);
    long place = telldir(folder);
    rewinddir(folder);
    int again = 0;
    while (readdir(folder)) again++;
    closedir(folder);
    qsort(names, count, sizeof *names, order);
    printf("%s (%d, %d, %d):", path, count, again, place != 0);
    for (int i = 0; i < count; i++) printf(" %s", names[i]);
    puts("");
}

static void folders(void) {
    SAY(mkdir("/data/d", 0777));
    SAY(mkdir("/data/d", 0777));
    SAY(mkdir("/data/none/d", 0777));
    SAY(mkdir("/data/d/e", 0777));
    SAY(rmdir("/data/d"));
    SAY(rmdir("/data/file"));
    SAY(unlink("/data/d"));
    SAY(unlink("/data/none"));
    for (int i = 0; i < 30; i++) {
        snprintf(text, sizeof text, "/data/d/name-%d-of-some-length", i);
        close(open(text, O_CREAT | O_WRONLY, 0666));
    }
    print_folder("/data/d");
    print_folder("/data/file");
    print_folder("/data");
    for (int i = 0; i < 30; i++) {
        snprintf(text, sizeof text, "/data/d/name-%d-of-some-length", i);
        unlink(text);
    }
    SAY(rmdir("/data/d/e"));
    print_folder("/data/d");
    SAY(rmdir("/data/d"));
    SAY(rmdir("/data/d"));
}

static void names(void) {
    close(open("/data/one", O_CREAT | O_WRONLY, 0666));
    SAY(link("/data/one", "/data/two"));
    SAY(stat("/data/one", &a));
    SAY(stat("/data/two", &b));
    printf("same %d, links %d\n", a.st_ino == b.st_ino && a.st_dev == b.st_dev && a.st_ino != 0, (int)a.st_nlink);
    SAY(link("/data/one", "/data/two"));
    SAY(link("/data", "/data/three"));
    SAY(rename("/data/two", "/data/three"));
    SAY(rename("/data/two", "/data/four"));
    SAY(mkdir("/data/d", 0777));
    SAY(rename("/data/three", "/data/d"));
    SAY(rename("/data/d", "/data/three"));
    SAY(rename("/data/d", "/data/d2"));
    SAY(rename("/data/d2", "/data/d2/inside"));
    SAY(rename("/data/three", "/data/d2/three"));
    SAY(symlink("d2/three", "/data/link"));
    SAY(symlink("d2", "/data/dirlink"));
    SAY(symlink("nowhere", "/data/dangling"));
    SAY(symlink("x", "/data/link"));
    SAY(lstat("/data/link", &a));
    printf("link %d, size %lld\n", S_ISLNK(a.st_mode), (long long)a.st_size);
    SAY(stat("/data/link", &a));
    SAY(stat("/data/dangling", &a));
    SAY(readlink("/data/link", text, sizeof text));
    SAY(readlink("/data/link", text, 3));
    SAY(readlink("/data/one", text, sizeof text));
    int fd = fd_of("/data/link", O_RDONLY | O_NOFOLLOW);
    fd = fd_of("/data/dirlink/three", O_RDONLY);
    SAY(close(fd));
    fd = fd_of("/data/dangling", O_RDONLY);
    fd = fd_of("/data/dangling", O_CREAT | O_EXCL | O_WRONLY);
    SAY(unlink("/data/dirlink"));
    print_folder("/data");
    SAY(unlink("/data/d2/three"));
    SAY(rmdir("/data/d2"));
}

static void times(void) {
    struct timespec set[2] = {{1000000000, 5000}, {1100000000, 7000}};
    int fd = fd_of("/data/one", O_RDWR);
    SAY(futimens(fd, set));
    SAY(fstat(fd, &a));
    printf("times %lld %lld %d\n", (long long)a.st_atim.tv_sec, (long long)a.st_mtim.tv_sec, a.st_mtim.tv_nsec == 7000);
    set[0].tv_nsec = UTIME_OMIT;
    set[1].tv_nsec = UTIME_NOW;
    SAY(utimensat(AT_FDCWD, "/data/one", set, 0));
    SAY(stat("/data/one", &b));
    printf("accessed %lld, modified now %d\n", (long long)b.st_atim.tv_sec, b.st_mtim.tv_sec > 1577836800);
    SAY(utimensat(AT_FDCWD, "/data/none", set, 0));
    SAY(utimensat(AT_FDCWD, "/data/dangling", set, AT_SYMLINK_NOFOLLOW));
    SAY(truncate("/data/one", 5));
    SAY(truncate("/data/none", 5));
    SAY(truncate("/data/one", -1));
    SAY(close(fd));
}

static void leaving(void) {
    fd_of("/data/../etc/passwd", O_RDONLY);
    fd_of("/data/../data/one", O_RDONLY);
    fd_of("/etc/passwd", O_RDONLY);
    SAY(symlink("/etc/passwd", "/data/absolute"));
    SAY(symlink("../../etc/passwd", "/data/up"));
    fd_of("/data/up", O_RDONLY);
    SAY(rename("/data/one", "/data/../one"));
    SAY(link("/data/one", "/data/../one"));
    SAY(unlink("/data/up"));
    SAY(access("/data/one", R_OK));
    SAY(access("/data/none", F_OK));
    SAY(access("/", F_OK));
}

int main(void) {
    reading_and_writing();
    ways_to_open();
    folders();
    names();
    times();
    leaving();
    fputs("done\n", stderr);
    return 4;
}
