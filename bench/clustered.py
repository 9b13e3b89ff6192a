"""The figure of a whole cluster on this machine: PostgreSQL that commits to the disk, RabbitMQ, two servers and two
workers behind nginx."""

import contextlib
import json
import re
import subprocess
import time

from programs import BINARY, Failure, environment, program, wait_until
from workshop import Series

from backing_services import POSTGRES_PROGRAMS
from cluster import Cluster, Front

ROUNDS_AT_MOST = 3
PGBENCH_SECONDS_AT_LEAST = 5  # on a slow disk 64 connections take a second to open
INSERT = "INSERT INTO single_rows (payload) VALUES ('a row of about the size of a task, a hundred bytes or so, told')\n"
GUEST = {
    "name": "Ann", "people_num": 2, "people_age": [30, 34], "children_num": 0, "budget": 400.0, "nights": 2,
    "time_arrival": "2026-12-01", "pool": True, "spa": False, "pet_friendly": False, "lake": True, "mountain": False,
    "sport": True,
}


def cluster(workshop):
    """Two servers and two workers on PostgreSQL and RabbitMQ."""
    workshop.folder.chmod(0o755)  # PostgreSQL may run as another user
    rounds = min(workshop.load.rounds, ROUNDS_AT_MOST)
    with hinted(workshop, broker=True) as members:
        series = [*journeys(members, workshop, rounds), *tasks(members, workshop, rounds)]
        series += starts(members, workshop.load, rounds, "RabbitMQ")
        series += beside_a_snapshot(members, workshop.load)
        members.rabbit.kill()
        series += starts(members, workshop.load, rounds, "broker away")
        members.rabbit.start()
    with hinted(workshop, broker=False) as members:
        series += starts(members, workshop.load, rounds, "no broker")
    return series


@contextlib.contextmanager
def hinted(workshop, broker):
    """A new cluster, warmed up."""
    settings = {"RANKLOOP_BASELINE": "false", "RANKLOOP_TASKS_MAX_WAITING": "1000000"}
    with Cluster(workshop.new_folder(), settings=settings, broker=broker, results=False) as members:
        members.postgres.query("CREATE TABLE single_rows (id bigserial PRIMARY KEY, payload text NOT NULL)")
        guests(members.url, workshop.load.warm_up)
        yield members


def guests(url, count):
    """Simulated guests at an address; answers their summary."""
    command = [str(BINARY), "simulate", "traffic", "--url", url, "--no-wait", "--guests", "64", "--journeys", str(count),
               "--json", "--quiet"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=900, check=False)
    if done.returncode:
        raise Failure(f"the guests ended with {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}")
    summary = json.loads(done.stdout)
    if summary["failed"]:
        raise Failure(f"{summary['failed']} of {count} journeys failed")
    return summary


def journeys(members, workshop, rounds):
    """By guests whose connections keep their server, and by guests whose every request may go to another, in turn."""
    kept, spread = [], []
    with Front(workshop.new_folder(), members.servers, affinity=True) as front:
        for _ in range(rounds):
            kept.append(guests(front.url, workshop.load.cluster_journeys))
            spread.append(guests(members.url, workshop.load.cluster_journeys))
    return [Series("cluster journeys", "a second, 64 guests, synchronous_commit=on, a connection keeps its server", "/s",
                   per_second(kept), 1_000, True, "", kept),
            Series("cluster journeys, spread", "the same, each request to the next server", "/s", per_second(spread),
                   details=spread)]


def per_second(summaries):
    return [each["journeys_per_second"] for each in summaries]


