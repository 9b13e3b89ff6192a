"""Faults at load, one after another, each followed by the time until a new request is answered again.

`script/fault --minutes N [--seed S]` runs one for long; tests/fault/test_cluster.py a short one that is always the
same. What guests were answered is held against the cluster at the end.
"""

import argparse
import pathlib
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "support")]

from cluster import Cluster  # noqa: E402
from cluster_check import check_database, open_tasks  # noqa: E402
from cluster_faults import FAULTS, LEASE_SECONDS  # noqa: E402
from cluster_load import ClusterLoad  # noqa: E402
from guest_load import CONNECTION_LOST, guest  # noqa: E402
from ledger_check import check_counts, check_keys, check_tasks  # noqa: E402
from rankloop_process import wait_until  # noqa: E402

GUESTS = 8
RECOVERY_SECONDS = 60
SETTINGS = {
    "RANKLOOP_TASKS_LEASE": f"{LEASE_SECONDS}s",
    "RANKLOOP_TASKS_MAX_ATTEMPTS": "100",  # a lost lease is an attempt, and here they are lost all the time
    "RANKLOOP_BASELINE": "false",
}


class Campaign:
    """A cluster under load. after() does one fault; finish() ends the load and checks everything."""

    def __init__(self, cluster, seed, guests=GUESTS):
        self.cluster = cluster
        self.chance = random.Random(seed)
        self.recoveries = {}
        self.probes = 0
        with cluster.client() as client:
            self.items = [row["location_id"] for row in client.get("/content/locations").json]
        self.load = ClusterLoad(guests, self.items, seed, (cluster.front.host, cluster.front.port))

    @property
    def journal(self):
        return self.load.journal

    def after(self, fault):
        """Does a fault in the midst of answers, waits until all is well again, and prints how long that took."""
        self.journal.wait_for_answers(self.chance.randint(1, 60), RECOVERY_SECONDS)
        what = fault(self.cluster, self.chance)
        healed = time.monotonic()
        wait_until(self.is_answered, RECOVERY_SECONDS, f"an answer after {what}")
        seconds = time.monotonic() - healed
        self.recoveries.setdefault(fault.__name__, []).append(seconds)
        print(f"{what:<52} answered again after {seconds:6.3f} s", flush=True)
        assert self.journal.faults == [], self.journal.faults
        assert all(each.running for each in self.cluster.members), "a process has ended by itself"

    def is_answered(self):
        """Whether a new request gets its result."""
        self.probes += 1
        try:
            with self.cluster.client(seconds=10) as client:
                answer = client.post("/inference/start?wait=5s", guest(90_000_000 + self.probes, self.items[:20]),
                                     headers={"Idempotency-Key": f"probe-{self.probes}"})
        except CONNECTION_LOST:
            return False
        return answer.status == 200 and answer.json["status"] == "SUCCESS"

    def finish(self):
        """Nothing accepted is lost, no result is there twice, no picked label is missing."""
        self.load.end()
        assert self.journal.faults == [], self.journal.faults
        with self.cluster.client() as client:
            self.load.finish_open(client)
            wait_until(lambda: open_tasks(self.cluster.postgres) == 0, RECOVERY_SECONDS, "the end of every task")
            check_tasks(client, self.journal, len(self.items))
            keys = check_keys(client, self.journal)
            self.journal.unanswered_starts += self.probes  # each is a request of its own, answered or not
            users = check_counts(client, self.journal)
        check_database(self.cluster.postgres)
        return {"answered starts": len(self.journal.starts), "users": users, "keys": keys,
                "without an answer": self.journal.unanswered_starts, "keyed retries": self.journal.keyed_retries,
                "503 and the like": self.journal.refused, "picks": len(self.journal.picks)}

    def print_recoveries(self):
        print(f"\n{'fault':<28}{'times':>6}{'median':>10}{'longest':>10}")
        for name, seconds in sorted(self.recoveries.items()):
            print(f"{name.replace('_', ' '):<28}{len(seconds):>6}{statistics.median(seconds):>8.2f} s"
                  f"{max(seconds):>8.2f} s")


def arguments():
    parser = argparse.ArgumentParser(prog="script/fault", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10, help="how long (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="of the order of faults and of the guests (default: 1)")
    parser.add_argument("--keep", action="store_true", help="keep the cluster's folder, its logs and its data")
    return parser.parse_args()


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a terminated run, too, stops its cluster
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rankloop-fault-"))
    try:
        with Cluster(folder, settings=SETTINGS, durable=False) as cluster:
            campaign = Campaign(cluster, options.seed)
            until = time.monotonic() + options.minutes * 60
            with campaign.load:
                while time.monotonic() < until:
                    campaign.after(campaign.chance.choice(FAULTS))
            summary = campaign.finish()
    except AssertionError as fault:
        print(f"script/fault: {fault}\nseed {options.seed}, logs in {folder}", file=sys.stderr)
        return 1
    campaign.print_recoveries()
    print("\nNothing accepted was lost, nothing is there twice: "
          + ", ".join(f"{count} {name}" for name, count in summary.items()))
    if not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
