/* JSON (RFC 8259) for Lua. */
#ifndef GOJINN_JSON_H
#define GOJINN_JSON_H

#include "lua.h"

/* Pushes what a text means. Raises an error with the byte where it is no JSON. */
void json_decode(lua_State *L, const char *text, size_t length);

/* Fills the table at the top of the stack: `decode`, `encode`, `array`, `null`. */
void json_library(lua_State *L);

#endif
