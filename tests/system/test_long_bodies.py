"""Imports that are longer than what may be in memory: they come into a file that nobody sees, and leave nothing behind."""

import contextlib
import gzip
import json
import os
import random
import resource
import subprocess
import time

import pytest

from process_state import descriptors, status_bytes
from rankloop_process import BINARY, Server, environment, wait_until
from shop import DOMAIN, names_in

MOST_GROWTH = 150 << 20
ROW = 20_000  # bytes of a row, mostly of a column that the domain does not know
ROWS = 15_000  # 300 MB
CSV = {"Content-Type": "text/csv"}
LINES = {"Content-Type": "application/x-ndjson"}
NOTES = random.Random(7).randbytes(ROW).hex()


def table(rows=ROWS, notes=NOTES):
    """In pieces; no two rows have the same notes."""
    yield b"thing_id,name,price,notes\n"
    for n in range(1, rows + 1):
        yield f"{n},n{n},{n},{notes[n % ROW:][:ROW]}\n".encode()


def history():
    for n in range(1, ROWS + 1):
        line = {"id": f"r{n}", "request": {"age": n % 90}, "shown": [1, 2, 3], "picked": [1 + n % 3],
                "notes": NOTES[n % ROW:][:ROW]}
        yield json.dumps(line).encode() + b"\n"


def begun(pieces, size):
    """The first `size` bytes at least."""
    body = b""
    for piece in pieces:
        body += piece
        if len(body) >= size:
            return body
    return body


@pytest.fixture
def shop(tmp_path):
    domain = tmp_path / "shop.toml"
    domain.write_text(DOMAIN)
    with Server("--domain", domain, "--workers", "0", env={"RANKLOOP_HTTP_MAX_IMPORT": "400MB"}) as server:
        yield server


@pytest.fixture
def client(shop):
    with shop.client(seconds=300) as client:
        yield client


def growth(server, act):
    """How far the memory went beyond what it was, at most, while `act` ran; and what that answered."""
    before = status_bytes(server.pid, "VmRSS")
    answer = act()
    return status_bytes(server.pid, "VmHWM") - before, answer


def open_bodies(server):
    """Of files without a name."""
    folder = f"/proc/{server.pid}/fd"
    links = []
    for name in os.listdir(folder):
        try:
            links.append(os.readlink(os.path.join(folder, name)))
        except FileNotFoundError:
            continue
    return [link for link in links if link.endswith("(deleted)")]


@pytest.mark.parametrize("way", ["with a length", "in chunks", "packed"])
def test_a_catalog_of_hundreds_of_megabytes_takes_little_memory(shop, client, tmp_path, way):
    file = tmp_path / "things.csv"
    with (gzip.open(file, "wb", compresslevel=1) if way == "packed" else open(file, "wb")) as out:
        out.writelines(table())
    assert file.stat().st_size > 60_000_000

    def send():
        with open(file, "rb") as body:
            pieces = iter(lambda: body.read(1 << 20), b"")
            if way == "in chunks":
                return client.post("/items:import", body=pieces, headers=CSV)
            return client.post("/items:import", body=body, headers={**CSV, "Content-Length": str(file.stat().st_size)})

    more, answer = growth(shop, send)
    assert answer.status == 200, answer
    assert (answer.json["rows"], answer.json["created"]) == (ROWS, ROWS)
    assert answer.json["unknown"] == [{"name": "notes", "count": ROWS, "nearest": None}]
    assert more < MOST_GROWTH, f"{more >> 20} MB more"
    wait_until(lambda: open_bodies(shop) == [], what="the end of the file")


