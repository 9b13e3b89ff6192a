"""Too little memory: what needs it is refused and everything else goes on; the process lives."""

import contextlib
import http.client
import json
import resource
import select
import threading

import pytest
from guests import GUEST, stored_results
from process_state import virtual_bytes
from rankloop_process import Server, wait_until

ROOM = [0, 24 << 20, 96 << 20, 320 << 20]  # bytes of address space beyond what the server has after its start
LINES = {"Content-Type": "application/x-ndjson"}
BYTES = {"Content-Type": "application/octet-stream"}
TABLE = {"Content-Type": "text/csv"}
MODEL = 240 << 20  # bytes, of the largest body that memory holds, beside a copy
REFUSED = (413, 422, 503)


def long_list(megabytes):
    return b'{"request":{},"shown":[' + b"1," * (megabytes << 19) + b"1]}"


# Bodies that are larger than the room, in one line and in many.
LARGE = [
    ("/items:import", TABLE, b"x" * (200 << 20)),
    ("/history:import", LINES, long_list(128)),
    ("/history:import", LINES, (long_list(0) + b"\n") * (2 << 20)),
    ("/models", BYTES, b"RANKLOOP" + b"\0" * (120 << 20)),
    ("/items:import", LINES, b'{"name":"' + b"y" * (900 << 10) + b'"}\n' + b"{}\n" * (20 << 20)),
]


def limit(server, room):
    """The server may have so many bytes more from now on; None: as many as it wants."""
    most = resource.RLIM_INFINITY if room is None else virtual_bytes(server.pid) + room
    resource.prlimit(server.pid, resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def send(server, path, headers, body):
    """The status of one request, whose body is sent until there is an answer."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    rest = memoryview(head.encode() + b"\r\n" + body)
    with server.raw(seconds=120) as raw:
        while rest and not select.select([raw.socket], [], [], 0)[0]:
            try:
                rest = rest[raw.socket.send(rest[:1 << 20]):]
            except ConnectionError:
                break
        answer = raw.answer()
        assert answer.status != 503 or answer.headers["Retry-After"]
        return answer.status


class Guests(threading.Thread):
    """Journeys one after the other; remembers what was answered."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.enough = threading.Event()
        self.started, self.picked, self.refused = [], {}, set()

    def run(self):
        while not self.enough.is_set():
            with self.server.client() as client, contextlib.suppress(http.client.HTTPException, ConnectionError):
                self.journey(client)

    def journey(self, client):
        start = client.post("/inference/start", GUEST)
        if start.status != 200:
            self.refused.add(start.status)
            return
        task = start.json["task_id"]
        self.started.append(task)
        rows = client.get(f"/inference/results/{task}?wait=10s&limit=10")
        if rows.status == 200 and rows.json:
            item = rows.json[0]["location_id"]
            if client.put("/inference/select/", {"task_id": task, "location_id": item}).status == 200:
                self.picked[task] = item


@pytest.mark.parametrize("room", ROOM)
def test_requests_without_memory_are_refused_and_the_server_goes_on(first_start, tmp_path, room):
    server = Server("--workers", "2", data_dir=tmp_path, copy_of=first_start.data_dir,
                    env={"RANKLOOP_LOG_FORMAT": "json"})
    with server:
        guests = Guests(server)
        guests.start()
        wait_until(lambda: len(guests.picked) > 20, what="the first journeys")
        limit(server, room)
        answers = [send(server, *request) for request in LARGE for _ in range(2)]
        senders = [threading.Thread(target=send, args=(server, *request), daemon=True) for request in LARGE]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(180)
        assert server.running, server.log
        print(f"\n{room >> 20} MB: {answers}, {len(guests.picked)} journeys")
        assert set(answers) <= set(REFUSED), answers
        assert 503 in answers or room > MODEL, answers  # all but models wait on the disk
        limit(server, None)
        with server.client() as client:
            wait_until(lambda: client.get("/health/ready").status == 200, what="readiness")
            again = len(guests.picked)
            wait_until(lambda: len(guests.picked) > again + 20, what="journeys afterwards")
            guests.enough.set()
            guests.join(60)
            assert guests.refused <= {503}
            for task in guests.started:
                wait_until(lambda: client.get(f"/inference/status/{task}").json["status"] == "SUCCESS",  # noqa: B023
                           what=f"the end of {task}")
            for task, item in guests.picked.items():
                rows = stored_results(client, task)
                assert [row["label"] for row in rows if row["location_id"] == item] == [1]
        server.stop()
    for line in server.log.splitlines():
        assert json.loads(line)["level"] != "fatal"
