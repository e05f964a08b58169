# SPDX-License-Identifier: MIT
"""Tests for unittest; test_units.py says what of them is to be told."""
import gc
import unittest

gc.disable()
KEPT = []


class Plain:
    def __init__(self):
        self.text = "text" * 10
        self.me = None


class Leaving(unittest.TestCase):
    def setUp(self):
        self.plain = Plain()

    def tearDown(self):
        del self.plain

    def test_clean(self):
        self.assertEqual(self.plain.text[:4], "text")

    def test_leaves_a_cycle(self):
        plain = Plain()
        plain.me = plain

    def test_leaves_an_entry(self):
        KEPT.append(Plain())


if __name__ == "__main__":
    unittest.main()
