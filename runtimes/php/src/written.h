/* What scripts write, by echo and its relatives. */
#ifndef GOJINN_WRITTEN_H
#define GOJINN_WRITTEN_H

#include <stdbool.h>

#include "php.h"

/* True while what is written belongs to an answer. */
extern bool collecting;

/* PHP's output goes here. */
size_t write_out(const char *text, size_t length);

/* What has been written since it was asked for last, all of PHP's buffers included, which are no more then. */
zend_string *take_written(void);

#endif
