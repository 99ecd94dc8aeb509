/* `include` and its relatives: no file system, but the texts that came with the bundle. */
#include "bundle.h"

#include <string.h>

#include "zend_stream.h"

static HashTable *files;

/* The name of a path in the bundle: without '.', '..' and slashes that say nothing. NULL where it leads outside. */
static zend_string *plain(const char *path, size_t length) {
    zend_string *name = zend_string_alloc(length + 1, false);
    size_t held = 0;
    for (size_t at = 0; at < length;) {
        size_t end = at;
        while (end < length && path[end] != '/') end++;
        size_t size = end - at;
        if (size == 2 && !memcmp(path + at, "..", 2)) {
            if (!held) return NULL;
            while (held && ZSTR_VAL(name)[--held] != '/') {}
        } else if (size && !(size == 1 && path[at] == '.')) {
            if (held) ZSTR_VAL(name)[held++] = '/';
            memcpy(ZSTR_VAL(name) + held, path + at, size);
            held += size;
        }
        at = end + 1;
    }
    ZSTR_VAL(name)[held] = 0;
    ZSTR_LEN(name) = held;
    return name;
}

/* Finds a file as `include` does: from the function's folder, else from the folder of the file that asks. */
static zend_string *resolve(zend_string *asked) {
    zend_string *name = plain(ZSTR_VAL(asked), ZSTR_LEN(asked));
    if (name && zend_hash_exists(files, name)) return name;
    if (!zend_is_executing() || ZSTR_VAL(asked)[0] == '/') return NULL;
    const char *by = zend_get_executed_filename(), *slash = strrchr(by, '/');
    if (!slash) return NULL;
    char path[1024];
    int length = snprintf(path, sizeof path, "%.*s/%s", (int)(slash - by), by, ZSTR_VAL(asked));
    name = length < (int)sizeof path ? plain(path, (size_t)length) : NULL;
    return name && zend_hash_exists(files, name) ? name : NULL;
}

struct reading {
    zend_string *text;
    size_t at;
};

static ssize_t read_text(void *handle, char *to, size_t most) {
    struct reading *reading = handle;
    size_t left = ZSTR_LEN(reading->text) - reading->at, size = left < most ? left : most;
    memcpy(to, ZSTR_VAL(reading->text) + reading->at, size);
    reading->at += size;
    return (ssize_t)size;
}

static size_t size_of(void *handle) { return ZSTR_LEN(((struct reading *)handle)->text); }

static void close_text(void *handle) { efree(handle); }

static zend_result open_text(zend_file_handle *handle) {
    zend_string *name = resolve(handle->filename);
    if (!name) return FAILURE;
    struct reading *reading = emalloc(sizeof *reading);
    *reading = (struct reading){Z_STR_P(zend_hash_find(files, name)), 0};
    handle->type = ZEND_HANDLE_STREAM;
    handle->handle.stream = (zend_stream){reading, 0, read_text, size_of, close_text};
    handle->opened_path = name;
    return SUCCESS;
}

HashTable *bundle_files(void) { return files; }

void bundle_adopt(HashTable *given) {
    files = given;
    zend_resolve_path = resolve;
    zend_stream_open_function = open_text;
}
