/* The scripts that come with the runtime, by their module names. */
#ifndef GOJINN_SCRIPTS_H
#define GOJINN_SCRIPTS_H

#include <stddef.h>

struct script {
    const char *name;
    const char *text;
    size_t length;
};

/* NULL for a name that is none of theirs. */
const struct script *find_script(const char *name);

#endif
