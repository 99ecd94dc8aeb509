// Where in the sources the interpreter is, for what is told of exceptions. The interpreter knows which instruction of
// the assembly its own come from; the build has made a table of their lines (src/gojinn/build/csharp/lines.py).
#include "host.h"

typedef struct { u32 token, offset, name, line; } Row;
typedef struct { u32 count; Row rows[]; } Table;
typedef struct { u32 flags, token; void **type; } Method;

static const Table *table;
static void *image;
static u32 image_place;  // of the image in what the interpreter knows of a type

void keep_lines(const void *content) { table = content; }

// Finds out how to tell whether a type is one of the assembly.
void keep_assembly(void *assembly, void **type) {
    image = mono_assembly_get_image(assembly);
    while (type[image_place] != image) image_place++;
}

// The line of the interpreter's instruction at `offset` in a method, and the file's name; 0 for what is not there.
u32 line_of(const void *pointer, u32 offset, const char **name) {
    const Method *method = pointer;
    if (!table || method->type[image_place] != image) return 0;
    i32 at = il_offset_from_address(method, mono_domain_get(), offset);
    const Row *last = NULL;
    for (const Row *row = table->rows, *end = row + table->count; row < end; row++)
        if (row->token == method->token && (i32)row->offset <= at) last = row;
    if (!last) return 0;
    *name = (const char *)table + last->name;
    return last->line;
}
