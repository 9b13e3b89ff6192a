"""A backup of a server at load has all that was answered before it began, whatever happens meanwhile."""

import json
import os
import signal
import subprocess

from guest_load import GuestLoad, guest
from ledger_check import check_file
from rankloop_process import BINARY, Server, environment, run, wait_until

GUESTS = 64


def all_items(client):
    return [row["location_id"] for row in client.get("/content/locations").json]


def answered(journal):
    """What every backup from here on has to have."""
    with journal.lock:
        return {start.task for start in journal.starts}, dict(journal.shown), dict(journal.picks)


def check_restored(copy, folder, promised):
    """Restores it and asks the server on it for everything that was promised."""
    tasks, shown, picks = promised
    restored = run("restore", copy, "--data-dir", folder)
    assert restored.returncode == 0, restored
    with Server(data_dir=folder) as server, server.client() as client:
        for task in tasks:
            assert client.get(f"/inference/status/{task}?wait=20s").json["status"] == "SUCCESS"
        for task, count in shown.items():
            rows = client.get(f"/content/results?task_id={task}&limit=10000").json
            assert sum(row["shown"] for row in rows) >= count, task
            if task in picks:
                assert [row["location_id"] for row in rows if row["label"] == 1] == [picks[task]], task
        assert client.post("/inference/start?wait=20s", guest(1)).json["status"] == "SUCCESS"
        server.stop()
    check_file(folder)


def test_backups_at_load_have_every_answer_from_before(server, tmp_path):
    server.start()
    with server.client() as client:
        load = GuestLoad(GUESTS, all_items(client), seed=11)
    with load:
        load.door.open(server.host, server.port)
        load.journal.wait_for_answers(400)
        for number in range(3):
            promised = answered(load.journal)
            before = len(load.journal.starts)
            made = run("backup", tmp_path / f"{number}.db", "--data-dir", server.data_dir, "--json")
            assert made.returncode == 0, made
            tables = {table["name"]: table["rows"] for table in json.loads(made.stdout)["tables"]}
            assert tables["inferences"] >= len(promised[0])
            load.journal.wait_for_answers(100)
            assert len(load.journal.starts) > before  # nobody was held up for good
    assert load.journal.faults == [] and load.journal.refused == 0
    server.stop()
    check_restored(tmp_path / "2.db", tmp_path / "restored", promised)


def test_a_backup_of_a_server_that_is_killed_meanwhile_is_whole_or_not_there(server, tmp_path):
    server.start()
    with server.client() as client:
        load = GuestLoad(GUESTS, all_items(client), seed=12)
    made = 0
    with load:
        load.door.open(server.host, server.port)
        load.journal.wait_for_answers(400)
        for number in range(4):
            promised = answered(load.journal)
            copy = tmp_path / f"{number}.db"
            backup = subprocess.Popen([str(BINARY), "backup", str(copy), "--data-dir", str(server.data_dir), "--quiet"],
                                      env=environment(), stderr=subprocess.PIPE)
            wait_until(lambda: os.path.exists(f"{copy}.partial") or backup.poll() is not None, what="the backup's file")  # noqa: B023
            server.kill()
            code, said = backup.wait(60), backup.stderr.read()
            assert copy.exists() == (code == 0), said
            assert not os.path.exists(f"{copy}.partial")
            if code == 0:
                made += 1
                last = copy, promised
            server.start()
            load.door.open(server.host, server.port)
            load.journal.wait_for_answers(50)
    assert load.journal.faults == []
    server.stop()
    assert made > 0
    check_restored(last[0], tmp_path / "restored", last[1])


def test_a_killed_backup_leaves_its_name_free_and_the_next_one_works(server, tmp_path):
    server.start()
    copy = tmp_path / "copy.db"
    command = [str(BINARY), "backup", str(copy), "--data-dir", str(server.data_dir), "--quiet"]
    backup = subprocess.Popen(command, env=environment())
    wait_until(lambda: os.path.exists(f"{copy}.partial") or backup.poll() is not None, what="the backup's file")
    backup.send_signal(signal.SIGKILL)
    backup.wait()
    if not copy.exists():  # it was killed in time
        assert run("backup", copy, "--data-dir", server.data_dir).returncode == 0
    assert not os.path.exists(f"{copy}.partial")
    server.stop()
    check_restored(copy, tmp_path / "restored", (set(), {}, {}))
