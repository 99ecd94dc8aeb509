/* Makes all objects that are there immortal, so that using them writes nothing into them.

   A count of references is in each object, and instances share the memory of a function until they write to
   it: then a page is copied, which takes longer than what is done with it. CPython has objects whose count
   stays as it is, such as None; when a function has been loaded, all objects become such. */
#define Py_BUILD_CORE
#include "immortal.h"

#include <Python.h>

#include <internal/pycore_gc.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_object.h>

#include <stdlib.h>

static struct {
    PyObject **items;
    size_t count, room;
} found; /* objects whose own references are still to be looked at */

static int visit(PyObject *object, void *none) {
    (void)none;
    if (!object || _Py_IsImmortal(object)) return 0;
    object->ob_refcnt = _Py_IMMORTAL_REFCNT;
    if (found.count == found.room) {
        size_t room = found.room ? 2 * found.room : 4096;
        PyObject **items = realloc(found.items, room * sizeof *items);
        if (!items) return -1;
        found.items = items, found.room = room;
    }
    found.items[found.count++] = object;
    return 0;
}

/* What a code object refers to: it takes no part in the collection of garbage, and so cannot tell. */
static void visit_code(PyCodeObject *code) {
    PyObject *parts[] = {code->co_consts,      code->co_names, code->co_exceptiontable, code->co_localsplusnames,
                         code->co_localspluskinds, code->co_filename, code->co_name, code->co_qualname,
                         code->co_linetable};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) visit(parts[i], NULL);
}

/* Immortal ones, too, refer to others: static types to their dictionaries. */
static void look_into(PyObject *object) {
    if (PyCode_Check(object)) visit_code((PyCodeObject *)object);
    else if (Py_TYPE(object)->tp_traverse) Py_TYPE(object)->tp_traverse(object, visit, NULL);
    visit((PyObject *)Py_TYPE(object), NULL);
}

static void look_into_generation(struct gc_generation *generation) {
    PyGC_Head *head = &generation->head;
    for (PyGC_Head *each = _PyGCHead_NEXT(head); each != head; each = _PyGCHead_NEXT(each)) {
        PyObject *object = (PyObject *)(each + 1);
        visit(object, NULL);
        look_into(object);
    }
}

void make_immortal(void) {
    struct _gc_runtime_state *gc = &PyInterpreterState_Get()->gc;
    for (int i = 0; i < NUM_GENERATIONS; i++) look_into_generation(&gc->generations[i]);
    look_into_generation(&gc->permanent_generation);
    while (found.count) look_into(found.items[--found.count]);
    free(found.items);
}
