/* What the host does for Python, as the module `_gojinn`. */
#pragma once
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>

enum { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

extern bool booting; /* whether the function is being built: there is nobody to ask then, but a log */

void host_log(int level, const char *text, size_t length);
PyObject *host_module(void);

/* The environment of this instance: bytes by bytes, as `os` keeps it. */
PyObject *host_environ(void);

/* Raises an exception where Python code runs for too long, in whatever line it is. */
void watch_for_endless_loops(bool on);

/* romix(block, n, r): what scrypt makes of one of its blocks. */
PyObject *py_romix(PyObject *self, PyObject *arguments);
