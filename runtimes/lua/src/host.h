/* What the scripts in ../lua get as `gojinn.native`: the world outside the engine, in C. */
#ifndef GOJINN_HOST_H
#define GOJINN_HOST_H

#include <stdbool.h>

#include "lua.h"

enum { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* True while a function is loaded for the snapshot: what happens then is the same for all requests. */
extern bool booting;

void host_log(int level, const char *text, size_t length);

/* Pushes the table. */
int host_library(lua_State *L);

#endif
