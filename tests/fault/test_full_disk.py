"""A disk that takes no more: writes are refused with a reason, reads go on, and it recovers by itself.

RLIMIT_FSIZE makes every write beyond a size fail, needs no rights and can be lifted while the process runs. Where
mounting is allowed, a small tmpfs is filled up as well.
"""

import contextlib
import os
import resource
import subprocess

import pytest

from guest_load import guest
from ledger_check import check_file
from rankloop_process import Server, wait_until


class LimitedFiles:
    """The process may not write much beyond what its files have already. A log that begins anew still has room."""

    def __init__(self, server):
        self.server = server

    def fill(self):
        log = self.server.data_dir / "rankloop.db-wal"
        self._limit(log.stat().st_size + 50_000)

    def free(self):
        self._limit(resource.RLIM_INFINITY)

    def _limit(self, size):
        resource.prlimit(self.server.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


class NoWriteAtAll(LimitedFiles):
    """Not even a place that a file has already may be written again."""

    def fill(self):
        self._limit(0)


class FilledTmpfs:
    def __init__(self, server):
        self.ballast = server.data_dir / "ballast"

    def fill(self):
        # Without a buffer: what did not fit must not be tried again when the file is closed.
        with open(self.ballast, "wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 65_536)

    def free(self):
        self.ballast.unlink()


def may_mount():
    if os.geteuid() != 0:
        return False
    probe = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True,
                           check=False)
    return probe.returncode == 0


KINDS = [LimitedFiles, NoWriteAtAll] + ([FilledTmpfs] if may_mount() else [])


@pytest.fixture
def small_disk(request, first_start, tmp_path):
    """A started server, and the disk it is on."""
    folder = tmp_path / "data"
    folder.mkdir()
    mounted = request.param is FilledTmpfs
    if mounted:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)], check=True)
    server = Server(data_dir=folder, copy_of=first_start.data_dir)
    try:
        server.start()
        yield server, request.param(server)
        if server.running:
            server.kill()
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("small_disk", KINDS, indirect=True)
def test_a_full_disk_refuses_writes_and_recovers(small_disk):
    server, disk = small_disk
    with server.client() as client:
        accepted = [start_and_finish(client, number) for number in range(20)]
        disk.fill()
        refused, more = fill_up(client)
        check_refusal(refused)
        accepted += more
        check_reads(client, accepted[:20])
        assert client.get("/health/live").status == 200
        assert client.get("/health/ready").status == 503
        for number in range(50):
            answer = client.post("/inference/start", guest(2000 + number))
            assert answer.status in (200, 503), answer
            if answer.status == 200:
                accepted.append(answer.json["task_id"])

        disk.free()
        accepted.append(wait_until(lambda: accepted_task(client), what="the recovery"))
        for task in accepted:
            assert client.get(f"/inference/status/{task}?wait=20s").json["status"] == "SUCCESS"
        assert client.get("/content/info").json["users"] == len(accepted)
        assert client.get("/health/ready").status == 200
        assert client.get(f"/inference/results/{accepted[0]}").status == 200
        wait_until(lambda: "the store writes again" in server.log, what="the end of the outage in the log")
        assert "the store cannot write" in server.log
        # However many were refused: a few lines, for a disk at its very limit fails and works by turns.
        assert sum("the store" in line for line in server.log.splitlines()) <= 20
    server.kill()
    server.start()
    with server.client() as client:
        for task in accepted:
            assert client.get(f"/inference/status/{task}").json["status"] == "SUCCESS"
        assert client.get("/content/info").json["users"] == len(accepted)
    server.stop()
    check_file(server.data_dir)


def start_and_finish(client, number):
    answer = client.post("/inference/start?wait=20s", guest(number))
    assert answer.status == 200 and answer.json["status"] == "SUCCESS", answer
    return answer.json["task_id"]


def fill_up(client, most=20_000):
    """Starts until one is refused; that answer, and the tasks that were accepted before."""
    accepted = []
    for number in range(most):
        answer = client.post("/inference/start", guest(1000 + number))
        if answer.status != 200:
            return answer, accepted
        accepted.append(answer.json["task_id"])
    raise AssertionError(f"{most} starts were accepted on a full disk")


def check_refusal(answer):
    assert answer.status == 503 and int(answer.headers["Retry-After"]) >= 1, answer
    assert "write" in answer.json["detail"], answer
    assert "rankloop.db" not in answer.text and "SQL" not in answer.text


def check_reads(client, tasks):
    for task in tasks:
        assert client.get(f"/inference/status/{task}").json["status"] == "SUCCESS"
        assert len(client.get(f"/inference/results/{task}?peek=true").json) == 10
        assert client.get(f"/content/results?task_id={task}").status == 200
    assert len(client.get("/content/locations").json) == 210
    assert client.get("/metrics").status == 200


def accepted_task(client):
    answer = client.post("/inference/start", guest(5000))
    return answer.json["task_id"] if answer.status == 200 else None
