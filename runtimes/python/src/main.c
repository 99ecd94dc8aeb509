/* The Python runtime: CPython, booted once when a function is built, resumed for each request.

   `gojinn_boot` reads from stdin a program in Python, a NUL byte, and what that program is to load: the
   function's files. It runs the program and calls its `boot` with them, which returns what answers requests.
   The memory is then made part of the function's module.
   `_start` reads the request from stdin, has it answered and writes the answer to stdout.
   The program is ../../../sdks/python/gojinn_runtime; the standard library lies in the image, frozen. */
#include <Python.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "immortal.h"

/* How deep C may recurse in a request, as Python counts it: RecursionError has to come before the host's limit
   on the stack, which is smaller then than while the function is built. */
enum { DEEPEST = 1500 };

#define EXPORT(name) __attribute__((export_name(name)))

extern void __wasilibc_deinitialize_environ(void);
extern const struct _frozen gojinn_library[]; /* made by ../recipe.py */

static PyObject *answer; /* answer(request, environ) -> (output, exit code) */

/* Where in the function's files an exception was raised; 0 when it was in none of them. */
static int line_of(PyObject *error, const char **file) {
    int line = 0;
    PyTracebackObject *each = (PyTracebackObject *)PyException_GetTraceback(error);
    for (; each; each = each->tb_next) {
        PyCodeObject *code = PyFrame_GetCode(each->tb_frame);
        const char *name = PyUnicode_AsUTF8(code->co_filename);
        if (!name || !strncmp(name, "gojinn_", 7) || !strncmp(name, "python/", 7) || *name == '<') continue;
        *file = name;
        line = each->tb_lineno >= 0 ? each->tb_lineno : PyCode_Addr2Line(code, each->tb_lasti);
    }
    return line;
}

/* Tells of the exception that was the first. There may be no memory left to format it, or nothing that the
   function has not taken apart, but for this code. */
static void tell_place(PyObject *error) {
    const char *file = NULL, *kind = Py_TYPE(error)->tp_name;
    int line = 0;
    for (; error; error = PyException_GetContext(error)) {
        int found = line_of(error, &file);
        if (!found) continue;
        line = found;
        kind = Py_TYPE(error)->tp_name;
    }
    char text[500];
    if (line) snprintf(text, sizeof text, "%.200s:%d: %.200s", file, line, kind);
    else snprintf(text, sizeof text, "%.200s", kind);
    host_log(LOG_ERROR, text, strlen(text));
}

/* Ends the program over what it cannot go on after. */
static _Noreturn void fail(const char *what) {
    PyObject *error = PyErr_GetRaisedException();
    if (error) tell_place(error);
    host_log(LOG_ERROR, what, strlen(what));
    _Exit(1);
}

static PyObject *read_all(void) {
    size_t room = 16 << 10, held = 0;
    char *text = malloc(room);
    for (ssize_t got; text && (got = read(0, text + held, room - held)) > 0;) {
        held += (size_t)got;
        if (held < room) continue;
        char *more = realloc(text, room *= 2);
        if (!more) free(text);
        text = more;
    }
    PyObject *bytes = text ? PyBytes_FromStringAndSize(text, (Py_ssize_t)held) : NULL;
    free(text);
    if (!bytes) fail("there is not enough memory to read what is asked");
    return bytes;
}

static void write_all(const char *text, Py_ssize_t length) {
    while (length > 0) {
        ssize_t put = write(1, text, (size_t)length);
        if (put <= 0) _Exit(1);
        text += put, length -= put;
    }
}

/* An interpreter that reads no environment, no command line and no file. Its seed for hashes of strings is
   random, but of the build: what hashed before cannot hash otherwise after. */
static void start_python(void) {
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.write_bytecode = 0;
    config.install_signal_handlers = 0;
    config.pathconfig_warnings = 0;
    config.module_search_paths_set = 1; /* to none: FrozenImporter finds the standard library */
    PyImport_FrozenModules = gojinn_library;
    PyImport_AppendInittab("_gojinn", host_module);
    PyStatus status = Py_PreInitialize(&before);
    if (!PyStatus_Exception(status)) status = PyConfig_SetString(&config, &config.program_name, L"python");
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    if (PyStatus_Exception(status)) fail(status.err_msg ? status.err_msg : "Python does not start");
    PyConfig_Clear(&config);
}

EXPORT("gojinn_boot") void boot(void) {
    booting = true;
    start_python();
    PyObject *given = read_all();
    const char *program = PyBytes_AS_STRING(given);
    size_t length = strlen(program) + 1;
    if (length > (size_t)PyBytes_GET_SIZE(given)) fail("there is nothing to boot");
    PyObject *module = PyImport_AddModuleRef("gojinn_runtime.boot");
    PyObject *names = module ? PyModule_GetDict(module) : NULL;
    PyObject *code = names ? Py_CompileString(program, "gojinn_runtime/boot.py", Py_file_input) : NULL;
    PyObject *ran = code ? PyEval_EvalCode(code, names, names) : NULL;
    PyObject *function = ran ? PyMapping_GetItemString(names, "boot") : NULL;
    watch_for_endless_loops(true);
    if (function)
        answer = PyObject_CallFunction(function, "y#", program + length, PyBytes_GET_SIZE(given) - (Py_ssize_t)length);
    watch_for_endless_loops(false);
    if (!answer) fail("the function could not be loaded");
    Py_DECREF(function);
    Py_DECREF(ran);
    Py_DECREF(code);
    Py_DECREF(module);
    Py_DECREF(given);
    PyGC_Collect();
    make_immortal();
    PyThreadState_Get()->c_recursion_remaining -= Py_C_RECURSION_LIMIT - DEEPEST;
    __wasilibc_deinitialize_environ(); /* or instances would have that of the build */
    booting = false;
}

EXPORT("_start") void start(void) {
    PyObject *request = read_all(), *environ = host_environ();
    PyObject *told = environ ? PyObject_CallFunctionObjArgs(answer, request, environ, NULL) : NULL;
    const char *text;
    Py_ssize_t length;
    int code;
    if (!told || !PyArg_ParseTuple(told, "y#i", &text, &length, &code)) fail("the function ended badly");
    write_all(text, length);
    _Exit(code);
}