def test_a_catalog_of_hundreds_of_megabytes_is_sent_by_a_command_that_holds_a_piece(shop, tmp_path):
    file = tmp_path / "things.csv"
    with open(file, "wb") as out:
        out.writelines(table())
    command = [str(BINARY), "import", "items", str(file), "--url", shop.url, "--domain", str(tmp_path / "shop.toml"), "--json"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as sending:
        most = 0
        while sending.poll() is None:
            with contextlib.suppress(OSError, AssertionError):  # it may be gone by now
                most = max(most, status_bytes(sending.pid, "VmHWM"))
            time.sleep(0.01)
        told = sending.stdout.read()
    assert sending.returncode == 0 and json.loads(told)["rows"] == ROWS
    assert 0 < most < MOST_GROWTH < file.stat().st_size, f"{most >> 20} MB"


def test_a_history_of_hundreds_of_megabytes_takes_little_memory(shop, client):
    assert client.post("/items:import", body=b"thing_id,name\n1,a\n2,b\n3,c\n", headers=CSV).status == 200
    more, answer = growth(shop, lambda: client.post("/history:import", body=history(), headers=LINES))
    assert answer.status == 200, answer
    assert answer.json["requests"] == ROWS
    assert more < MOST_GROWTH, f"{more >> 20} MB more"


def test_a_table_of_hundreds_of_megabytes_is_looked_at(shop, client):
    more, answer = growth(shop, lambda: client.post("/domain:infer?file=things.csv", body=table(), headers=CSV))
    assert answer.status == 200, answer
    assert answer.json["items"]["rows"] == ROWS
    assert more < MOST_GROWTH, f"{more >> 20} MB more"


def test_the_same_key_imports_a_long_body_once(client):
    body = b"".join(table(rows=60))
    assert len(body) > 1 << 20
    headers = {**CSV, "Idempotency-Key": "once"}
    first = client.post("/items:import", body=body, headers=headers)
    again = client.post("/items:import", body=body, headers=headers)
    assert (first.status, again.status) == (200, 200)
    assert again.headers["Idempotency-Replayed"] == "true" and again.json == first.json
    assert client.post("/items:import", body=body + b"61,n,1,\n", headers=headers).status == 409


def test_what_is_too_large_is_refused_before_it_comes_or_when_it_does(shop):
    head = "POST /items:import HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    with shop.raw() as raw:
        raw.send(head + f"Content-Length: {401 << 20}\r\nExpect: 100-continue\r\n\r\n")
        answer = raw.answer()
        assert answer.status == 413 and str(400 << 20) in answer.text
    with shop.raw() as raw:
        raw.send(head + "Transfer-Encoding: chunked\r\n\r\n")
        raw.send(b"80000\r\n" + b"x" * (512 << 10) + b"\r\n")
        raw.send(f"{400 << 20:x}\r\n")
        assert raw.answer().status == 413
    wait_until(lambda: open_bodies(shop) == [], what="the end of the file")


def test_a_client_that_is_asked_sends_its_body(shop):
    body = b"".join(table(rows=100))
    with shop.raw() as raw:
        raw.send("POST /items:import HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
                 f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n")
        assert raw.answer().status == 100
        assert raw.send(body).answer().json["rows"] == 100


def test_a_full_disk_is_told_and_forgotten(shop, client):
    body = b"".join(table(rows=500))
    resource.prlimit(shop.pid, resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
    with shop.raw() as raw:
        raw.send("POST /items:import HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
                 f"Content-Length: {len(body)}\r\n\r\n")
        raw.send(body[:2 << 20])
        answer = raw.answer()
    assert answer.status == 503 and answer.headers["Retry-After"]
    assert "a temporary file cannot be written" in answer.text and str(shop.data_dir) not in answer.text
    wait_until(lambda: "a body cannot be stored" in shop.log, what="a line of the log")
    assert str(shop.data_dir) in shop.log
    wait_until(lambda: open_bodies(shop) == [], what="the end of the file")
    resource.prlimit(shop.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert client.post("/items:import", body=body, headers=CSV).json["rows"] == 500


def half_sent(server):
    """A connection whose body has come in part, into a file."""
    raw = server.raw()
    raw.send("POST /items:import HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 100000000\r\n\r\n")
    raw.send(begun(table(), 4 << 20))
    return raw


def test_a_client_that_goes_leaves_nothing(shop):
    before = sorted(os.listdir(shop.data_dir))
    files = descriptors(shop.pid)
    leaving = [half_sent(shop) for _ in range(5)]
    wait_until(lambda: len(open_bodies(shop)) == 5, what="five files")
    assert sorted(os.listdir(shop.data_dir)) == before  # nobody sees them
    for raw in leaving:
        raw.close()
    wait_until(lambda: open_bodies(shop) == [], what="the end of the files")
    wait_until(lambda: descriptors(shop.pid) <= files, what="the end of the connections")
    assert sorted(os.listdir(shop.data_dir)) == before
    assert names_in(shop) == {}


def test_a_killed_server_leaves_nothing(shop):
    before = sorted(os.listdir(shop.data_dir))
    with half_sent(shop):
        wait_until(lambda: len(open_bodies(shop)) == 1, what="a file")
        shop.kill()
    assert sorted(os.listdir(shop.data_dir)) == before
    shop.start()
    assert names_in(shop) == {}


def test_a_server_ends_while_a_body_comes(shop):
    with half_sent(shop):
        wait_until(lambda: len(open_bodies(shop)) == 1, what="a file")
        shop.stop()
