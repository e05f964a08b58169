/* SPDX-License-Identifier: MIT */
/*
 * A C extension that keeps native memory: of a thousand buffers that use() takes and gives back one is
 * forgotten. buffers.py uses it; samples/extension/README.md builds it.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

/* A function of its own in the machine code, too, so that it is seen in the stack. */
static __attribute__((noinline)) char *take(Py_ssize_t size)
{
    char *buffer = malloc((size_t)size); /* the leak is made here */
    if (buffer)
        memset(buffer, 'x', (size_t)size);
    return buffer;
}

static PyObject *use(PyObject *module, PyObject *args)
{
    static unsigned long calls;
    Py_ssize_t size;
    (void)module;
    if (!PyArg_ParseTuple(args, "n", &size))
        return NULL;
    char *buffer = take(size);
    if (!buffer)
        return PyErr_NoMemory();
    long last = buffer[size - 1];
    if (++calls % 1000 != 0)
        free(buffer);
    return PyLong_FromLong(last);
}

static PyMethodDef functions[] = {
    {"use", use, METH_VARARGS, "Fills a buffer of so many bytes, and returns its last one."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "forgetful", NULL, -1, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit_forgetful(void)
{
    return PyModule_Create(&definition);
}
