"""Parallel guests that remember every answer, so that a crash can be held against what was promised.

Each guest has a keep-alive connection and goes start -> status -> results -> select, over and over. What the server
answered is written to a journal; what it never answered is counted, because it may or may not have happened.
"""

import http.client
import random
import threading
import time

from rankloop_process import Client

AGAIN_SECONDS = 0.1
CONNECTION_LOST = (http.client.HTTPException, OSError)


class Refused(Exception):
    """The server is stopping and said so: nothing has happened."""


def guest(number, candidates=None):
    """A request of the default domain; numbers differ so that no two bodies are the same."""
    body = {
        "name": f"guest {number}", "people_num": 2, "people_age": [30, 31], "children_num": 0,
        "budget": 100.0 + number % 400, "nights": 1 + number % 7, "time_arrival": "2026-12-24",
        "pool": number % 2 == 0, "spa": number % 3 == 0, "pet_friendly": False, "lake": number % 5 == 0,
        "mountain": True, "sport": False,
    }
    if candidates is not None:
        body["candidates"] = candidates
    return body


class Start:
    """One start a guest wants; `task` is what was answered, if anything was."""

    def __init__(self, body, key):
        self.body = body
        self.key = key
        self.task = None


class Journal:
    """What was answered. Guests write under the lock; a test reads once they have ended."""

    def __init__(self):
        self.lock = threading.Lock()
        self.answers = threading.Semaphore(0)  # one for each answer, for who waits for progress
        self.starts = []                       # answered ones
        self.unanswered_starts = 0             # without a key: nobody can know whether they happened
        self.keyed_retries = 0
        self.shown = {}                        # task -> how many
        self.picks = {}                        # task -> item
        self.refused = 0
        self.faults = []                       # what must never happen

    def wait_for_answers(self, count, seconds=60):
        for _ in range(count):
            assert self.answers.acquire(timeout=seconds), f"no answer for {seconds} s"


class Door:
    """Where the server can be found at the moment. Guests wait at it while there is none."""

    def __init__(self):
        self._changed = threading.Condition()
        self._address = None
        self._opened = 0
        self.closed_for_good = False

    def open(self, host, port):
        with self._changed:
            self._address = (host, port)
            self._opened += 1
            self._changed.notify_all()

    def close_for_good(self):
        with self._changed:
            self.closed_for_good = True
            self._changed.notify_all()

    def wait(self, seen, seconds=200):
        """The address of a server later than the `seen`-th and its number; None once there will be no more."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._opened > seen or self.closed_for_good, seconds)
            return None if self.closed_for_good else (self._address, self._opened)


class Guest(threading.Thread):
    def __init__(self, number, journal, door, items, seed):
        super().__init__(daemon=True)
        self.number = number
        self.journal = journal
        self.door = door
        self.items = items
        self.random = random.Random(seed * 1000 + number)
        self.made = 0
        self.open_start = None   # a keyed start that was sent and not answered
        self.open_select = None  # the same of a keyed select: (body, key)

    def run(self):
        seen = 0
        try:
            while (found := self.door.wait(seen)) is not None:
                (host, port), seen = found
                try:
                    with Client(host, port) as client:
                        self.visit_until_lost(client)
                except (*CONNECTION_LOST, Refused):
                    continue  # the server has gone or goes: wait for the next one
        except Exception as error:  # noqa: BLE001: reported by the test, in its own thread
            with self.journal.lock:
                self.journal.faults.append(f"guest {self.number}: {error!r}")

    def visit_until_lost(self, client):
        while not self.door.closed_for_good:
            self.finish_what_was_open(client)
            task, limit = self.ask(client), self.random.choice((1, 3, 10))
            self.await_success(client, task)
            results = self.expect(client.get(f"/inference/results/{task}?limit={limit}"), bool)
            with self.journal.lock:
                self.journal.shown[task] = len(results)
            self.select(client, task, self.random.choice(results)["location_id"])

    def await_success(self, client, task):
        """A server that ends answers a long poll with the state of that moment, and then closes."""
        unfinished = ("PENDING", "STARTED")
        while self.expect(client.get(f"/inference/status/{task}?wait=20s"),
                          lambda body: body["status"] in (*unfinished, "SUCCESS"))["status"] in unfinished:
            pass

    def finish_what_was_open(self, client):
        """A key makes a request repeatable: after a crash the same one is sent again."""
        if self.open_start is not None:
            self.journal.keyed_retries += 1
            self.send_start(client, self.open_start)
        if self.open_select is not None:
            self.journal.keyed_retries += 1
            self.send_select(client, *self.open_select)

    def next_body(self):
        self.made += 1
        some = self.random.sample(self.items, 20) if self.random.random() < 0.8 else None
        return guest(self.number * 100_000 + self.made, some)

    def ask(self, client):
        key = f"start-{self.number}-{self.made}" if self.random.random() < 0.4 else None
        start = Start(self.next_body(), key)
        if key is not None:
            self.open_start = start
        return self.send_start(client, start)

    def send_start(self, client, start):
        headers = {"Idempotency-Key": start.key} if start.key else {}
        try:
            body = self.expect(client.post("/inference/start", start.body, headers=headers), lambda body: body["task_id"])
        except CONNECTION_LOST:
            if start.key is None:
                with self.journal.lock:
                    self.journal.unanswered_starts += 1
            raise
        start.task = body["task_id"]
        self.open_start = None
        with self.journal.lock:
            self.journal.starts.append(start)
        return start.task

    def select(self, client, task, item):
        key = f"select-{task}" if self.random.random() < 0.5 else None
        body = {"task_id": task, "location_id": item}
        if key is not None:
            self.open_select = (body, key)
        self.send_select(client, body, key)

    def send_select(self, client, body, key):
        headers = {"Idempotency-Key": key} if key else {}
        self.expect(client.put("/inference/select/", body, headers=headers), lambda answer: answer["label"] == 1)
        self.open_select = None
        with self.journal.lock:
            self.journal.picks[body["task_id"]] = body["location_id"]

    def expect(self, answer, good):
        self.journal.answers.release()
        if answer.status == 503 and answer.headers["Connection"] == "close":
            with self.journal.lock:
                self.journal.refused += 1
            raise Refused
        if answer.status != 200 or not good(answer.json):
            raise AssertionError(f"unexpected answer {answer}")
        return answer.json


class GuestLoad:
    """A number of guests at work. Leave the context only when a server answers: it is asked for what is still open."""

    answered_within = 30  # seconds

    def __init__(self, guests, items, seed):
        self.journal = Journal()
        self.door = Door()
        self.guests = [Guest(number, self.journal, self.door, items, seed) for number in range(guests)]

    def __enter__(self):
        for each in self.guests:
            each.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self, seconds=60):
        self.door.close_for_good()
        for each in self.guests:
            each.join(seconds)
            assert not each.is_alive(), "a guest did not come to an end"

    def finish_open(self, client):
        """Sends again, with its key, what the last guests did not get an answer to, until it is answered."""
        for each in self.guests:
            until = time.monotonic() + self.answered_within
            while True:
                try:
                    each.finish_what_was_open(client)
                    break
                except (*CONNECTION_LOST, Refused) as lost:
                    assert time.monotonic() < until, f"guest {each.number} got no answer: {lost!r}"
                    time.sleep(AGAIN_SECONDS)
