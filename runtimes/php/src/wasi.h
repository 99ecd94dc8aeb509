/* Included before each of PHP's own sources: what they name and WASI does not declare. stubs.c defines it. */
#ifndef GOJINN_WASI_H
#define GOJINN_WASI_H

#include <poll.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

/* The compiler knows jumps by these names only; there are no signals. */
#define sigsetjmp(buffer, mask) setjmp(buffer)
#define siglongjmp longjmp

/* Files and processes. */
mode_t umask(mode_t mask);
int chown(const char *path, uid_t owner, gid_t group);
int dup(int fd);
char *mktemp(char *name);
FILE *popen(const char *command, const char *mode);
int pclose(FILE *stream);
int getdtablesize(void);
uid_t getuid(void);
gid_t getgid(void);
pid_t getppid(void);
int getgroups(int size, gid_t list[]);

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define F_SETLK 6
#define F_SETLKW 7

/* Sockets. */
struct gojinn_sockaddr_un {
    sa_family_t sun_family;
    char sun_path[108];
};
#define sockaddr_un gojinn_sockaddr_un

#define PF_UNIX 1
#define SOL_IP 0
#define SO_ERROR 4
#define MSG_OOB 1
#define POLLPRI 2

int socket(int domain, int type, int protocol);
int bind(int fd, const struct sockaddr *address, socklen_t length);
int connect(int fd, const struct sockaddr *address, socklen_t length);
int listen(int fd, int backlog);
int setsockopt(int fd, int level, int name, const void *value, socklen_t length);
int getsockname(int fd, struct sockaddr *address, socklen_t *length);
int getpeername(int fd, struct sockaddr *address, socklen_t *length);
ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size);
ssize_t recvfrom(int fd, void *data, size_t length, int flags, struct sockaddr *from, socklen_t *size);

/* PHP's check for a stack that overflows looks at the stack in linear memory, but most frames of WebAssembly are
   elsewhere and need none of that. So each function that checks gets a piece of it. */
#define __builtin_frame_address(level)                                                                         \
    ({                                                                                                         \
        volatile char piece[1024];                                                                             \
        piece[0] = 0;                                                                                          \
        (void *)piece;                                                                                         \
    })

#endif
