/* What scripts write: for the answer while a request runs, for the log otherwise. */
#include "written.h"

#include "host.h"
#include "zend_smart_str.h"

bool collecting;
static smart_str held;

size_t write_out(const char *text, size_t length) {
    if (collecting) {
        smart_str_appendl(&held, text, length);
        return length;
    }
    size_t shown = length;
    while (shown && text[shown - 1] == '\n') shown--;
    if (shown) host_log(LEVEL_INFO, text, shown);
    return length;
}

zend_string *take_written(void) {
    if (php_output_get_level()) php_output_end_all();
    return smart_str_extract(&held);
}
