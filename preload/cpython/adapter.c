/* SPDX-License-Identifier: MIT */
/*
 * The CPython adapter: finds the interpreter, hooks its allocators, and once it runs checks the
 * layout against what the interpreter says of itself before any of it is used.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../ledger.h"
#include "../live_table.h"
#include "../memory.h"
#include "../native.h"
#include "../occasion.h"
#include "../options.h"
#include "../recorder.h"
#include "../runtime.h"
#include "../sampling.h"
#include "../shapes.h"
#include "../shim.h"
#include "../site_tree.h"
#include "../snapshot.h"
#include "../thread.h"
#include "../value_samples.h"
#include "activation.h"
#include "api.h"
#include "arenas.h"
#include "code.h"
#include "detached.h"
#include "dying.h"
#include "gc_state.h"
#include "gc_watch.h"
#include "global_lock.h"
#include "hooks.h"
#include "interpreters.h"
#include "layout.h"
#include "objects.h"
#include "photograph.h"
#include "record.h"
#include "roots.h"
#include "self_check.h"
#include "thread_state.h"
#include "tracer.h"

static struct {
    _Atomic int phase; /* 0: not attached, 1: attaching, 2: attached, 3: refused */
    bool queued;       /* boot() is a pending call */
    bool ready;        /* boot() has succeeded */
    bool finalizing;   /* the interpreter is on its way out */
    bool traced;       /* the reference tracer was ours at the start */
    bool tracer_lost;  /* and is, or was for a while, another's */
    char version[64], build[256];
} adapter;

static void refuse(const char *reason)
{
    message("this CPython (%s) cannot be profiled: %s; nothing is recorded", adapter.version,
            reason);
    hooks_set_off(true);
    atomic_store(&adapter.phase, 3);
}

/*
 * Before an epoch: runs of the collector not yet noticed, and the tracer's slot.
 * tracemalloc.start() takes the tracer's slot without asking, and stop() leaves it empty. The loss
 * is noted once; an empty slot is taken again.
 */
static void watch(void)
{
    gc_watch_flush();
    if (!adapter.traced || tracer_holds())
        return;
    if (!adapter.tracer_lost)
        recorder_note(OURO_NOTE_TRACER_LOST,
                      "another reference tracer (tracemalloc?) was started: from here on blocks "
                      "recycled by free lists keep their earlier site");
    adapter.tracer_lost = true;
    tracer_install();
}

/*
 * Our atexit callback. atexit._run_exitfuncs() runs it while the program goes on: then there is
 * Python code on the stack, and it is registered again when atexit has let go of it.
 */
static py_object *at_exit(py_object *self, py_object *arguments)
{
    (void)self;
    (void)arguments;
    if (!api.PyEval_GetFrame()) {
        adapter.finalizing = true;
        detached_allow(false);
        occasion_end();
        watch();
        if (options.snapshot_at_exit)
            snapshot_take(OURO_SNAPSHOT_AT_EXIT);
        for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
            ledger_set_shutdown(ledger, true); /* of that dies what dies from here on */
    }
    api.Py_IncRef(api.none);
    return api.none;
}

static struct method_definition at_exit_method = {"ouro", at_exit, METHOD_NOARGS, NULL};

static bool register_at_exit(void);

static int register_again(void *argument)
{
    (void)argument;
    py_object *type, *value, *traceback;
    api.PyErr_Fetch(&type, &value, &traceback);
    if (!adapter.finalizing)
        register_at_exit();
    api.PyErr_Restore(type, value, traceback);
    return 0;
}

/* The callback's self dies with it: atexit._clear() was called, or the interpreter ends. */
static void let_go(py_object *capsule)
{
    (void)capsule;
    detached_allow(false);
    if (!adapter.finalizing && !recorder_borrowed())
        api.Py_AddPendingCall(register_again, NULL);
}

/*
 * The module atexit, without the import statement's machinery: this may run in the middle of it,
 * and its per-thread bookkeeping of locks does not bear a second import by the same thread.
 */
