"""Guests of a cluster: its one address stays, so after a lost answer they come again by themselves."""

import http.client
import threading

from guest_load import CONNECTION_LOST, Guest, GuestLoad
from rankloop_process import Client

AWAY = (502, 503, 504)  # of the address in front, or of a server that cannot reach its store
PAUSE_SECONDS = 0.05
IMPATIENT = 0.1  # of the requests with a key are sent again, though they were answered


class NoAnswer(http.client.HTTPException):
    """Nobody can know whether the request has happened."""


class ClusterGuest(Guest):
    def __init__(self, number, journal, door, items, seed, address, ended):
        super().__init__(number, journal, door, items, seed)
        self.address = address
        self.ended = ended

    def run(self):
        try:
            while not self.ended.is_set():
                try:
                    with Client(*self.address) as client:
                        self.visit_until_lost(client)
                except CONNECTION_LOST:
                    self.ended.wait(PAUSE_SECONDS)
        except Exception as error:  # noqa: BLE001: reported by the test, in its own thread
            with self.journal.lock:
                self.journal.faults.append(f"guest {self.number}: {error!r}")

    def visit_until_lost(self, client):
        while not self.ended.is_set():
            self.finish_what_was_open(client)
            task, limit = self.ask(client), self.random.choice((1, 3, 10))
            if not self.await_success(client, task):
                return
            results = self.expect(client.get(f"/inference/results/{task}?limit={limit}"), bool)
            with self.journal.lock:
                self.journal.shown[task] = max(self.journal.shown.get(task, 0), len(results))
            self.select(client, task, self.random.choice(results)["location_id"])

    def send_start(self, client, start):
        task = super().send_start(client, start)
        if start.key is not None and self.random.random() < IMPATIENT:
            headers = {"Idempotency-Key": start.key}
            again = self.expect(client.post("/inference/start", start.body, headers=headers), bool)
            assert again["task_id"] == task, f"{start.key} was answered with {task}, then with {again['task_id']}"
            with self.journal.lock:
                self.journal.keyed_retries += 1
        return task

    def await_success(self, client, task):
        """An outage of the workers may outlast a long poll; a failure is one of the program."""
        while not self.ended.is_set():
            answer = self.expect(client.get(f"/inference/status/{task}?wait=5s"),
                                 lambda body: body["status"] in ("PENDING", "STARTED", "RETRY", "SUCCESS"))
            if answer["status"] == "SUCCESS":
                return True
        return False

    def expect(self, answer, good):
        if answer.status in AWAY:
            with self.journal.lock:
                self.journal.refused += 1
            raise NoAnswer(f"status {answer.status}")
        return super().expect(answer, good)


class ClusterLoad(GuestLoad):
    """Ends when its context is left; what is then still open is asked for by finish_open()."""

    answered_within = 60  # seconds, by a cluster that may still come back from its last fault

    def __init__(self, guests, items, seed, address):
        super().__init__(0, items, seed)
        self.ended = threading.Event()
        self.guests = [ClusterGuest(number, self.journal, self.door, items, seed, address, self.ended)
                       for number in range(guests)]

    def end(self, seconds=90):
        self.ended.set()
        super().end(seconds)
