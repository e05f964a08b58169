# SPDX-License-Identifier: MIT
"""Cycles through C code that look as if the collector could not free them: most versions can."""

import ctypes
import datetime
import gc
import sqlite3
import ssl
from xml.parsers import expat

gc.collect()
gc.disable()


class Owner:
    def called(self, *arguments):
        pass


def through_sqlite():
    owner = Owner()
    owner.connection = sqlite3.connect(":memory:")
    owner.connection.set_trace_callback(owner.called)


def through_expat():
    owner = Owner()
    owner.parser = expat.ParserCreate()
    owner.parser.StartElementHandler = owner.called


def through_ssl():
    owner = Owner()
    owner.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    owner.context.sni_callback = owner.called


def through_ctypes_array():
    owner = Owner()
    owner.array = (ctypes.py_object * 1)(owner)


def through_ctypes_callback():
    owner = Owner()
    owner.callback = CALLBACK(owner.called)


def through_a_date():
    class Zone(datetime.tzinfo):
        pass

    zone = Zone()
    zone.last = datetime.datetime(2024, 1, 1, tzinfo=zone)


CALLBACK = ctypes.CFUNCTYPE(None)
for make in (through_sqlite, through_expat, through_ssl, through_ctypes_array, through_ctypes_callback, through_a_date):
    for _ in range(5):
        make()