static py_object *atexit_module(void)
{
    py_object *modules = api.PyImport_GetModuleDict();
    py_object *present = modules ? api.PyDict_GetItemString(modules, "atexit") : NULL;
    py_object *imp = modules ? api.PyDict_GetItemString(modules, "_imp") : NULL;
    py_object *frozen = api.PyImport_AddModule("_frozen_importlib");
    if (present) {
        api.Py_IncRef(present);
        return present;
    }
    if (!imp || !frozen)
        return NULL;
    py_object *importer = api.PyObject_GetAttrString(frozen, "BuiltinImporter");
    py_object *find = importer ? api.PyObject_GetAttrString(importer, "find_spec") : NULL;
    py_object *name = api.PyUnicode_FromString("atexit");
    py_object *spec = find && name ? api.PyObject_CallFunctionObjArgs(find, name, NULL) : NULL;
    py_object *create = api.PyObject_GetAttrString(imp, "create_builtin");
    py_object *execute = api.PyObject_GetAttrString(imp, "exec_builtin");
    py_object *module = NULL, *done = NULL;
    if (spec && spec != api.none && create && execute)
        module = api.PyObject_CallFunctionObjArgs(create, spec, NULL);
    if (module)
        done = api.PyObject_CallFunctionObjArgs(execute, module, NULL);
    if (done)
        api.PyDict_SetItemString(modules, "atexit", module);
    py_object *const held[] = {importer, find, name, spec, create, execute, done};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        if (held[i])
            api.Py_DecRef(held[i]);
    return module;
}

/*
 * atexit runs its callbacks in reverse: registered before all others, ours comes last. The
 * collector is not told of the callback. The module stays in sys.modules: taken out of it, it would
 * be garbage of our making.
 */
static bool register_at_exit(void)
{
    bool done = false;
    py_object *module = atexit_module();
    py_object *function = module ? api.PyObject_GetAttrString(module, "register") : NULL;
    py_object *capsule = api.PyCapsule_New(&adapter, NULL, let_go);
    py_object *callback = api.PyCFunction_NewEx(&at_exit_method, capsule, NULL);
    if (function && callback) {
        if (layout.minor >= 10) /* before, freeing it takes it for tracked (3.9.2) */
            api.PyObject_GC_UnTrack(callback);
        py_object *result = api.PyObject_CallFunctionObjArgs(function, callback, NULL);
        done = result != NULL;
        roots_exit_callback = done ? (uintptr_t)callback : 0;
        detached_allow(done);
        if (result)
            api.Py_DecRef(result);
    }
    py_object *const held[] = {callback, capsule, function, module};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        if (held[i])
            api.Py_DecRef(held[i]);
    return done;
}

/* ModuleSpec of the import system is a plain class that every interpreter has. */
static void learn_class(void)
{
    py_object *module = api.PyImport_AddModule("_frozen_importlib");
    py_object *known = module ? api.PyObject_GetAttrString(module, "ModuleSpec") : NULL;
    if (!known)
        return;
    objects_learn_class((uintptr_t)known);
    api.Py_DecRef(known);
}

