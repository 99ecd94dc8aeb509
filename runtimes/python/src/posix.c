/* What CPython asks for, since zig's headers declare it, and libc for WASI does not have. */
#include <errno.h>
#include <stddef.h>

#define NONE(type, name, ...)                                                                                  \
    type name(__VA_ARGS__) {                                                                                   \
        errno = ENOSYS;                                                                                        \
        return (type)MISSING;                                                                                  \
    }

#define MISSING 0
NONE(void *, gethostbyname, const char *name)
NONE(void *, gethostbyaddr, const void *address, unsigned length, int kind)
NONE(void *, getservbyname, const char *name, const char *protocol)
NONE(void *, getservbyport, int port, const char *protocol)
NONE(void *, getprotobyname, const char *name)
NONE(char *, textdomain, const char *domain)
NONE(char *, bindtextdomain, const char *domain, const char *folder)
#undef MISSING

#define MISSING -1
NONE(int, setgroups, size_t count, const unsigned *groups)
NONE(int, epoll_create1, int flags)
NONE(int, epoll_ctl, int poll, int op, int file, void *event)
NONE(int, epoll_wait, int poll, void *events, int most, int milliseconds)
NONE(int, timerfd_create, int clock, int flags)
NONE(int, timerfd_gettime, int timer, void *now)
NONE(int, timerfd_settime, int timer, int flags, const void *fresh, void *old)
#undef MISSING

static int host_error;

int *__h_errno_location(void) { return &host_error; }
const char *hstrerror(int error) { return "names of hosts cannot be looked up"; }

/* Messages of libc are not translated. */
char *gettext(const char *text) { return (char *)text; }
char *dgettext(const char *domain, const char *text) { return (char *)text; }
char *dcgettext(const char *domain, const char *text, int category) { return (char *)text; }
