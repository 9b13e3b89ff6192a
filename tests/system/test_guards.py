"""docs/guards.md names tests: each of them exists."""

import re

import pytest

from rankloop_process import ROOT

ROW = re.compile(r"^\| (?!what went wrong|---)(.+) \| (.+) \| (.+) \|$", re.M)
NAMED = re.compile(r"`([^`]+)`")
CPP_TEST = re.compile(r"\b(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\(\s*(\w+),\s*(\w+)")
PYTHON_TEST = re.compile(r"^def (test_\w+)\(", re.M)


@pytest.fixture(scope="module")
def known():
    """Every test of the checkout, by the name that its runner takes."""
    names = set()
    for file in (ROOT / "tests").rglob("*_test.cpp"):
        names |= {f"{suite}.{test}" for suite, test in CPP_TEST.findall(file.read_text())}
    for file in (ROOT / "tests").rglob("test_*.py"):
        names |= {f"{file.relative_to(ROOT)}::{test}" for test in PYTHON_TEST.findall(file.read_text())}
    assert len(names) > 1500
    return names


def test_every_test_that_is_named_exists(known):
    rows = ROW.findall((ROOT / "docs/guards.md").read_text())
    assert len(rows) > 90
    for went_wrong, _, guards in rows:
        named = NAMED.findall(guards)
        assert named, f"nothing is named for: {went_wrong}"
        for name in named:
            assert name in known or (ROOT / name).is_file(), f"there is no test {name}"
