"""kill -9 at any moment: what was answered is there afterwards, complete and once."""

import random
import statistics
import threading
import time

from guest_load import CONNECTION_LOST, GuestLoad, guest
from ledger_check import check_counts, check_file, check_keys, check_tasks
from rankloop_process import Server, wait_until

KILLS = 22
GUESTS = 16
MOST_ANSWERS_BETWEEN_KILLS = 120


def all_items(client):
    return [row["location_id"] for row in client.get("/content/locations").json]


def test_every_answer_survives_kills_under_load(server):
    moments = random.Random(20261123)
    server.start()
    with server.client() as client:
        items = all_items(client)
    load = GuestLoad(GUESTS, items, seed=7)
    restarts = []
    with load:
        load.door.open(server.host, server.port)
        for _ in range(KILLS):
            load.journal.wait_for_answers(moments.randint(1, MOST_ANSWERS_BETWEEN_KILLS))
            server.kill()
            began = time.monotonic()
            server.start()
            restarts.append(time.monotonic() - began)
            load.door.open(server.host, server.port)
        load.journal.wait_for_answers(MOST_ANSWERS_BETWEEN_KILLS)
    journal = load.journal
    assert journal.faults == [] and journal.refused == 0
    with server.client() as client:
        load.finish_open(client)
        check_tasks(client, journal, len(items))
        keys = check_keys(client, journal)
        users = check_counts(client, journal)
    server.stop()
    check_file(server.data_dir)
    assert journal.keyed_retries > 0, "no crash ever hit a keyed request"
    print(f"\n{KILLS} kills: {len(journal.starts)} answered starts, {users} users, "
          f"{journal.unanswered_starts} starts without an answer, {keys} keys, {journal.keyed_retries} retries; "
          f"restart median {statistics.median(restarts):.3f} s, longest {max(restarts):.3f} s")


def test_first_start_completes_after_kills_at_any_moment(first_start, tmp_path):
    moments = random.Random(11)
    server = Server(data_dir=tmp_path)
    for part in range(8):
        process = StartingServer(tmp_path)
        process.kill_after(first_start.seconds * (part + moments.random()) / 8)
    server.start()
    with server.client() as client:
        assert client.get("/content/info").json == {"locations": 210, "users": 0}
        assert client.get("/health/ready").status == 200
        answer = client.post("/inference/start?wait=20s", guest(1)).json
        assert answer["status"] == "SUCCESS" and len(answer["results"]) == 10
        ids = all_items(client)
        assert len(set(ids)) == 210
    server.stop()
    check_file(tmp_path)


class StartingServer(Server):
    """A server that is killed before it may have become ready."""

    def kill_after(self, seconds):
        self._launch([], {})
        drain = threading.Thread(target=self.process.stdout.read, daemon=True)
        drain.start()
        time.sleep(seconds)
        self.process.kill()
        self.process.wait()
        drain.join()
        self._end()


def rows_of_places(template, count):
    """A CSV of new places: copies of one, with prices of their own."""
    names = [name for name in template if name not in ("location_id", "creation_time", "lat", "lon")]
    lines = [",".join(names)]
    for number in range(count):
        values = {**template, "price": 50 + number % 900}
        lines.append(",".join(str(values[name]).lower() for name in names))
    return ("\n".join(lines) + "\n").encode()


def test_import_is_all_or_nothing_when_killed(server):
    count = 30_000
    moments = random.Random(5)
    server.start()
    with server.client() as client:
        text = rows_of_places(client.get("/content/location/1").json, count)
    log_file = server.data_dir / "rankloop.db-wal"
    places = 210
    outcomes = set()
    # The log grows chunk by chunk while the rows are written, to some 12 MB here: that is how far an import has come.
    for megabytes in (0, 1, 2, 4, 6, 8, 10):
        answered = import_until_killed(server, text, log_file, (megabytes + moments.random()) * 1e6)
        server.start()
        with server.client() as client:
            now = client.get("/content/info").json["locations"]
            assert len(client.get("/content/locations?limit=1&offset=0").json) == 1
        assert now in ((places + count,) if answered == 200 else (places, places + count)), (places, now, answered)
        outcomes.add(now - places)
        places = now
        assert answered in (None, 200), answered
    assert 0 in outcomes, "no kill came in the middle of an import"
    with server.client() as client:
        report = client.post("/items:import?number_rows=true", body=text, headers={"Content-Type": "text/csv"})
        assert report.status == 200 and report.json["created"] == count, report
        assert client.get("/content/info").json["locations"] == places + count
    server.kill()  # right after the answer: it was durable before it left
    server.start()
    with server.client() as client:
        assert client.get("/content/info").json["locations"] == places + count
    server.stop()
    check_file(server.data_dir)


def import_until_killed(server, text, log_file, size):
    """The status of the answer; None when the server died before it."""
    answered = []

    def send():
        try:
            with server.client() as client:
                answered.append(client.post("/items:import?number_rows=true", body=text,
                                            headers={"Content-Type": "text/csv"}).status)
        except CONNECTION_LOST:
            pass  # killed

    before = log_file.stat().st_size if log_file.exists() else 0
    sender = threading.Thread(target=send)
    sender.start()
    wait_until(lambda: not sender.is_alive() or (log_file.exists() and log_file.stat().st_size - before > size),
               what="the growth of the log")
    server.kill()
    sender.join()
    return answered[0] if answered else None
