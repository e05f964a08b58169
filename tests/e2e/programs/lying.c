/* SPDX-License-Identifier: MIT */
/*
 * A type whose tp_traverse reports an object that its instances do not own, once told to. Declares what
 * it uses of the stable ABI itself, so that it can be built where Python's headers are not installed.
 */
#include <stddef.h>

typedef struct object PyObject;
typedef int (*visitproc)(PyObject *object, void *argument);

struct slot {
    int slot;
    void *function;
};

struct spec {
    const char *name;
    int basicsize, itemsize;
    unsigned flags;
    struct slot *slots;
};

PyObject *PyType_FromSpec(struct spec *spec);
PyObject *PyType_GenericNew(PyObject *type, PyObject *arguments, PyObject *keywords);

enum { TP_NEW = 65, TP_TRAVERSE = 71 };
enum { HAVE_GC = 1 << 14, DEFAULT = 1 << 18 };

static PyObject *victim;

static int traverse(PyObject *self, visitproc visit, void *argument)
{
    (void)self;
    return victim ? visit(victim, argument) : 0;
}

PyObject *lying_type(void)
{
    static struct slot slots[] = {
        {TP_NEW, (void *)PyType_GenericNew}, {TP_TRAVERSE, (void *)traverse}, {0, NULL}};
    static struct spec spec = {"lying.Liar", 0, 0, HAVE_GC | DEFAULT, slots};
    spec.basicsize = 2 * sizeof(void *) + (sizeof(void *) == 8 ? 16 : 0);
    return PyType_FromSpec(&spec);
}

void lying_tell(PyObject *object)
{
    victim = object;
}
