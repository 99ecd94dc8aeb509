/* What PHP reports: to the host's log, with the place first. */
#ifndef GOJINN_ERRORS_H
#define GOJINN_ERRORS_H

#include <stdbool.h>

/* Whether an error has ended PHP, which `exit` does by the same way. */
extern bool fatal;

void errors_install(void);

/* Counts the seconds that loading takes from now on, and ends it in the line where they are over. */
void watch_start(void);
void watch_stop(void);

#endif
