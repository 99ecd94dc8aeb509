/* The world outside of PHP: the host's log and calls, as functions of the namespace Gojinn\Native. */
#ifndef GOJINN_HOST_H
#define GOJINN_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "php.h"

enum { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR };

/* True while a function is loaded for the snapshot: what happens then is the same for all requests. */
extern bool booting;

void host_log(int level, const char *text, size_t length);

/* The next bytes of the request's body, for PHP's own reader of php://input. */
size_t read_input(char *to, size_t most);

extern const zend_function_entry HOST_FUNCTIONS[];

#endif
