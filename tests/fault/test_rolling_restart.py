"""Servers behind nginx are restarted one after the other under load: nobody is refused and nothing is lost."""

import http.client
import itertools
import re
import threading

from cluster import Cluster
from guest_load import guest
from process import shared_folder
from rankloop_process import Client, wait_until

GUESTS = 12
RESTARTS = 6


class Visitor(threading.Thread):
    """One guest after the other, each request on whatever connection it has; notes everything but success."""

    numbers = itertools.count()

    def __init__(self, front, stop):
        super().__init__(daemon=True)
        self.front = front
        self.stop = stop
        self.answered = 0
        self.faults = []

    def run(self):
        client = Client(self.front.host, self.front.port)
        while not self.stop.is_set():
            try:
                self.visit(client)
            except (OSError, http.client.HTTPException) as fault:
                self.faults.append(repr(fault))
                client.close()
        client.close()

    def visit(self, client):
        asked = self.expect(client.post("/inference/start?wait=5s", guest(next(self.numbers))))
        if "results" in (asked or {}):
            pick = {"task_id": asked["task_id"], "location_id": asked["results"][0]["location_id"]}
            self.expect(client.put("/inference/select", pick))
        self.expect(client.get("/content/info"))

    def expect(self, answer):
        self.answered += 1
        if answer.status != 200:
            self.faults.append(f"{answer.status} {answer.body[:200]!r}")
            return None
        return answer.json


def asked_through_the_front(server):
    """Whether nginx takes it for alive again: it is told only by trying."""
    with server.client() as client:
        counted = re.search(r'requests_total{method="GET",route="/content/info",status="200"} (\d+)',
                            client.get("/metrics").text)
    return counted is not None and int(counted.group(1)) > 10


def test_a_rolling_restart_loses_nothing():
    with shared_folder() as folder, Cluster(folder, workers=1, broker=False, durable=False) as cluster:
        stop = threading.Event()
        visitors = [Visitor(cluster.front, stop) for _ in range(GUESTS)]
        for visitor in visitors:
            visitor.start()
        for number in range(RESTARTS):
            server = cluster.servers[number % len(cluster.servers)]
            server.stop()
            server.start()
            wait_until(lambda: asked_through_the_front(server), what="nginx's return to it")  # noqa: B023
        stop.set()
        for visitor in visitors:
            visitor.join(60)
        faults = [fault for visitor in visitors for fault in visitor.faults]
        answered = sum(visitor.answered for visitor in visitors)
        print(f"\n{answered} answers over {RESTARTS} restarts, {len(faults)} faults")
        assert faults == []
