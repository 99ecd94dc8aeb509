/* The module `_gojinn`: log, host calls, and whether the function is being built. */
#define Py_BUILD_CORE /* for the queue of pending calls */
#include "host.h"

#include <internal/pycore_runtime.h>

#include <string.h>
#include <unistd.h>

#define IMPORT(name) __attribute__((import_module("gojinn"), import_name(name)))

IMPORT("host_log") void gojinn_log(int level, const char *text, size_t length);
IMPORT("host_call")
int gojinn_call(const char *op, size_t op_length, const char *request, size_t request_length);
IMPORT("host_take") int gojinn_take(char *out, size_t most);

enum {
    MOST_TURNS = 100000000, /* of loops, and calls, while loading: 5 s of processor time and more, however busy it is */
};

extern char **environ;
extern void __wasilibc_ensure_environ(void);

bool booting;

void host_log(int level, const char *text, size_t length) { gojinn_log(level, text, length); }

/* log(level, text): the text is bytes, as one with lone surrogates is no UTF-8 as it is. */
static PyObject *py_log(PyObject *self, PyObject *arguments) {
    int level;
    const char *text;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(arguments, "iy#", &level, &text, &length)) return NULL;
    gojinn_log(level, text, (size_t)length);
    Py_RETURN_NONE;
}

/* print(data): what the function prints, in whole lines while it is built. */
static PyObject *py_print(PyObject *self, PyObject *data) {
    Py_buffer view;
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)) return NULL;
    const char *text = view.buf;
    size_t length = (size_t)view.len;
    if (booting) {
        while (length && text[length - 1] == '\n') length--;
        gojinn_log(LOG_INFO, text, length);
    } else {
        for (ssize_t put; length && (put = write(2, text, length)) > 0;) text += put, length -= (size_t)put;
    }
    PyBuffer_Release(&view);
    Py_RETURN_NONE;
}

/* call(operation, request): the answer's JSON, or the negative number that the host answered with. */
static PyObject *py_call(PyObject *self, PyObject *arguments) {
    const char *op, *request;
    Py_ssize_t op_length, length;
    if (!PyArg_ParseTuple(arguments, "s#s#", &op, &op_length, &request, &length)) return NULL;
    if (booting) {
        PyErr_Format(PyExc_RuntimeError, "'%s' cannot be used while the function is built, only in the handler", op);
        return NULL;
    }
    int answered = gojinn_call(op, (size_t)op_length, request, (size_t)length);
    if (answered < 0) return PyLong_FromLong(answered);
    PyObject *answer = PyBytes_FromStringAndSize(NULL, answered);
    if (!answer) return NULL;
    int taken = gojinn_take(PyBytes_AS_STRING(answer), (size_t)answered);
    return _PyBytes_Resize(&answer, taken) ? NULL : answer;
}

static PyObject *py_booting(PyObject *self, PyObject *arguments) { return PyBool_FromLong(booting); }

/* loaded(): ends what is done about endless loops, so that there is time to tell of one. */
static PyObject *py_loaded(PyObject *self, PyObject *arguments) {
    watch_for_endless_loops(false);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"log", py_log, METH_VARARGS, NULL},
    {"print", py_print, METH_O, NULL},
    {"call", py_call, METH_VARARGS, NULL},
    {"booting", py_booting, METH_NOARGS, NULL},
    {"loaded", py_loaded, METH_NOARGS, NULL},
    {"romix", py_romix, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_gojinn", .m_size = -1, .m_methods = methods};

PyObject *host_module(void) { return PyModule_Create(&definition); }

PyObject *host_environ(void) {
    PyObject *found = PyDict_New();
    __wasilibc_ensure_environ();
    for (char **each = environ; found && each && *each; each++) {
        const char *equals = strchr(*each, '=');
        if (!equals) continue;
        PyObject *name = PyBytes_FromStringAndSize(*each, equals - *each), *value = PyBytes_FromString(equals + 1);
        if (!name || !value || PyDict_SetItem(found, name, value)) Py_CLEAR(found);
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return found;
}

static bool watching;
static int turns;

/* There is no other thread and no signal that could interrupt a loop. But Python asks at each turn of a loop
   and each call whether something is pending, so there always is: this, which counts them. */
static int look(void *none) {
    (void)none;
    if (!watching) return 0;
    Py_AddPendingCall(look, NULL);
    if (++turns <= MOST_TURNS) return 0;
    turns = 0;
    PyErr_SetString(PyExc_KeyboardInterrupt, "loading takes too long, is there an endless loop?");
    return -1;
}

void watch_for_endless_loops(bool on) {
    watching = on;
    _PyRuntime.ceval.pending_mainthread.maxloop = on ? 1 : 0; /* or each time would be as many as fit */
    if (!on) return;
    turns = 0;
    Py_AddPendingCall(look, NULL);
}
