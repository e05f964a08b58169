/* SPDX-License-Identifier: MIT */
/*
 * The few functions and objects of CPython's C API that the adapter uses, found by name at run
 * time: the shim is built without Python.h and serves every version.
 */
#ifndef OURO_CPYTHON_API_H
#define OURO_CPYTHON_API_H

#include <stdbool.h>
#include <stddef.h>

#include "../private.h"

typedef void py_object; /* PyObject */

/* PyMemAllocatorEx, Include/cpython/pymem.h; the layout is the same since 3.5. */
struct allocator {
    void *context;
    void *(*malloc)(void *context, size_t size);
    void *(*calloc)(void *context, size_t count, size_t size);
    void *(*realloc)(void *context, void *block, size_t size);
    void (*free)(void *context, void *block);
};

enum domain { DOMAIN_RAW, DOMAIN_MEM, DOMAIN_OBJ };

typedef int (*visitor)(py_object *referent, void *argument);
typedef int (*traverser)(py_object *self, visitor visit, void *argument);

struct method_definition { /* PyMethodDef */
    const char *name;
    py_object *(*function)(py_object *self, py_object *arguments);
    int flags;
    const char *documentation;
};
#define METHOD_NOARGS 0x0004

struct cpython_api {
    const char *(*Py_GetVersion)(void);
    int (*Py_IsInitialized)(void);
    int (*Py_AddPendingCall)(int (*function)(void *), void *argument);
    void (*PyMem_GetAllocator)(int domain, struct allocator *allocator);
    void (*PyMem_SetAllocator)(int domain, struct allocator *allocator);
    void *(*thread_state)(void); /* this thread's, or (up to 3.11) the lock holder's */
    void *(*PyInterpreterState_Main)(void);
    void *(*PyInterpreterState_ThreadHead)(void *interpreter);
    void *(*PyThreadState_Next)(void *thread);
    py_object *(*PyImport_ImportModule)(const char *name);
    py_object *(*PyImport_GetModuleDict)(void);
    py_object *(*PyObject_GetAttrString)(py_object *self, const char *name);
    py_object *(*PyObject_CallFunctionObjArgs)(py_object *callable, ...);
    py_object *(*PyCFunction_NewEx)(struct method_definition *definition, py_object *self,
                                    py_object *module);
    py_object *(*PyEval_GetFrame)(void);
    void *(*PyGILState_GetThisThreadState)(void); /* needs no lock */
    void *(*PyEval_SaveThread)(void);
    void (*PyEval_RestoreThread)(void *state);
    long (*PyLong_AsLong)(py_object *self);
    void (*PyErr_Fetch)(py_object **type, py_object **value, py_object **traceback);
    void (*PyErr_Restore)(py_object *type, py_object *value, py_object *traceback);
    int (*PyDict_Next)(py_object *dict, ptrdiff_t *position, py_object **key, py_object **value);
    py_object *(*PyCapsule_New)(void *pointer, const char *name, void (*end)(py_object *));
    void (*PyObject_GC_UnTrack)(void *object);
    py_object *(*PyDict_GetItemString)(py_object *dict, const char *key); /* borrowed */
    int (*PyDict_SetItemString)(py_object *dict, const char *key, py_object *value);
    py_object *(*PyUnicode_FromString)(const char *text);
    py_object *(*PyImport_AddModule)(const char *name);
    /* 3.13 and later, else NULL */
    int (*PyRefTracer_SetTracer)(int (*tracer)(py_object *, int event, void *), void *data);
    int (*(*PyRefTracer_GetTracer)(void **data))(py_object *, int event, void *);
    py_object *(*PyType_GetDict)(py_object *type); /* new; 3.12 and later */
    void (*Py_DecRef)(py_object *self);
    void (*Py_IncRef)(py_object *self);

    py_object *code_type, *type_type, *dict_type, *none, *frame_type, *function_type, *cell_type;
    py_object *list_type, *tuple_type, *set_type, *frozenset_type, *unicode_type, *bytes_type;
    py_object *long_type, *float_type, *complex_type, *bool_type, *module_type, *generator_type;
    py_object *coroutine_type, *async_generator_type, *bytearray_type, *weakref_type, *method_type;
    py_object *c_function_type, *traceback_type, *object_type;
    const unsigned char *runtime; /* _PyRuntime */
    size_t runtime_size;
};

extern PRIVATE struct cpython_api api;

/*
 * Resolves everything. False when there is no CPython in the process, in which case *missing is
 * NULL, or when one lacks something, which *missing then names.
 */
bool api_resolve(const char **missing);

/* A symbol that not every version has, or NULL. After api_resolve(). */
void *api_symbol(const char *name);

#endif
