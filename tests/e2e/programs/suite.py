# SPDX-License-Identifier: MIT
"""Tests for pytest that leave all kinds of things behind; test_units.py says what of them is to be told."""
import functools
import gc
import os

import pytest

if os.environ.get("SUITE_COLLECTOR") == "off":
    gc.disable()

KEPT = []


class Node:
    def __init__(self):
        self.me = self


class Plain:
    def __init__(self, number):
        self.text = "text %d" % number


@functools.lru_cache(maxsize=None)
def build(name):
    return [Plain(number) for number in range(20)]


TABLE = {}


def table(name):
    if name not in TABLE:
        TABLE[name] = [Plain(number) for number in range(20)]
    return TABLE[name]


@pytest.fixture(scope="module")
def database():
    yield [Plain(number) for number in range(50)]


@pytest.fixture
def fresh():
    return Plain(1)


@pytest.fixture
def careless():
    KEPT.append(Plain(1))


def test_clean(fresh):
    assert Plain(1).text == "text 1"


def test_uses_the_database(database):
    assert len(database) == 50


def test_uses_the_database_again(database, fresh):
    assert len(database) == 50


def test_leaves_cycles():
    for _ in range(5):
        Node()


def test_leaves_an_entry():
    KEPT.append(Plain(2))


@pytest.mark.parametrize("number", range(3))
def test_warms_a_cache(number):
    assert len(build("same")) == 20


@pytest.mark.parametrize("number", range(3))
def test_fills_a_table(number):
    assert len(table("same")) == 20


@pytest.mark.parametrize("number", range(3))
def test_leaks_each_time(number):
    KEPT.append(Plain(number))


def test_has_a_careless_fixture(careless):
    assert KEPT


def test_clean_at_the_end(tmp_path):
    assert [Plain(number) for number in range(100)]