/* Runs as a pending call: main thread, lock held, between two bytecodes. */
static int boot(void *argument)
{
    (void)argument;
    if (atomic_load(&adapter.phase) != 2 || adapter.ready)
        return 0;
    if (!api.PyEval_GetFrame()) { /* nothing to check the layout with: at the next occasion */
        hooks_set_booting(true);
        return 0;
    }
    py_object *type, *value, *traceback;
    api.PyErr_Fetch(&type, &value, &traceback);
    const char *reason = NULL;
    /* What the check allocates is not the program's; but what it puts out of the interpreter's
     * caches may be. */
    hooks_set_aside(true);
    bool sound = self_check(&reason);
    if (sound)
        learn_class();
    hooks_set_aside(false);
    if (!sound) {
        refuse(reason);
    } else {
        struct recorder_process process = {
            .runtime = cpython_runtime.name,
            .version = adapter.version,
            .build = adapter.build,
            .flags = layout.free_threaded ? OURO_PROCESS_FREE_THREADED : 0u,
        };
        /* Without a tracer what a free list recycles keeps the site of its first birth. */
        tracer_told_deaths = strcmp(adapter.version, "3.13.0") != 0 &&
                             strcmp(adapter.version, "3.13.1") != 0 &&
                             strcmp(adapter.version, "3.13.2") != 0;
        adapter.traced = tracer_install();
        if (!adapter.traced && !sampling.mean)
            process.flags |= OURO_PROCESS_APPROXIMATE;
        if (!recorder_running() && !recorder_start(&process)) {
            hooks_set_off(true);
        } else {
            adapter.ready = true;
            adapter.finalizing = false;
            shim_runtime_ready();
            thread_state_find();
            global_lock_find();
            hooks_set_stacks(true);
            /* Looked at afresh, now that stacks may be read. */
            this_thread.runtime_thread = 0;
            this_thread.recorded = THREAD_NOBODY;
            occasion_begin();
            shapes_begin();
            native_begin();
            if (!register_at_exit())
                recorder_note(OURO_NOTE_OTHER, "no snapshot at exit: atexit is not available");
        }
    }
    py_object *ignored[3];
    api.PyErr_Fetch(&ignored[0], &ignored[1], &ignored[2]);
    for (int i = 0; i < 3; i++)
        if (ignored[i])
            api.Py_DecRef(ignored[i]);
    api.PyErr_Restore(type, value, traceback);
    return 0;
}

static void on_boot(void)
{
    if (!api.Py_IsInitialized())
        return;
    hooks_set_booting(false); /* first: queueing may allocate */
    if (api.Py_AddPendingCall(boot, NULL) != 0)
        hooks_set_booting(true); /* the queue is full: next time */
}

static void thread_gone(struct thread *thread)
{
    if (layout.free_threaded)
        ledger_release(thread->ledger);
    else
        interpreters_leave(thread->ledger);
}

static bool parse_version(const char *text, int *major, int *minor)
{
    size_t length = strcspn(text, " ");
    if (length >= sizeof adapter.version)
        length = sizeof adapter.version - 1;
    memcpy(adapter.version, text, length);
    size_t n = 0;
    for (const char *p = text; *p && n < sizeof adapter.build - 1; p++)
        adapter.build[n++] = *p == '\n' ? ' ' : *p;
    char *end;
    *major = (int)strtol(text, &end, 10);
    if (*end != '.')
        return false;
    *minor = (int)strtol(end + 1, &end, 10);
    return true;
}

/*
 * The tables are sized to the address space: 16 million rows where it is not limited. Reserved,
 * not used: pages come with the rows.
 */
static bool create_tables(void)
{
    const uint64_t row = sizeof(struct site_string) + sizeof(struct site_function) +
                         sizeof(struct site_node) + sizeof(struct site_row) +
                         2 * sizeof(struct counter) + sizeof(struct typed_deaths);
    uint64_t budget = memory_budget();
    uint32_t capacity = 1u << 24;
    while (capacity > 1u << 14 && capacity * row > budget)
        capacity >>= 1;
    if (!live_table_create())
        return false;
    for (; capacity >= 1u << 14; capacity >>= 1) {
        if (!options.sample && !options.lives)
            ledger_sample = VALUE_SAMPLES_EVERY;
        if (site_tree_create(capacity) && ledger_acquire())
            return true;
        site_tree_destroy();
    }
    return false;
}

/* Before the program can have copied its environment: what it starts is not to say it again. */
static void check_wishes(void)
{
    if (options.gc_shapes && layout.free_threaded) {
        if (message_of_run())
            message("--gc-shapes needs an interpreter with a global lock; it is ignored");
        options.gc_shapes = 0;
    }
}

