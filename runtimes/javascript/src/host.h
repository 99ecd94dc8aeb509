/* What the scripts in ../web import as `gojinn:host`: the world outside the engine, in C. */
#ifndef GOJINN_HOST_H
#define GOJINN_HOST_H

#include <stdbool.h>

#include "quickjs.h"

enum { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* True while a module is loaded for the snapshot: what happens then is the same for all requests. */
extern bool booting;

JSModuleDef *host_module(JSContext *ctx);
void host_log(int level, const char *text, size_t length);
void host_sleep(double milliseconds);

#endif
