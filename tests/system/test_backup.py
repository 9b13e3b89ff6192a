"""`rankloop backup` and `rankloop restore`: what they say, what they refuse, and that a restored store serves."""

import contextlib
import json
import pathlib
import shutil
import sqlite3
import stat

import pytest

from guests import finished, results, select, stored_results
from rankloop_process import BINARY, Server, environment, run
from terminal import Terminal


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(pathlib.Path(folder).iterdir()) if path.name != "rankloop.lock"}


@pytest.fixture(scope="module")
def copy(seeded_data, tmp_path_factory):
    """A backup of the prepared store, made while nothing runs."""
    file = tmp_path_factory.mktemp("backup") / "copy.db"
    made = run("backup", file, "--data-dir", seeded_data)
    assert made.returncode == 0, made
    return file


def test_a_running_servers_store_is_backed_up_and_serves_elsewhere(own_server, own_client, tmp_path):
    task = finished(own_client)
    item = results(own_client, task)[2]["location_id"]
    assert select(own_client, task, item).status == 200
    file = tmp_path / "copy.db"
    made = run("backup", file, "--data-dir", own_server.data_dir, "--json")
    assert made.returncode == 0 and made.stderr == "", made
    told = json.loads(made.stdout)
    tables = {table["name"]: table["rows"] for table in told["tables"]}
    assert told["file"] == str(file) and told["bytes"] == file.stat().st_size
    assert (tables["inferences"], tables["items"], tables["models"]) == (1, 210, 1)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db"]
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert finished(own_client)

    restored = run("restore", file, "--data-dir", tmp_path / "elsewhere", "--json")
    assert restored.returncode == 0 and json.loads(restored.stdout)["tables"] == told["tables"], restored
    with Server(data_dir=tmp_path / "elsewhere") as server, server.client() as client:
        rows = stored_results(client, task)
        assert [row["location_id"] for row in rows if row["label"] == 1] == [item]
        assert client.get("/content/info").json == {"locations": 210, "users": 1}
        # The model came along.
        assert client.get("/models").json[0]["champion"] and client.get("/models/1/artefact").status == 200
        assert finished(client)


def test_it_says_what_it_has_made(copy, tmp_path):
    restored = run("restore", copy, "--data-dir", tmp_path)
    assert "210 items, 1 models; checked" in restored.stdout
    assert stat.S_IMODE((tmp_path / "rankloop.db").stat().st_mode) == 0o600


def test_it_fits_a_terminal(copy, tmp_path):
    with Terminal([BINARY, "restore", copy, "--data-dir", tmp_path / "data"], environment({"TERM": "xterm"}),
                  columns=80) as shown:
        assert shown.ended() == 0
    drawn = [row for line in shown.shown.decode().split("\n") for row in line.split("\r")]
    assert any("restoring [" in row for row in drawn)
    assert all(len(row.replace("\x1b[K", "")) < 80 for row in drawn if "restoring" in row), drawn


def test_a_backup_is_never_overwritten(copy, seeded_data):
    before = copy.read_bytes()
    refused = run("backup", copy, "--data-dir", seeded_data)
    assert refused.returncode == 1 and f"'{copy}' is there already" in refused.stderr
    assert copy.read_bytes() == before


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_what_is_not_there_is_named(command, tmp_path):
    refused = run(command, tmp_path / "copy.db", "--data-dir", tmp_path / "data")
    assert refused.returncode == 2 and "there is no" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_store_in_use_is_not_replaced(copy, server):
    refused = run("restore", copy, "--data-dir", server.data_dir, "--replace")
    assert refused.returncode == 1 and server.url in refused.stderr


def test_a_store_is_replaced_only_when_it_is_said(copy, seeded_data, tmp_path):
    with Server(data_dir=tmp_path, copy_of=seeded_data) as server, server.client() as client:
        finished(client)
        server.kill()  # its log stands beside it
    before = contents(tmp_path)
    assert "rankloop.db-wal" in before
    refused = run("restore", copy, "--data-dir", tmp_path)
    assert refused.returncode == 1 and "--replace" in refused.stderr
    assert contents(tmp_path) == before
    assert run("restore", copy, "--data-dir", tmp_path, "--replace").returncode == 0
    with Server(data_dir=tmp_path) as server, server.client() as client:
        assert client.get("/content/info").json == {"locations": 210, "users": 0}


def cut(file):
    file.write_bytes(file.read_bytes()[:-4096])


def notes(file):
    file.write_text("These are somebody's notes.\n" * 500)


def damaged(file):
    data = bytearray(file.read_bytes())
    data[8 * 4096:9 * 4096] = b"x" * 4096
    file.write_bytes(data)


def with_a_log(file):
    file.with_name(file.name + "-wal").write_bytes(b"x" * 100)


@pytest.mark.parametrize("spoil, reason", [(cut, "damaged"), (notes, "no SQLite database"), (damaged, "damaged"),
                                           (with_a_log, "has a log beside it")])
def test_what_is_no_good_backup_changes_nothing(copy, seeded_data, tmp_path, spoil, reason):
    spoilt = tmp_path / "copy.db"
    shutil.copy2(copy, spoilt)
    spoil(spoilt)
    folder = tmp_path / "data"
    shutil.copytree(seeded_data, folder)
    before = contents(folder)
    refused = run("restore", spoilt, "--data-dir", folder, "--replace")
    assert refused.returncode == 1 and reason in refused.stderr, refused
    assert contents(folder) == before


def test_a_store_whose_log_is_damaged_is_not_backed_up_in_silence(seeded_data, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    with Server(data_dir=folder, copy_of=seeded_data) as server, server.client() as client:
        with contextlib.closing(sqlite3.connect(f"file:{folder}/rankloop.db?mode=ro", uri=True)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM tasks").fetchone()  # as long as it reads, the log only grows
            for _ in range(20):
                finished(client)
            server.kill()
    with open(folder / "rankloop.db-wal", "r+b") as log:
        log.seek(32 + 5 * 4120 + 1000)
        log.write(b"xyz")
    refused = run("backup", tmp_path / "copy.db", "--data-dir", folder)
    assert refused.returncode == 1 and "is damaged at frame 6" in refused.stderr and "commits" in refused.stderr


def test_postgresql_is_left_to_its_own_tools(tmp_path):
    env = {"RANKLOOP_STORE": "postgresql://ada:hush@db.internal/rankloop"}
    backup = run("backup", tmp_path / "copy", env=env)
    assert backup.returncode == 1
    assert f"pg_dump --format=custom --file='{tmp_path}/copy' 'postgresql://ada@db.internal/rankloop'" in backup.stderr
    restore = run("restore", tmp_path / "copy", env=env)
    assert restore.returncode == 1 and "pg_restore " in restore.stderr and "'postgresql://ada@db.internal/rankloop'" in restore.stderr
    assert "hush" not in backup.stderr + restore.stderr
