/* There are no sockets: what is no socket says so, what is not open too. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
    char byte = 0;
    for (int fd = 0; fd < 5; fd++) {
        printf("%d: shutdown %d", fd, shutdown(fd, SHUT_RD) ? errno : 0);
        printf(", recv %d", recv(fd, &byte, 1, 0) < 0 ? errno : 0);
        printf(", send %d", send(fd, &byte, 1, 0) < 0 ? errno : 0);
        printf(", accept %d\n", accept(fd, NULL, NULL) < 0 ? errno : 0);
    }
    return 0;
}
