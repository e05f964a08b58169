/* SPDX-License-Identifier: MIT */
/*
 * A C extension with the mistakes that extensions make, one each. samples/extension/README.md builds it;
 * leaks.py uses it.
 *
 *   record()     makes a Record and forgets a Py_DECREF: one reference too many, that nothing owns
 *   NoTraverse   refers to any object but takes no part in garbage collection
 *   NoVisit      takes part, but its tp_traverse leaves its reference out
 *   NoClear      reports its reference but has no tp_clear, so the collector cannot break a cycle of them
 *   Legacy       has a tp_del, the kind of finalizer the collector never calls
 *   Twice        reports its reference twice, so the collector's arithmetic is wrong (never let it run)
 *   Good         does it all right
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

struct holder {
    PyObject_HEAD PyObject *held;
};

static PyMemberDef members[] = {
    {"held", T_OBJECT_EX, offsetof(struct holder, held), 0, "any object"},
    {NULL},
};

static int holder_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((struct holder *)self)->held);
#if PY_VERSION_HEX >= 0x03090000
    Py_VISIT(Py_TYPE(self)); /* an instance of a heap type owns a reference to it */
#endif
    return 0;
}

static int forgetful_traverse(PyObject *self, visitproc visit, void *arg)
{
#if PY_VERSION_HEX >= 0x03090000
    Py_VISIT(Py_TYPE(self));
#else
    (void)self, (void)visit, (void)arg;
#endif
    return 0;
}

static int twice_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((struct holder *)self)->held);
    return holder_traverse(self, visit, arg);
}

static int holder_clear(PyObject *self)
{
    Py_CLEAR(((struct holder *)self)->held);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (type->tp_flags & Py_TPFLAGS_HAVE_GC)
        PyObject_GC_UnTrack(self);
    Py_CLEAR(((struct holder *)self)->held);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static void legacy_del(PyObject *self)
{
    (void)self;
}

static PyType_Slot no_traverse_slots[] = {
    {Py_tp_members, members}, {Py_tp_dealloc, dealloc}, {0, NULL}};
static PyType_Slot no_visit_slots[] = {{Py_tp_members, members},
                                       {Py_tp_dealloc, dealloc},
                                       {Py_tp_traverse, forgetful_traverse},
                                       {Py_tp_clear, holder_clear},
                                       {0, NULL}};
static PyType_Slot no_clear_slots[] = {{Py_tp_members, members},
                                       {Py_tp_dealloc, dealloc},
                                       {Py_tp_traverse, holder_traverse},
                                       {0, NULL}};
static PyType_Slot legacy_slots[] = {{Py_tp_members, members},          {Py_tp_dealloc, dealloc},
                                     {Py_tp_traverse, holder_traverse}, {Py_tp_clear, holder_clear},
                                     {Py_tp_del, legacy_del},           {0, NULL}};
static PyType_Slot twice_slots[] = {{Py_tp_members, members},
                                    {Py_tp_dealloc, dealloc},
                                    {Py_tp_traverse, twice_traverse},
                                    {Py_tp_clear, holder_clear},
                                    {0, NULL}};
static PyType_Slot good_slots[] = {{Py_tp_members, members},
                                   {Py_tp_dealloc, dealloc},
                                   {Py_tp_traverse, holder_traverse},
                                   {Py_tp_clear, holder_clear},
                                   {0, NULL}};

#define SPEC(name, flags, slots)                              \
    {                                                         \
        "leaky." name, sizeof(struct holder), 0, flags, slots \
    }
static PyType_Spec specs[] = {
    SPEC("NoTraverse", Py_TPFLAGS_DEFAULT, no_traverse_slots),
    SPEC("NoVisit", Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, no_visit_slots),
    SPEC("NoClear", Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, no_clear_slots),
    SPEC("Legacy", Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, legacy_slots),
    SPEC("Twice", Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, twice_slots),
    SPEC("Good", Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, good_slots),
    SPEC("Record", Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, good_slots),
};

static PyObject *record_type;

static PyObject *record(PyObject *self, PyObject *arg)
{
    (void)self;
    struct holder *made = (struct holder *)PyObject_CallObject(record_type, NULL);
    if (!made)
        return NULL;
    Py_INCREF(arg);
    made->held = arg;
    Py_INCREF(made); /* the mistake: nobody gives this one back */
    return (PyObject *)made;
}

static PyMethodDef functions[] = {
    {"record", record, METH_O, "A Record that holds an object, and leaks."},
    {NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "leaky", NULL, -1, functions};

PyMODINIT_FUNC PyInit_leaky(void);
PyMODINIT_FUNC PyInit_leaky(void)
{
    PyObject *m = PyModule_Create(&module);
    for (size_t i = 0; m && i < sizeof specs / sizeof *specs; i++) {
        PyObject *type = PyType_FromSpec(&specs[i]);
        if (!type || PyModule_AddObject(m, specs[i].name + sizeof "leaky." - 1, type) < 0)
            return NULL;
        record_type = type; /* the last one */
    }
    return m;
}
