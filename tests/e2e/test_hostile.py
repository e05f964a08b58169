# SPDX-License-Identifier: MIT
"""Traces that were changed on purpose, by the million. The unit test `mutations` takes ten thousand."""

import os

from harness import expect, slow, timeout


@slow
@timeout(1800)
def test_a_million_changed_traces_are_read(box):
    program = os.path.join(box.build, "tests", "fuzz", "test_mutations")
    if not os.path.exists(program):
        box.skip("the unit tests are not built")
    done = box.command([program], env={"OURO_MUTATIONS": "1000000"})
    expect(done.code == 0 and "1000000 changes" in done.out, "the reader broke\n%s" % done)