def tasks(members, workshop, rounds):
    """From the first request until no task is open, and single-row inserts by pgbench, in turn."""
    seconds = workshop.load.wrk_seconds
    script = workshop.folder / "start.lua"
    script.write_text("wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\n"
                      f"wrk.body = [[{json.dumps(GUEST)}]]\n", encoding="utf-8")
    insert = workshop.folder / "insert.sql"
    insert.write_text(INSERT, encoding="utf-8")
    rates = {(what, clients): [] for what in ("tasks", "inserts") for clients in (1, 64)}
    for _ in range(rounds):
        for clients in (1, 64):
            rates["tasks", clients].append(tasks_per_second(members, script, clients, seconds))
            rates["inserts", clients].append(inserts_per_second(members, insert, clients, seconds))
    return [
        Series("tasks, one by one", "a second, enqueued to done, one client", "/s", rates["tasks", 1]),
        Series("inserts, one by one", "pgbench, single rows, one client", "/s", rates["inserts", 1]),
        Series("tasks, batched", "a second, enqueued to done, 64 clients", "/s", rates["tasks", 64]),
        Series("inserts, 64 clients", "pgbench, single rows", "/s", rates["inserts", 64]),
        Series("tasks to inserts", "batched tasks over pgbench's rate of 64 clients, pair by pair", "x",
               [ours / theirs for ours, theirs in zip(rates["tasks", 64], rates["inserts", 64])]),
    ]


def succeeded(members):
    return members.postgres.query("SELECT count(*) FROM tasks WHERE state = 3")[0][0]


def tasks_per_second(members, script, clients, seconds):
    before = succeeded(members)
    began = time.monotonic()
    done = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", str(script),
                           members.url + "/inference/start"], capture_output=True, text=True, timeout=seconds + 60,
                          check=False)
    if done.returncode or "Non-2xx" in done.stdout:
        raise Failure(f"wrk: {done.stdout[-400:]}{done.stderr[-400:]}")
    wait_until(lambda: members.postgres.query("SELECT 1 FROM tasks WHERE finished IS NULL LIMIT 1") == [], 120,
               "the end of every task")
    return (succeeded(members) - before) / (time.monotonic() - began)


def inserts_per_second(members, script, clients, seconds):
    seconds = max(seconds, PGBENCH_SECONDS_AT_LEAST)
    command = [program("pgbench", POSTGRES_PROGRAMS), "-n", "-f", str(script), "-c", str(clients), "-j", "1", "-T",
               str(seconds), members.postgres.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    rate = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not rate:
        raise Failure(f"pgbench ended with {done.returncode}: {done.stdout[-400:]}{done.stderr[-400:]}")
    return float(rate[1])


def starts(members, load, rounds, what):
    """From the commit of a request to the claim of its task, in whole milliseconds: one request at a time, so that
    nothing but the wake-up is waited for."""
    middle, slowest = [], []
    for _ in range(rounds):
        since = members.postgres.query("SELECT coalesce(max(created), 0) FROM tasks")[0][0]
        with members.client() as client:
            for _ in range(load.cluster_starts):
                answer = client.post("/inference/start?wait=30s", GUEST)
                if answer.status != 200 or answer.json["status"] != "SUCCESS":
                    raise Failure(f"a start answered {answer}")
        [(p50, p99)] = members.postgres.query(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY started - created), "
            "percentile_cont(0.99) WITHIN GROUP (ORDER BY started - created) FROM tasks "
            "WHERE kind = 0 AND created > %s", since)
        middle.append(p50)
        slowest.append(p99)
    return [Series(f"to start, {what}", "enqueued to claimed, median", "ms", middle),
            Series(f"to start, {what}, p99", "slowest hundredth", "ms", slowest)]


def beside_a_snapshot(members, load):
    """Journeys after a transaction has held its snapshot for minutes of load, over those before: dead rows that
    nobody may remove yet must not be walked over again and again."""
    before = guests(members.url, load.cluster_journeys)["journeys_per_second"]
    with members.postgres.connect() as holder, holder.transaction():
        holder.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        holder.execute("SELECT count(*) FROM tasks")
        until = time.monotonic() + load.snapshot_seconds
        while time.monotonic() < until:
            guests(members.url, load.cluster_journeys)
        held = guests(members.url, load.cluster_journeys)["journeys_per_second"]
    return [Series("beside a snapshot", f"journeys with a snapshot held for {load.snapshot_seconds:g} s, over those "
                   "before", "x", [held / before], 0.9),
            Series("journeys, snapshot held", "a second", "/s", [held])]
