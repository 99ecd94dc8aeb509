/* What PHP names and a sandbox without files, sockets and processes does not have: it fails with ENOSYS. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "php.h"
#include "ucontext.h"

static int missing(void) {
    errno = ENOSYS;
    return -1;
}

/* What libc has instead keeps a pool, which would be in the snapshot. */
void gojinn_random(void *bytes, size_t length) {
    for (size_t at = 0; at < length; at += 256)
        if (getentropy((char *)bytes + at, length - at < 256 ? length - at : 256)) abort();
}

mode_t umask(mode_t mask) { return 022; }
int chown(const char *path, uid_t owner, gid_t group) { return missing(); }
int dup(int fd) { return fd == 2 ? fd : missing(); } /* php://stderr is the log; stdout is the answer's */
int close(int fd) { return fd == 2 ? 0 : missing(); }
char *mktemp(char *name) { return missing(), NULL; }
FILE *popen(const char *command, const char *mode) { return missing(), NULL; }
int pclose(FILE *stream) { return missing(); }
int getdtablesize(void) { return 3; }
uid_t getuid(void) { return 0; }
gid_t getgid(void) { return 0; }
pid_t getppid(void) { return 1; }
int getgroups(int size, gid_t list[]) { return 0; }

int socket(int domain, int type, int protocol) { return missing(); }
int bind(int fd, const struct sockaddr *address, socklen_t length) { return missing(); }
int connect(int fd, const struct sockaddr *address, socklen_t length) { return missing(); }
int listen(int fd, int backlog) { return missing(); }
int setsockopt(int fd, int level, int name, const void *value, socklen_t length) { return missing(); }
int getsockname(int fd, struct sockaddr *address, socklen_t *length) { return missing(); }
int getpeername(int fd, struct sockaddr *address, socklen_t *length) { return missing(); }
ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    return missing();
}
ssize_t recvfrom(int fd, void *data, size_t length, int flags, struct sockaddr *from, socklen_t *size) {
    return missing();
}

struct passwd;
struct group;
struct hostent;
int gethostname(char *name, size_t length) { return missing(); }
int getnameinfo(const struct sockaddr *address, socklen_t length, char *host, socklen_t host_length, char *service,
                socklen_t service_length, int flags) {
    return missing();
}
int gethostbyname_r(const char *name, struct hostent *entry, char *buffer, size_t length, struct hostent **result,
                    int *error) {
    *result = NULL;
    return ENOSYS;
}
struct passwd *getpwnam(const char *name) { return missing(), NULL; }
struct passwd *getpwuid(uid_t id) { return missing(), NULL; }
struct group *getgrnam(const char *name) { return missing(), NULL; }
void openlog(const char *name, int options, int facility) {}
void closelog(void) {}
void syslog(int priority, const char *format, ...) {}

int getcontext(ucontext_t *context) {
    zend_error_noreturn(E_ERROR, "there are no fibers in a function: WebAssembly has one stack");
}
void makecontext(ucontext_t *context, void (*function)(void), int count, ...) {}
int swapcontext(ucontext_t *from, const ucontext_t *to) { return missing(); }
