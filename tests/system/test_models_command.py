"""`rankloop models` at a terminal: what it leaves alone, and what it asks before it promotes."""

import json
import shutil
import stat

import pytest

from guests import finished
from learning import BYTES, champion
from rankloop_process import BINARY, Server, environment, run
from terminal import Terminal


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "rankloop.lock"}


@pytest.fixture
def with_an_unjudged_model(seeded_data):
    """A server whose model 1 is the champion and whose model 2 no gate has seen."""
    with Server(copy_of=seeded_data) as server:
        with server.client() as client:
            assert client.post("/models", body=client.get("/models/1/artefact").body, headers=BYTES).json == {"model_id": 2}
        yield server


@pytest.mark.parametrize("args", [("list",), ("show", 1), ("history",), ("promote", 1), ("rollback",), ("export", 1, "--out", "x")])
def test_without_a_server_and_a_store_none_is_made(tmp_path, args):
    refused = run("models", *args, cwd=tmp_path)
    assert refused.returncode == 2 and "'data'" in refused.stderr and "no store" in refused.stderr, refused
    assert refused.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("killed", [False, True])
def test_looking_leaves_a_stopped_store_as_it_is(seeded_data, tmp_path, killed):
    shutil.copytree(seeded_data, tmp_path / "data")
    with Server(data_dir=tmp_path / "data") as server:
        with server.client() as client:
            finished(client)
        if killed:
            server.kill()
        else:
            server.stop()
    before = contents(tmp_path / "data")
    listed = run("models", "list", "--json", "--data-dir", tmp_path / "data")
    assert listed.returncode == 0 and json.loads(listed.stdout)[0]["champion"], listed
    assert run("models", "show", 1, "--data-dir", tmp_path / "data").returncode == 0
    assert "first start" in run("models", "history", "--data-dir", tmp_path / "data").stdout
    assert run("models", "export", 1, "--out", tmp_path / "model", "--data-dir", tmp_path / "data").returncode == 0
    assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == 0o600
    after = contents(tmp_path / "data")
    for name in before:
        assert name.endswith("-shm") or after[name] == before[name], name
    assert set(after) - set(before) <= {"rankloop.db-shm"}


def test_looking_works_for_a_store_of_any_domain(tmp_path):
    with Server("--domain", "domain/flights.toml", data_dir=tmp_path) as server:
        server.stop()
    assert run("models", "list", "--json", "--data-dir", tmp_path).stdout == "[]\n"


def test_a_script_has_to_say_that_it_promotes_what_the_gate_did_not(with_an_unjudged_model):
    server = with_an_unjudged_model
    refused = run("models", "promote", 2, "--data-dir", server.data_dir)
    assert refused.returncode == 1 and refused.stdout == ""
    assert "never judged" in refused.stderr and "--yes" in refused.stderr
    with server.client() as client:
        assert champion(client) == 1
        promoted = run("models", "promote", 2, "--yes", "--data-dir", server.data_dir)
        assert promoted.returncode == 0 and "model 2 (mlp) is now champion" in promoted.stdout
        assert champion(client) == 2


@pytest.mark.parametrize("said, number", [("n\n", 1), ("\n", 1), ("y\n", 2)])
def test_somebody_at_a_terminal_is_asked(with_an_unjudged_model, said, number):
    server = with_an_unjudged_model
    command = [BINARY, "models", "promote", "2", "--data-dir", server.data_dir]
    with Terminal(command, environment({"TERM": "xterm"})) as shown:
        shown.until_text("[y/N] ")
        shown.type(said)
        assert shown.ended() == (0 if number == 2 else 1)
    with server.client() as client:
        assert champion(client) == number


def test_a_script_has_to_say_that_it_removes(with_an_unjudged_model):
    server = with_an_unjudged_model
    refused = run("models", "remove", 2, "--data-dir", server.data_dir)
    assert refused.returncode == 1 and refused.stdout == "" and "say --yes" in refused.stderr
    removed = run("models", "remove", 2, "--yes", "--reason", "a twin & no more", "--data-dir", server.data_dir)
    assert removed.returncode == 0 and "model 2 (mlp) is removed" in removed.stdout, removed
    with server.client() as client:
        told = client.get("/models/history?limit=1").json[0]
        assert (told["what"], told["model_id"], told["actor"], told["reason"]) == ("removed", 2, "local", "a twin & no more")
    gone = run("models", "remove", 2, "--yes", "--json", "--data-dir", server.data_dir)
    assert gone.returncode != 0 and "404" in gone.stderr
    kept = run("models", "remove", 1, "--yes", "--json", "--data-dir", server.data_dir)
    assert kept.returncode != 0 and "is the champion" in kept.stderr


@pytest.mark.parametrize("said, left", [("n\n", 2), ("y\n", 1)])
def test_somebody_at_a_terminal_is_asked_before_a_model_is_removed(with_an_unjudged_model, said, left):
    server = with_an_unjudged_model
    with Terminal([BINARY, "models", "remove", "2", "--data-dir", server.data_dir], environment({"TERM": "xterm"})) as shown:
        shown.until_text("[y/N] ")
        shown.type(said)
        assert shown.ended() == (0 if left == 1 else 1)
    with server.client() as client:
        assert len(client.get("/models").json) == left


def test_a_model_is_removed_from_a_stopped_store(with_an_unjudged_model):
    server = with_an_unjudged_model
    server.stop()
    removed = run("models", "remove", 2, "--yes", "--json", "--data-dir", server.data_dir)
    assert removed.returncode == 0 and json.loads(removed.stdout)["model_id"] == 2, removed
    told = json.loads(run("models", "history", "--json", "--data-dir", server.data_dir).stdout)[0]
    assert (told["what"], told["actor"], told["remark"]) == ("removed", "cli", None)
