"""What a checkout needs: only what serves is built to serve, and nothing is read that lies beside it."""

import json
import re
import subprocess

from rankloop_process import ROOT

# Ways to write a path that leaves the checkout.
OUTSIDE = re.compile(r"""ROOT\.parent|ROOT\s*/\s*["']\.\.|SOURCE_DIR\}?/\.\.""")


def packages(group):
    """What Debian packages script/packages.txt names for a purpose."""
    text = (ROOT / "script/packages.txt").read_text()
    return re.search(rf"^# --- {group}\n((?:[^#\n].*\n)*)", text, re.M)[1].split()


def test_what_serves_is_built_without_tests_and_benchmarks():
    presets = {preset["name"]: preset for preset in json.loads((ROOT / "CMakePresets.json").read_text())["configurePresets"]}
    set_by_it = {**presets[presets["release"]["inherits"]]["cacheVariables"], **presets["release"]["cacheVariables"]}
    assert set_by_it["RANKLOOP_TESTS"] == "OFF"
    assert set_by_it.get("RANKLOOP_BENCH", "OFF") == "OFF"
    assert re.search(r"option\(RANKLOOP_BENCH .* OFF\)", (ROOT / "CMakeLists.txt").read_text())
    assert "script/setup release\n" in (ROOT / "script/server").read_text()
    assert not {"libbenchmark-dev", "libgtest-dev"} & set(packages("build"))
    assert "libbenchmark-dev" in packages("bench") and "libgtest-dev" in packages("test")


def test_tests_and_benchmarks_read_nothing_beside_the_checkout():
    files = [file for folder in ("tests", "bench", "script", "cmake", "fuzz") for file in (ROOT / folder).rglob("*")
             if file.is_file() and not {"node_modules", "__pycache__", "corpus", "fixtures"} & set(file.parts)]
    assert len(files) > 200
    outside = [str(file) for file in files
               if file.name != "test_checkout.py" and OUTSIDE.search(file.read_text(errors="replace"))]
    assert outside == []
    assert (ROOT / "data/flights/arc.csv").is_file()


def test_a_build_tells_every_tenth_of_its_way_where_no_terminal_is():
    assert "| script/tenths ||" in (ROOT / "script/setup").read_text()
    steps = "".join(f"[{step}/200] Building CXX object {step}.o\n" for step in range(1, 201))
    told = subprocess.run([ROOT / "script/tenths"], input="-- no step\n" + steps, capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[:-1] == [f"  {tenth:3} % of 200 steps" for tenth in range(10, 101, 10)]
