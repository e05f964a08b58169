/* SPDX-License-Identifier: MIT */
#include "api.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

struct cpython_api api;

static void *handle; /* of the library that has CPython's symbols */

struct library {
    char path[4096];
};

static int is_libpython(struct dl_phdr_info *info, size_t size, void *argument)
{
    (void)size;
    struct library *library = argument;
    const char *name = strrchr(info->dlpi_name, '/');
    if (!name || strncmp(name, "/libpython", 10) != 0 ||
        strlen(info->dlpi_name) >= sizeof library->path)
        return 0;
    /* libpython3.so is a stub that only names the real one. */
    if (strncmp(name, "/libpython3.so", 14) == 0)
        return 0;
    memcpy(library->path, info->dlpi_name, strlen(info->dlpi_name) + 1);
    return 1;
}

/* The handle under which CPython's symbols are found, or NULL. */
static void *find_python(void)
{
    if (dlsym(RTLD_DEFAULT, "PyMem_SetAllocator"))
        return RTLD_DEFAULT;
    struct library library; /* loaded later, with RTLD_LOCAL: not in the global scope */
    if (!dl_iterate_phdr(is_libpython, &library))
        return NULL;
    return dlopen(library.path, RTLD_LAZY | RTLD_NOLOAD);
}

void *api_symbol(const char *name)
{
    return dlsym(handle, name);
}

bool api_resolve(const char **missing)
{
    *missing = NULL;
    handle = find_python();
    if (!handle && !dlsym(RTLD_DEFAULT, "Py_GetVersion"))
        return false;
    const struct {
        const char *name;
        void *slot;
    } needed[] = {
#define FUNCTION(name) {#name, &api.name}
        FUNCTION(Py_GetVersion),
        FUNCTION(Py_IsInitialized),
        FUNCTION(Py_AddPendingCall),
        FUNCTION(PyMem_GetAllocator),
        FUNCTION(PyMem_SetAllocator),
        FUNCTION(PyInterpreterState_Main),
        FUNCTION(PyInterpreterState_ThreadHead),
        FUNCTION(PyThreadState_Next),
        FUNCTION(PyImport_ImportModule),
        FUNCTION(PyImport_GetModuleDict),
        FUNCTION(PyObject_GetAttrString),
        FUNCTION(PyObject_CallFunctionObjArgs),
        FUNCTION(PyCFunction_NewEx),
        FUNCTION(PyEval_GetFrame),
        FUNCTION(PyGILState_GetThisThreadState),
        FUNCTION(PyEval_SaveThread),
        FUNCTION(PyEval_RestoreThread),
        FUNCTION(PyLong_AsLong),
        FUNCTION(PyErr_Fetch),
        FUNCTION(PyErr_Restore),
        FUNCTION(PyDict_Next),
        FUNCTION(PyCapsule_New),
        FUNCTION(PyObject_GC_UnTrack),
        FUNCTION(PyDict_GetItemString),
        FUNCTION(PyDict_SetItemString),
        FUNCTION(PyUnicode_FromString),
        FUNCTION(PyImport_AddModule),
        FUNCTION(Py_DecRef),
        FUNCTION(Py_IncRef),
#undef FUNCTION
        {"PyCode_Type", &api.code_type},
        {"PyType_Type", &api.type_type},
        {"PyDict_Type", &api.dict_type},
        {"_Py_NoneStruct", &api.none},
        {"PyFrame_Type", &api.frame_type},
        {"PyFunction_Type", &api.function_type},
        {"PyCell_Type", &api.cell_type},
        {"PyList_Type", &api.list_type},
        {"PyTuple_Type", &api.tuple_type},
        {"PySet_Type", &api.set_type},
        {"PyFrozenSet_Type", &api.frozenset_type},
        {"PyUnicode_Type", &api.unicode_type},
        {"PyBytes_Type", &api.bytes_type},
        {"PyLong_Type", &api.long_type},
        {"PyFloat_Type", &api.float_type},
        {"PyComplex_Type", &api.complex_type},
        {"PyBool_Type", &api.bool_type},
        {"PyModule_Type", &api.module_type},
        {"PyGen_Type", &api.generator_type},
        {"PyCoro_Type", &api.coroutine_type},
        {"PyAsyncGen_Type", &api.async_generator_type},
        {"PyByteArray_Type", &api.bytearray_type},
        {"_PyWeakref_RefType", &api.weakref_type},
        {"PyMethod_Type", &api.method_type},
        {"PyCFunction_Type", &api.c_function_type},
        {"PyTraceBack_Type", &api.traceback_type},
        {"PyBaseObject_Type", &api.object_type},
        {"_PyRuntime", &api.runtime},
    };
    /* The version first, so that a refusal can name it. */
    api.Py_GetVersion = (const char *(*)(void))(uintptr_t)dlsym(handle, "Py_GetVersion");
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        void *symbol = dlsym(handle, needed[i].name);
        if (!symbol) {
            *missing = needed[i].name;
            return false;
        }
        memcpy(needed[i].slot, &symbol, sizeof symbol);
    }
    Dl_info info;
    const ElfW(Sym) *entry = NULL;
    if (dladdr1(api.runtime, &info, (void **)&entry, RTLD_DL_SYMENT) && entry)
        api.runtime_size = entry->st_size;
    void *optional = dlsym(handle, "PyRefTracer_SetTracer");
    memcpy(&api.PyRefTracer_SetTracer, &optional, sizeof optional);
    optional = dlsym(handle, "PyRefTracer_GetTracer");
    memcpy(&api.PyRefTracer_GetTracer, &optional, sizeof optional);
    optional = dlsym(handle, "PyType_GetDict");
    memcpy(&api.PyType_GetDict, &optional, sizeof optional);
    static const char *const thread_state[] = {
        "PyThreadState_GetUnchecked",  /* 3.13 */
        "_PyThreadState_UncheckedGet", /* 3.5 */
    };
    for (size_t i = 0; i < 2 && !api.thread_state; i++) {
        void *symbol = dlsym(handle, thread_state[i]);
        memcpy(&api.thread_state, &symbol, sizeof symbol);
    }
    if (!api.thread_state)
        *missing = thread_state[1];
    return api.thread_state != NULL;
}
