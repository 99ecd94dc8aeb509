/* Header fields: JSON of names and lists of values. */

#ifndef GOJINN_FIELDS_H
#define GOJINN_FIELDS_H

#include <strings.h>

#include "json.h"

/* Returns a value of a field, whatever the case of its name, from index 0 on; NULL when there is none. */
static inline const char *gojinn_field(const char *headers, const char *name, size_t index) {
    for (const char *entry = json_first(headers); entry; entry = json_next(entry)) {
        if (!strcasecmp(json_text(entry), name)) return json_text(json_item(json_value(entry), index));
    }
    return NULL;
}

#endif
