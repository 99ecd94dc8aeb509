/* What a function in C does once, when it is built: `snapshot = true` in its manifest, and GOJINN_PREPARE here. */

#ifndef GOJINN_SNAPSHOT_H
#define GOJINN_SNAPSHOT_H

#include <stdlib.h>

#ifdef __cplusplus
#define GOJINN_EXTERN extern "C"
#else
#define GOJINN_EXTERN extern
#endif

GOJINN_EXTERN void __wasm_call_ctors(void);
GOJINN_EXTERN void __wasilibc_deinitialize_environ(void);
GOJINN_EXTERN __attribute__((export_name("gojinn_init"))) void gojinn_init(void);

/* Has `prepare`, a function without arguments, run when the module is built; each request begins with the memory
 * that it leaves. Constructors run before it, once. No file, variable or host call is there for it but the log. */
#define GOJINN_PREPARE(prepare)            \
    void gojinn_init(void) {               \
        __wasm_call_ctors();               \
        prepare();                         \
        __wasilibc_deinitialize_environ(); \
    }                                      \
    GOJINN_EXTERN void gojinn_init(void)

#endif
