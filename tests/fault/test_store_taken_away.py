"""The files of a running server's store are removed, replaced or damaged: it says so and promises nothing more."""

import contextlib
import shutil
import sqlite3
import subprocess
import urllib.parse

import pytest

from guest_load import guest
from ledger_check import check_file
from rankloop_process import BINARY, Client, environment, run

FILES = ("rankloop.db", "rankloop.db-wal", "rankloop.db-shm")


def accept(client, number):
    answer = client.post("/inference/start?wait=20s", guest(number))
    assert answer.status == 200, answer
    return answer.json["task_id"]


@contextlib.contextmanager
def growing_log(folder):
    """Nothing of the log is used again: a reader holds it at its beginning."""
    reader = sqlite3.connect(f"file:{folder}/rankloop.db?mode=ro", uri=True)
    with contextlib.closing(reader):
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM tasks").fetchone()
        yield


def remove_all(folder):
    for name in FILES:
        (folder / name).unlink()


def remove_log(folder):
    (folder / "rankloop.db-wal").unlink()


def replace_database(folder):
    shutil.copy2(folder / "rankloop.db", folder / "other.db")
    (folder / "other.db").rename(folder / "rankloop.db")


def cut_off(folder):
    with open(folder / "rankloop.db", "r+b") as file:
        file.truncate(0)


def remove_folder(folder):
    shutil.rmtree(folder)


@pytest.mark.parametrize("take_away", [remove_all, remove_log, replace_database, cut_off, remove_folder])
def test_a_store_that_was_taken_away_promises_nothing(server, take_away):
    server.start()
    with server.client() as client:
        accept(client, 1)
        assert client.get("/health/ready").status == 200
        take_away(server.data_dir)
        for number in range(2, 5):
            refused = client.post("/inference/start", guest(number))
            assert refused.status == 503 and "The store's file was" in refused.json["detail"], refused
        assert client.get("/health/ready").status == 503
        assert client.get("/health/live").status == 200
    server.stop()
    assert server.log.count("the store cannot write") == 1


def test_it_works_again_when_the_files_are_back(server, tmp_path):
    server.start()
    with server.client() as client:
        tasks = [accept(client, 1)]
        for name in FILES:
            (server.data_dir / name).rename(tmp_path / name)
        assert client.post("/inference/start", guest(2)).status == 503
        assert client.get("/health/ready").status == 503
        for name in FILES:
            (tmp_path / name).rename(server.data_dir / name)
        assert client.get("/health/ready").status == 200
        tasks.append(accept(client, 3))
    server.stop()
    check_file(server.data_dir)
    server.start()
    with server.client() as client:
        for task in tasks:
            assert client.get(f"/inference/status/{task}").json["status"] == "SUCCESS"


def test_a_removed_lock_lets_no_second_server_in(server):
    server.start()
    (server.data_dir / "rankloop.lock").unlink()
    second = run("serve", "--data-dir", server.data_dir, "--listen", "127.0.0.1:0", seconds=60)
    assert second.returncode == 1 and "another rankloop" in second.stderr and "uses the data directory" in second.stderr
    with server.client() as client:
        accept(client, 1)


def test_a_damaged_log_is_told_with_a_count_and_kept(server):
    server.start()
    with growing_log(server.data_dir), server.client() as client:
        tasks = [accept(client, number) for number in range(40)]
        server.kill()
    log = server.data_dir / "rankloop.db-wal"
    whole = log.read_bytes()
    with open(log, "r+b") as file:
        file.seek(32 + 40 * 4120 + 1000)
        file.write(b"xyz")
    spoilt = log.read_bytes()
    server.start()
    told, = [line for line in server.log.splitlines() if "answered requests are lost" in line]
    lost = int(told.partition("commits_lost=")[2].split()[0])
    kept, = server.data_dir.glob("rankloop.db-wal.damaged-*")
    assert kept.read_bytes() == spoilt and str(kept) in told
    with server.client() as client:
        there = [client.get(f"/inference/status/{task}").status == 200 for task in tasks]
        assert there == sorted(there, reverse=True) and 0 < there.count(False) <= lost
        accept(client, 100)
    server.kill()
    server.start()
    assert server.log.count("answered requests are lost") == 1  # once is enough
    server.stop()
    check_file(server.data_dir)
    assert len(whole) == len(spoilt)


def test_a_log_that_a_kill_has_cut_short_is_no_damage(server):
    server.start()
    with server.client() as client:
        for number in range(20):
            accept(client, number)
    server.kill()
    with open(server.data_dir / "rankloop.db-wal", "r+b") as log:
        log.truncate(32 + 30 * 4120 + 100)
    server.start()
    assert "damaged" not in server.log
    server.stop()


@contextlib.contextmanager
def talkative_server(first_start, folder):
    """A server at the level debug whose standard error is a pipe that the test alone may read."""
    for file in first_start.data_dir.iterdir():
        if file.name != "rankloop.lock":
            shutil.copy2(file, folder)
    process = subprocess.Popen([str(BINARY), "serve", "--data-dir", str(folder), "--listen", "127.0.0.1:0"],
                               env=environment({"RANKLOOP_LOG_LEVEL": "debug"}), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    page = next(line for line in iter(process.stdout.readline, b"") if line.strip().startswith(b"page "))
    address = urllib.parse.urlsplit(page.split()[1].decode())
    try:
        yield process, Client(address.hostname, address.port)
    finally:
        process.terminate()
        assert process.wait(40) == 0
        process.stdout.close()
        process.stderr.close()


def test_a_log_that_nobody_reads_does_not_hold_the_server_up(first_start, tmp_path):
    with talkative_server(first_start, tmp_path) as (process, client):
        for _ in range(8_000):  # about 150 bytes a line: a pipe takes 64 KB, and 256 KB wait
            assert client.get("/health/live").status == 200
        read = b""
        while b"lines of the log were dropped" not in read or not read.endswith(b"\n"):
            read += process.stderr.read1(65536)
        assert int(read.partition(b"nobody read them")[2].partition(b"lines=")[2].split()[0]) > 0
        assert all(line.startswith(b"20") for line in read.splitlines()), "a torn line"


def test_it_ends_though_nobody_reads_its_log(first_start, tmp_path):
    with talkative_server(first_start, tmp_path) as (_, client):
        for _ in range(3_000):
            assert client.get("/health/live").status == 200
