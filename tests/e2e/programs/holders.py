# SPDX-License-Identifier: MIT
"""Fifty objects from one line each, held by what C code keeps: none of these references is leaked."""

import array
import atexit
import codecs
import collections
import contextvars
import csv
import ctypes
import datetime
import gc
import hashlib
import io
import itertools
import operator
import pickle
import random
import re
import signal
import sqlite3
import struct
import threading
import zlib

gc.disable()
N = range(50)


def signals():
    for number in sorted(set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}):
        signal.signal(number, lambda *arguments: None)


signals()
for i in N:
    atexit.register(lambda i=i: None)
    codecs.register(lambda name, i=i: None)
    codecs.register_error("error%d" % i, lambda error, i=i: ("", 0))
VARIABLES = [contextvars.ContextVar("variable%d" % i) for i in N]
for variable in VARIABLES:
    variable.set([variable])
CONNECTION = sqlite3.connect(":memory:")
for i in N:
    CONNECTION.create_function("function%d" % i, 1, lambda x, i=i: x)
CALLBACK = ctypes.CFUNCTYPE(None)
LOCALS = [threading.local() for i in N]
for local in LOCALS:
    local.x = [local.__class__]
KEPT = [
    [CALLBACK(lambda i=i: None) for i in N],
    [iter([1, 2]) for i in N],
    [re.compile("a%d" % i) for i in N],
    [threading.RLock() for i in N],
    [datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=i % 12, minutes=i))) for i in N],
    [array.array("d", [1.0]) for i in N],
    [io.TextIOWrapper(io.BytesIO(b"x")) for i in N],
    [hashlib.sha256(b"x") for i in N],
    [pickle.Pickler(io.BytesIO()) for i in N],
    [random.Random(i) for i in N],
    [operator.itemgetter(i, i + 1) for i in N],
    [operator.attrgetter("a.b%d" % i) for i in N],
    [operator.methodcaller("a%d" % i, i) for i in N],
    [zlib.compressobj() for i in N],
    [collections.OrderedDict(a=[i]) for i in N],
    [memoryview(bytearray(10)) for i in N],
    [itertools.groupby([1, 2], key=lambda x: x) for i in N],
    [csv.writer(io.StringIO()) for i in N],
    [struct.Struct("<%dI" % i) for i in N],
]
