/* SPDX-License-Identifier: MIT */
/* What the collector cannot see or free, and what something holds that is not known. */
#include "cycles/verdict.h"
#include "patterns/pattern.h"

static const struct pattern patterns[] = {
    {.id = "datetime-tzinfo",
     .title = "a date or time refers to a tzinfo that refers back",
     .rule = {"!* .tzinfo"},
     .reason = "datetime and time objects do not tell the collector of their tzinfo",
     .hint = "keep what refers to dates and times out of the tzinfo",
     .explanation =
         "The types datetime and time have no tp_traverse, so a cycle through their "
         "tzinfo is invisible to the collector: it is never freed, whatever gc.collect() "
         "does. Only breaking it by hand helps.",
     .before = "import datetime\n"
               "\n"
               "class Zone(datetime.tzinfo):\n"
               "    pass\n"
               "\n"
               "def stamp():\n"
               "    zone = Zone()\n"
               "    zone.last = datetime.datetime(2024, 1, 1, tzinfo=zone)\n"
               "\n"
               "for _ in range(20):\n"
               "    stamp()\n",
     .after = "import datetime\n"
              "\n"
              "class Zone(datetime.tzinfo):\n"
              "    pass\n"
              "\n"
              "def stamp():\n"
              "    zone = Zone()\n"
              "    zone.last = datetime.datetime(2024, 1, 1).timetuple()\n"
              "\n"
              "for _ in range(20):\n"
              "    stamp()\n",
     .link = "https://docs.python.org/3/library/datetime.html#tzinfo-objects"},
    {.id = "object-array",
     .title = "a numpy array of objects that leads back to itself",
     .rule = {"!numpy.ndarray [*]"},
     .cause = CAUSE_NO_TRAVERSE,
     .reason = "numpy's arrays do not tell the collector of the objects in them",
     .hint = "keep out of the array what refers to whoever has it, or empty it when done: "
             "array[...] = None",
     .explanation =
         "An array of dtype object owns references like a list, but numpy.ndarray takes no part in "
         "garbage collection. A cycle through one, such as an object that has itself, or what refers "
         "to it, in such an array, is never freed, whatever gc.collect() does. Columns of strings in "
         "pandas are such arrays.",
     .link = "https://numpy.org/doc/stable/reference/arrays.scalars.html#numpy.object_"},
    {.id = "no-traverse",
     .title = "a type of an extension that has no tp_traverse",
     .cause = CAUSE_NO_TRAVERSE,
     .whole = true,
     .reason = "the type does not tell the collector what it refers to",
     .hint = "give {type} tp_traverse, tp_clear and Py_TPFLAGS_HAVE_GC; until then break the "
             "cycle by hand",
     .explanation = "A type written in C takes part in garbage collection only if it says so "
                    "(Py_TPFLAGS_HAVE_GC) and reports its references (tp_traverse). One that does "
                    "not keeps every cycle through it alive for ever. Types made by Cython and the "
                    "like do it by themselves; hand-written ones forget it.",
     .link = "https://docs.python.org/3/c-api/gcsupport.html"},
    {.id = "hidden-reference",
     .title = "a tp_traverse that leaves out a reference",
     .cause = CAUSE_HIDDEN,
     .whole = true,
     .reason = "the type's tp_traverse does not visit this reference",
     .hint = "visit every owned reference in the tp_traverse of {type} (and its type, from "
             "Python 3.9 on)",
     .explanation = "The collector subtracts the references that types report from the reference "
                    "counts. One that is left out looks like a reference from outside, so the "
                    "object, and all it leads to, is taken for alive.",
     .link = "https://docs.python.org/3/c-api/typeobj.html#c.PyTypeObject.tp_traverse"},
    {.id = "untracked-object",
     .title = "an object that was never handed to the collector",
     .cause = CAUSE_UNTRACKED,
     .whole = true,
     .reason = "the collector does not know the object",
     .hint = "call PyObject_GC_Track() when the object of type {type} is complete",
     .explanation = "An object of a collected type must be tracked once its fields are set. One "
                    "that is not is invisible to the collector, like an object of a type without "
                    "tp_traverse.",
     .link = "https://docs.python.org/3/c-api/gcsupport.html#c.PyObject_GC_Track"},
    {.id = "legacy-finalizer",
     .title = "a type with a legacy finalizer (tp_del)",
     .cause = CAUSE_LEGACY_DEL,
     .whole = true,
     .reason = "the collector never calls a legacy finalizer and leaves its cycle alone",
     .hint = "use tp_finalize instead of tp_del in {type}",
     .explanation = "Objects with a tp_del cannot be freed in a safe order, so the collector puts "
                    "them into gc.garbage. Since PEP 442 (Python 3.4) __del__ methods are no such "
                    "finalizers; only old C types still have one.",
     .link = "https://docs.python.org/3/library/gc.html#gc.garbage"},
    {.id = "no-clear",
     .title = "no type of the cycle has a tp_clear",
     .cause = CAUSE_NO_CLEAR,
     .whole = true,
     .reason = "the collector finds the cycle but nothing in it lets go of its references",
     .hint = "give {type} a tp_clear that drops the references its tp_traverse visits",
     .explanation = "The collector breaks a cycle by calling tp_clear of its members. If none of "
                    "them has one (or it does not drop the reference), every full collection finds "
                    "the cycle again and frees nothing.",
     .link = "https://docs.python.org/3/c-api/typeobj.html#c.PyTypeObject.tp_clear"},
    {.id = "kept-in-gc-garbage",
     .title = "objects that gc.garbage holds",
     .cause = CAUSE_SAVED,
     .whole = true,
     .reason = "the list gc.garbage keeps it",
     .hint = "empty gc.garbage when done with it (gc.garbage.clear())",
     .explanation =
         "What the collector cannot free, or was told to save (gc.DEBUG_SAVEALL), is put "
         "into the list gc.garbage and lives as long as it is in there. A finalizer that "
         "brings its object back can put it there as well.",
     .before = "import gc\n"
               "\n"
               "class Node:\n"
               "    def __init__(self):\n"
               "        self.me = self\n"
               "\n"
               "def leak():\n"
               "    gc.set_debug(gc.DEBUG_SAVEALL)\n"
               "    for _ in range(20):\n"
               "        Node()\n"
               "    gc.collect()\n"
               "    gc.set_debug(0)\n"
               "\n"
               "leak()\n",
     .after = "import gc\n"
              "\n"
              "class Node:\n"
              "    def __init__(self):\n"
              "        self.me = self\n"
              "\n"
              "def leak():\n"
              "    for _ in range(20):\n"
              "        Node()\n"
              "    gc.collect()\n"
              "\n"
              "leak()\n",
     .link = "https://docs.python.org/3/library/gc.html#gc.garbage"},
    {.id = "lost-decref",
     .title = "an object with a reference that nothing owns",
     .cause = CAUSE_HELD,
     .whole = true,
     .reason = "something took a reference and never gave it back",
     .hint = "look for a missing Py_DECREF in the extension that handles {type} objects",
     .explanation = "Its reference count is higher than the number of all references that are "
                    "known, and nothing alive is known to refer to it. Either C code forgot a "
                    "Py_DECREF (or took a new reference where it should have stolen one), or it "
                    "keeps the object in memory that no type reports.",
     .before = "import ctypes\n"
               "\n"
               "class Buffer:\n"
               "    def __init__(self):\n"
               "        self.owner = self\n"
               "\n"
               "def leak():\n"
               "    ctypes.pythonapi.Py_IncRef(ctypes.py_object(Buffer()))\n"
               "\n"
               "for _ in range(20):\n"
               "    leak()\n",
     .after = "import ctypes\n"
              "\n"
              "class Buffer:\n"
              "    pass\n"
              "\n"
              "def leak():\n"
              "    buffer = Buffer()\n"
              "    ctypes.pythonapi.Py_IncRef(ctypes.py_object(buffer))\n"
              "    ctypes.pythonapi.Py_DecRef(ctypes.py_object(buffer))\n"
              "\n"
              "for _ in range(20):\n"
              "    leak()\n",
     .link = "https://docs.python.org/3/extending/extending.html#reference-counts"},
};

const struct pattern_list patterns_of_collector = {patterns, sizeof patterns / sizeof *patterns};
