/* What a snapshot does for each request: main, without the constructors that have run. A file of its own, because where
 * main is defined `__main_void` cannot be declared. */

#include <stdlib.h>

int __main_void(void);
__attribute__((export_name("gojinn_resume"))) void gojinn_resume(void);

void gojinn_resume(void) {
    int code = __main_void();
    if (code) _Exit(code);
}
