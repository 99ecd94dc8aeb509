/* Source maps (ECMA-426): where a place in a bundle comes from. */
#ifndef GOJINN_SOURCEMAP_H
#define GOJINN_SOURCEMAP_H

#include <stdbool.h>

struct origin {
    int source, line, column; /* counted from 0 */
};

/* Finds a place, counted from 0, in `mappings`; false where nothing is said of it. */
bool find_origin(const char *mappings, int line, int column, struct origin *origin);

#endif
