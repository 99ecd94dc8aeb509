/* The scripts in ../php, inside of the runtime. */
#ifndef GOJINN_SCRIPTS_H
#define GOJINN_SCRIPTS_H

#include <stddef.h>

struct script {
    const char *name, *text;
    size_t length;
    const char *wanted; /* what a function's sources have in them that needs it; NULL for all */
};

extern const struct script SCRIPTS[];
extern const size_t SCRIPT_COUNT;

#endif
