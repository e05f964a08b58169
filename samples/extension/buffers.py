# SPDX-License-Identifier: MIT
"""Native memory that a C extension forgets: python buffers.py [CALLS [BYTES]]."""

import sys

import forgetful

calls, size = ([int(word) for word in sys.argv[1:]] + [100000, 4000][len(sys.argv) - 1 :])[:2]


def serve():
    return forgetful.use(size)


for _ in range(calls):
    serve()
