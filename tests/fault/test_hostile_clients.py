"""Slow and hostile clients at once: others are served, memory stays bounded, and no descriptor is left behind."""

import contextlib
import random
import re
import socket
import threading
import time

from guest_load import guest
from process_state import descriptors, resident_bytes
from rankloop_process import Server, wait_until

IDLE = 500
SLOW = 20
LEAVING = 200
POLLS = 50
STREAMS = 50
MOST_GROWTH = 96 << 20
MOST_SECONDS_FOR_AN_ANSWER = 5

ABANDONED = [
    "GET /inf",
    "POST /inference/start HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{",
    "POST /inference/start HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\n\r\n40\r\n{",
    "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "GET /content/locations HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20,
    "\x16\x03\x01\x02\x00\x01\x00",
    "GET / HTTP/1.1\r\n" + "X-Long: " + "a" * 100_000,
]


class SlowSender(threading.Thread):
    """One byte at a time, until it is told to hurry."""

    def __init__(self, server, hurry):
        super().__init__(daemon=True)
        self.raw = server.raw()
        self.hurry = hurry
        self.status = None

    def run(self):
        text = b"GET /content/location/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        for at in range(len(text)):
            self.raw.send(text[at:at + 1])
            self.hurry.wait(0.05)
        self.status = self.raw.answer().status
        self.raw.close()


def open_waiting(server, client):
    """Long polls and streams on a task that nobody works on."""
    task = client.post("/inference/start", guest(1)).json["task_id"]
    paths = [f"/inference/status/{task}?wait=30s"] * POLLS + [f"/inference/events/{task}"] * STREAMS
    waiting = [server.raw().send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") for path in paths]
    wait_until(lambda: f"rankloop_http_waiting {POLLS + STREAMS}" in client.get("/metrics").text.replace(".0", ""),
               what="the waiting requests")
    return task, waiting


def leave_in_the_middle(server, choose):
    for number in range(LEAVING):
        raw = server.raw()
        with contextlib.suppress(OSError):  # the server may be the first to close
            raw.send(ABANDONED[number % len(ABANDONED)][: choose.choice((None, None, 30))])
        raw.close()


def test_others_are_served_while_hundreds_are_slow_or_hostile(server):
    server.start("--workers", "0")
    with server.client() as client:
        assert client.get("/health/live").status == 200
        client.get("/content/locations")
        few = descriptors(server.pid)
        small = resident_bytes(server.pid)
        hurry = threading.Event()
        idle = [server.raw() for _ in range(IDLE)]
        slow = [SlowSender(server, hurry) for _ in range(SLOW)]
        for sender in slow:
            sender.start()
        task, waiting = open_waiting(server, client)
        assert descriptors(server.pid) >= few + IDLE + POLLS + STREAMS
        leave_in_the_middle(server, random.Random(9))
        slowest = 0
        for _ in range(50):
            began = time.monotonic()
            assert client.get(f"/inference/status/{task}").json["status"] == "PENDING"
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < MOST_SECONDS_FOR_AN_ANSWER
        grown = resident_bytes(server.pid) - small
        assert grown < MOST_GROWTH, f"{grown >> 20} MB more"
        hurry.set()
        for sender in slow:
            sender.join(60)
            assert sender.status == 200
        for raw in idle + waiting:
            raw.close()
        wait_until(lambda: descriptors(server.pid) <= few, seconds=60, what=f"the return to {few} descriptors")
        assert "rankloop_http_waiting 0" in client.get("/metrics").text
        assert client.get(f"/inference/status/{task}").json["status"] == "PENDING"
    server.stop()
    print(f"\nslowest answer {slowest * 1000:.0f} ms, {grown >> 10} kB more at the height")


def test_senders_that_never_finish_are_told_so_and_closed(server):
    server.start(env={"RANKLOOP_HTTP_READ_TIMEOUT": "500ms", "RANKLOOP_HTTP_IDLE_TIMEOUT": "1s"})
    few = descriptors(server.pid)
    unfinished = [server.raw().send("GET /health/live HTTP/1.1\r\nHost: 127") for _ in range(50)]
    idle = [server.raw() for _ in range(50)]
    for raw in unfinished:
        assert raw.answer().status == 408
    for raw in unfinished + idle:
        assert raw.closed()
        raw.close()
    wait_until(lambda: descriptors(server.pid) <= few, what=f"the return to {few} descriptors")
    server.stop()


def test_whoever_fills_every_connection_keeps_nobody_out(server):
    server.start(env={"RANKLOOP_HTTP_MAX_CONNECTIONS": "50", "RANKLOOP_HTTP_MAX_CONNECTIONS_PER_PEER": "40"})
    held = [server.raw() for _ in range(200)]  # silent ones, all from here
    with server.client() as client:
        assert client.get("/health/live").status == 200
        assert client.post("/inference/start?wait=20s", guest(1)).json["status"] == "SUCCESS"
    for raw in held:
        raw.close()
    server.stop()


def test_answers_that_nobody_reads_are_bounded_and_given_up(server):
    server.start(env={"RANKLOOP_HTTP_MAX_UNSENT": "4MB", "RANKLOOP_HTTP_WRITE_TIMEOUT": "1s"})
    with server.client() as client:
        page = next(path for path in re.findall(r'src="([^"]+[.]js)"', client.get("/docs").text))
        whole = len(client.get(page).body)
        small = resident_bytes(server.pid)
        path = page if page.startswith("/") else f"/docs/{page}"
        unread = [narrow(server).send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") for _ in range(200)]
        unread += [narrow(server).send("GET /content/locations HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20)
                   for _ in range(100)]
        began = time.monotonic()
        assert client.get("/health/live").status == 200
        assert time.monotonic() - began < MOST_SECONDS_FOR_AN_ANSWER
        grown = resident_bytes(server.pid) - small
        assert grown < MOST_GROWTH, f"{grown >> 20} MB more for 200 times {whole} bytes"
    for raw in unread:
        raw.close()
    server.stop()


def narrow(server):
    """A client whose system takes little before it is read."""
    raw = server.raw()
    raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return raw


def test_the_start_raises_the_limit_of_open_files_and_counts_connections_by_it(first_start, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    server = Server(data_dir=folder, copy_of=first_start.data_dir, wrapper=["prlimit", "--nofile=64:600"])
    with server.start():
        assert "fewer connections than http.max_connections" in server.log
        held = [server.raw() for _ in range(500)]
        with server.client() as client:
            assert client.post("/inference/start?wait=20s", guest(1)).json["status"] == "SUCCESS"
        for raw in held:
            raw.close()
