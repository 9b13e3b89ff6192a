"""A server that is halted, whatever it does at that moment, keeps nobody else waiting; all with the preset settings."""

import random
import threading
import time

import pytest

from cluster import Cluster
from cluster_campaign import Campaign
from cluster_faults import halt_server
from guest_load import guest
from process import shared_folder
from rankloop_process import wait_until

HALTS = 8
MOST_SECONDS = 5  # a stalled batch of the others: store_stall, a look, and a busy machine
MAINTAINER_SECONDS = 20


@pytest.fixture(scope="module")
def cluster():
    settings = {"RANKLOOP_BASELINE": "false"}
    with shared_folder() as folder, Cluster(folder, settings=settings, durable=False) as cluster:
        yield cluster


def test_nobody_waits_for_a_server_that_is_halted_in_its_batch(cluster):
    """The database's own view of who waits for whom, since the load also makes answers late."""
    campaign = Campaign(cluster, seed=7, guests=16)
    longest = Longest(cluster.postgres)
    with campaign.load, longest:
        for _ in range(HALTS):
            campaign.after(halt_server)
    assert campaign.finish()["picks"] > 0
    assert longest.seconds < MOST_SECONDS, f"a batch waited {longest.seconds} s for another one's lock"


class Longest(threading.Thread):
    """The longest that any session has waited for a lock, seen ten times a second."""

    def __init__(self, postgres):
        super().__init__(daemon=True)
        self.postgres = postgres
        self.seconds = 0.0
        self.ended = threading.Event()

    def run(self):
        with self.postgres.connect() as connection:
            while not self.ended.wait(0.1):
                [(seconds,)] = connection.execute(
                    "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float8 FROM pg_locks "
                    "WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = 'rankloop')"
                ).fetchall()
                self.seconds = max(self.seconds, seconds)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()


def test_lapsed_leases_are_taken_back_though_the_elected_process_is_halted(cluster):
    for halted in [*cluster.servers, *cluster.workers]:
        other = next(server for server in cluster.servers if server is not halted)
        halted.pause()
        try:
            with other.client(seconds=30) as client:
                task = client.post("/inference/start?wait=10s", guest(random.randrange(10**6))).json["task_id"]
            assert cluster.postgres.query(
                "UPDATE tasks SET state = 2, finished = NULL, lease_until = store_now() - 1000 WHERE id = %s "
                "RETURNING fence", task)
            began = time.monotonic()
            wait_until(lambda: cluster.postgres.query("SELECT 1 FROM tasks WHERE id = %s AND state <> 2", task),
                       MAINTAINER_SECONDS, f"a sweep while {halted.name} is halted")
            print(f"{halted.name} halted: swept after {time.monotonic() - began:.1f} s")
        finally:
            halted.resume()
            cluster.postgres.query("UPDATE tasks SET state = 3, finished = store_now(), lease_until = NULL, run_at = NULL "
                                   "WHERE id = %s AND state < 3", task)