static bool attach(void)
{
    int expected = 0;
    if (!atomic_compare_exchange_strong(&adapter.phase, &expected, 1))
        return expected != 1;
    const char *missing;
    if (!api_resolve(&missing) && !missing) {
        atomic_store(&adapter.phase, 0);
        return false;
    }
    int major = 0, minor = 0;
    if (!api.Py_GetVersion || !parse_version(api.Py_GetVersion(), &major, &minor)) {
        strcpy(adapter.version, "of unknown version");
        refuse("it does not tell its version");
        return true;
    }
    char reason[128];
    const char *why;
    if (major != 3 || minor < 8) {
        refuse("ouro knows 3.8 to 3.15");
    } else if (minor > 15) {
        refuse("ouro knows 3.8 to 3.15 and does not guess at later ones");
    } else if (missing) {
        snprintf(reason, sizeof reason, "it does not export %s", missing);
        refuse(reason);
    } else if (!layout_select(minor, api.runtime, &why)) {
        refuse(why);
    } else if (!create_tables() || !code_setup() || !dying_setup() ||
               !sampling_setup(options.sample)) {
        refuse("not enough address space");
    } else {
        check_wishes();
        activation_setup();
        thread_state_setup();
        thread_setup();
        thread_ended = thread_gone;
        hooks_on_boot = on_boot;
        recorder_watch = watch;
        hooks_set_booting(true);
        hooks_install();
        arenas_install();
        atomic_store(&adapter.phase, 2);
    }
    return true;
}

static void refresh(void)
{
    if (atomic_load(&adapter.phase) != 2 || hook_state.off)
        return;
    if (adapter.ready && !api.Py_IsInitialized()) {
        /* An embedding program starts the interpreter again after finalizing it. */
        adapter.ready = false;
        hooks_set_stacks(false);
        hooks_set_booting(true);
        this_thread.recorded = THREAD_NOBODY;
        for (struct ledger *ledger = atomic_load(&ledgers); ledger; ledger = ledger->next)
            ledger_set_shutdown(ledger, false);
    }
    if (!adapter.ready)
        hooks_install();
}

static bool at_safe_point(const char **why)
{
    *why = NULL;
    if (!adapter.ready || hook_state.off)
        return false;
    uintptr_t tstate = hooks_thread_state();
    uintptr_t interpreter = tstate ? load_word(tstate, layout.tstate_interp) : 0;
    if (!tstate || gc_collecting(interpreter))
        return false;
    /* From 3.12 on an interpreter may have a lock of its own, and the main one run meanwhile. */
    if (layout.minor >= 12 && interpreter != (uintptr_t)api.PyInterpreterState_Main()) {
        *why = "asked for by a subinterpreter";
        return false;
    }
    dying_list_libraries(); /* the copy must not take the loader's lock */
    return true;
}

/* Without a global lock nobody tells but each thread of itself. */
static bool idle(uint64_t *stamp)
{
    uintptr_t own;
    *stamp = 0;
    if (!adapter.ready || hook_state.off || !thread_state_known())
        return false;
    if (layout.free_threaded)
        return thread_state_own(&own) && !own;
    return global_lock_free(stamp);
}

static void wake(void)
{
    void *state = api.PyInterpreterState_ThreadHead(api.PyInterpreterState_Main());
    thread_state_assume((uintptr_t)state);
}

static int run_later(void *function)
{
    void (*call)(void);
    memcpy(&call, &function, sizeof call);
    call();
    return 0;
}

/*
 * 3.8 prints an error for a pending call that comes after the main thread has run the last of them,
 * and does not tell when that is.
 */
static bool call_later(void (*function)(void))
{
    void *argument;
    memcpy(&argument, &function, sizeof argument);
    return layout.minor > 8 && api.Py_AddPendingCall(run_later, argument) == 0;
}

static void forked(void)
{
    interpreters_forked(this_thread.ledger);
    detached_forked();
    this_thread.self = (uintptr_t)pthread_self();
}

const struct runtime cpython_runtime = {
    .name = "cpython",
    .attach = attach,
    .refresh = refresh,
    .at_safe_point = at_safe_point,
    .idle = idle,
    .call_later = call_later,
    .wake = wake,
    .photograph = photograph,
    .claim_memory = arenas_claim,
    .site = record_site,
    .forked = forked,
};
