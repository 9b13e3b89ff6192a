"""What README.md prints is run as it stands, with another port and folder; its answers are those that come."""

import json
import os
import re
import signal
import subprocess

import pytest

from films import write_clicks, write_films
from rankloop_process import BINARY, ROOT, Server, environment
from readme import command, commands, printed_answers

PRESET_PORT = "4789"


@pytest.fixture
def checkout(tmp_path):
    """A folder that looks like the checkout to who types the commands."""
    (tmp_path / "build/release").mkdir(parents=True)
    (tmp_path / "build/release/rankloop").symlink_to(BINARY)
    (tmp_path / "domain").symlink_to(ROOT / "domain")
    return tmp_path


def typed(lines, folder, env=None, ports=None):
    """Runs lines in a shell as somebody would type them; answers what they printed."""
    for printed, port in (ports or {}).items():
        lines = re.sub(rf"(?<=127\.0\.0\.1:){printed}\b", str(port), lines)
    # Into a file: what goes on in the background would hold a pipe open.
    with open(folder / "printed", "w+", encoding="utf-8") as printed, open(folder / "errors", "w+") as errors:
        shell = subprocess.Popen(["bash", "-eu", "-c", lines], cwd=folder, env=environment(env), stdin=subprocess.DEVNULL,
                                 stdout=printed, stderr=errors, start_new_session=True)
        try:
            code = shell.wait(120)
        finally:
            try:
                os.killpg(shell.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    out, errors = (folder / "printed").read_text(), (folder / "errors").read_text()
    assert code == 0, f"{lines}\nended with {code}\n{out}\n{errors}"
    return out


def numbers_of(text, name):
    return [float(number) for number in re.findall(rf'"{name}":(-?[0-9.]+)', text)]


def test_the_tour_is_answered_as_it_is_printed(own_server, checkout):
    guest, read, pick, at_once, faulty = commands("A tour with curl")
    begun, best, picked, faults = printed_answers("A tour with curl")
    ports = {PRESET_PORT: own_server.port}

    answer = json.loads(typed(guest, checkout, ports=ports))
    assert answer.keys() == json.loads(begun).keys()
    task = answer["task_id"]
    mine = re.compile(r"(?<=TASK=)[0-9a-f-]{36}")
    status, results = re.match(r"(\{.*?\})(\[.*\])$", typed(mine.sub(task, read), checkout, ports=ports)).groups()
    assert json.loads(status)["status"] == "SUCCESS"
    results = json.loads(results)
    assert [row["location_id"] for row in results] == numbers_of(best, "location_id")
    assert [row["score"] for row in results] == pytest.approx(numbers_of(best, "score"), abs=1e-4)

    place = numbers_of(best, "location_id")[0]
    assert f'"location_id": {place:.0f}' in pick
    label = json.loads(typed(f"TASK={task}\n{pick}", checkout, ports=ports))
    assert label.keys() == json.loads(picked).keys() and label["label"] == 1

    answer = json.loads(typed(at_once, checkout, ports=ports))
    assert answer["status"] == "SUCCESS" and len(answer["results"]) == 2
    detail = json.loads(typed(faulty, checkout, ports=ports))["detail"]
    printed = re.findall(r'"loc": \["body", "(\w+)"\], "msg": "([^"]*)"', faults)
    assert printed and [(fault["loc"][1], fault["msg"]) for fault in detail][:len(printed)] == printed


def test_another_domain_takes_the_printed_commands(checkout):
    table, lines = commands("Another domain")
    with Server("--empty") as server:
        port = server.port  # free once this one has stopped
    answer = typed(table + lines, checkout, ports={"4790": port})
    last = answer[answer.rindex('{"task_id"'):]
    results = json.loads(last[:last.rindex("}") + 1])["results"]
    assert {row["itinerary_id"] for row in results} == {1, 2, 3}


def test_learning_and_guests_take_the_printed_commands(own_server, checkout):
    here = {"RANKLOOP_DATA_DIR": str(own_server.data_dir)}  # a command asks the server of its folder
    ports = {PRESET_PORT: own_server.port}
    (learning,) = commands("Learning")
    answer = typed(learning, checkout, here, ports)
    assert "of 250 requests with an outcome" in answer and "mlp" in answer

    (guests,) = commands("Simulated guests")
    assert "value share" in typed(re.sub(r"--journeys \d+", "--journeys 40", guests), checkout, here, ports)
    assert (checkout / "labelled.tsv").read_text().count("\n") > 100


def test_ones_own_catalog_is_one_command(checkout):
    title = "Your own catalog in one command"
    write_films(checkout)
    write_clicks(checkout)
    said = typed(command(title, "build/release/rankloop quickstart") + " --no-serve --families logistic,factorization", checkout)
    assert " answers from now on: ndcg@10 " in said and "rankloop serve --data-dir data/films" in said
