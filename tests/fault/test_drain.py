"""SIGTERM with work in flight: what runs ends, what is new is refused, and the exit is clean and in time."""

import contextlib
import signal
import sqlite3
import threading
import time

import pytest

from guest_load import CONNECTION_LOST, GuestLoad, guest
from ledger_check import check_counts, check_file, check_tasks
from rankloop_process import Server, wait_until
from test_kill import rows_of_places

BODY = b'{"task_id": "00000000-0000-7000-8000-000000000000", "location_id": 1}'
SLOW_HEAD = ("PUT /inference/select/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
             f"Expect: 100-continue\r\nContent-Length: {len(BODY)}\r\n\r\n")


def exit_code(server, seconds):
    """Waits for the process to end by itself."""
    code = server.process.wait(seconds)
    server._end()
    return code


def begin_slow_request(server):
    """A request that the server has begun to read and that keeps it from becoming idle."""
    slow = server.raw().send(SLOW_HEAD)
    assert slow.answer().status == 100
    return slow.send(BODY[:5])


def test_everything_answered_before_the_drain_is_there(server):
    server.start()
    with server.client() as client:
        items = [row["location_id"] for row in client.get("/content/locations").json]
    load = GuestLoad(16, items, seed=3)
    with load:
        load.door.open(server.host, server.port)
        load.journal.wait_for_answers(200)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert exit_code(server, 20) == 0
        took = time.monotonic() - began
        server.start()
        load.door.open(server.host, server.port)
        load.journal.wait_for_answers(50)
    journal = load.journal
    assert journal.faults == []
    with server.client() as client:
        load.finish_open(client)
        check_tasks(client, journal, len(items))
        check_counts(client, journal)
    server.stop()
    check_file(server.data_dir)
    print(f"\ndrained under load in {took:.3f} s, {journal.refused} refused")


def test_requests_on_open_connections_are_answered_and_then_the_connection_ends(server):
    server.start()
    opened, asking = server.client(), server.client()
    for client in (opened, asking):
        assert client.get("/health/live").status == 200
    slow = begin_slow_request(server)
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "draining" in server.log, what="the drain")
    last = wait_until(lambda: last_answer(opened), what="the last answer")
    assert last.status == 200
    ready = asking.get("/health/ready")
    assert (ready.status, ready.headers["Connection"]) == (503, "close")
    assert "stopping" in ready.json["detail"]
    for client in (opened, asking):
        client.close()
    with pytest.raises(CONNECTION_LOST):
        server.client(seconds=5).get("/health/live")  # nobody listens any more
    assert server.running
    ended = slow.send(BODY[5:]).answer()
    assert ended.status == 404 and ended.headers["Connection"] == "close"
    assert exit_code(server, 10) == 0


def last_answer(client):
    """An answer after which the connection ends."""
    answer = client.get("/version")
    return answer if answer.headers["Connection"] == "close" else None


def test_ready_says_so_before_connections_are_refused(server):
    server.start(env={"RANKLOOP_SHUTDOWN_LEAD": "2s"})
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "draining" in server.log, what="the drain")
    with server.client() as client:  # a new connection
        assert client.get("/health/ready").status == 503
        assert client.get("/version").status == 200
    assert exit_code(server, 20) == 0


def test_long_polls_and_streams_end_at_once(server):
    server.start("--workers", "0")
    with server.client() as client:
        tasks = [client.post("/inference/start", guest(number)).json["task_id"] for number in range(20)]
        polls = [server.raw().send(f"GET /inference/status/{task}?wait=30s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                 for task in tasks]
        streams = [server.raw().send(f"GET /inference/events/{task} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                   for task in tasks[:5]]
        wait_until(lambda: "rankloop_http_waiting 25" in client.get("/metrics").text.replace(".0", ""),
                   what="25 waiting requests")
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    for poll in polls:
        answer = poll.answer()
        assert (answer.status, answer.headers["Connection"]) == (200, "close"), answer
        assert answer.json["status"] == "PENDING"
        poll.close()
    for stream in streams:
        assert b"PENDING" in stream.file.read()
        stream.close()
    assert exit_code(server, 10) == 0
    took = time.monotonic() - began
    server.start()
    with server.client() as client:
        for task in tasks:
            assert client.get(f"/inference/status/{task}?wait=20s").json["status"] == "SUCCESS"
    server.stop()
    print(f"\n20 long polls and 5 streams ended in {took:.3f} s")


def test_the_grace_bounds_the_wait_for_a_request_that_never_ends(server):
    server.start(env={"RANKLOOP_SHUTDOWN_GRACE": "1s", "RANKLOOP_HTTP_READ_TIMEOUT": "60s"})
    slow = begin_slow_request(server)
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    assert exit_code(server, 15) == 0
    assert time.monotonic() - began >= 1
    assert slow.closed()
    slow.close()


def test_an_import_under_way_ends_with_the_server(server):
    server.start(env={"RANKLOOP_SHUTDOWN_GRACE": "0s"})
    with server.client() as client:
        text = rows_of_places(client.get("/content/location/1").json, 120_000)
    log = server.data_dir / "rankloop.db-wal"
    before = log.stat().st_size
    answered = []

    def send():
        with contextlib.suppress(*CONNECTION_LOST), server.client(seconds=120) as client:
            answered.append(client.post("/items:import?number_rows=true", body=text,
                                        headers={"Content-Type": "text/csv"}).status)

    sender = threading.Thread(target=send)
    sender.start()
    # All of it would be some 48 MB.
    wait_until(lambda: not sender.is_alive() or log.stat().st_size - before > 500_000, what="the first written rows")
    server.process.send_signal(signal.SIGTERM)
    assert exit_code(server, 60) == 0, server.log
    sender.join()
    assert answered in ([], [503])
    server.start()
    with server.client() as client:
        assert client.get("/content/info").json["locations"] == 210
    server.stop()


def test_the_first_start_can_be_interrupted(tmp_path):
    server = Server(data_dir=tmp_path)
    server._launch([], {})
    store = tmp_path / "rankloop.db-wal"
    # The places are written (some 100 kB) before the baseline trains.
    wait_until(lambda: store.exists() and store.stat().st_size > 50_000, what="the placing of the catalog")
    began = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    code = exit_code(server, 60)
    took = time.monotonic() - began
    assert code == 0, server.log
    with contextlib.closing(sqlite3.connect(tmp_path / "rankloop.db")) as database:
        assert database.execute("SELECT count(*) FROM models").fetchone() == (0,), "the training went on to its end"
    server.start()
    with server.client() as client:
        assert client.post("/inference/start?wait=20s", guest(1)).json["status"] == "SUCCESS"
    server.stop()
    print(f"\nthe first start ended {took:.3f} s after SIGTERM")
