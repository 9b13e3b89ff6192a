"""A whole store moves from the embedded file to PostgreSQL and back: nothing is lost, and a failure leaves nothing."""

import contextlib
import json
import signal
import sqlite3

import psycopg
import pytest

from backing_services import Postgres
from guests import GUEST, finished, results, select, start, stored_results
from learning import QUICK, champion, import_history, models, past_requests, promoted, trained
from process import shared_folder
from rankloop_process import Server, run, wait_until

JOURNEYS = 12


@pytest.fixture(scope="module")
def postgres():
    with shared_folder() as folder, Postgres(folder / "postgres", durable=False) as server:
        yield server


def migrate(source, target, *options):
    return run("migrate-store", "--from", source, "--to", target, *options)


def moved(source, target, *options):
    """The tables by name after a move that has to work: (rows, digest)."""
    outcome = migrate(source, target, "--json", *options)
    assert outcome.returncode == 0, outcome.stderr
    return {table["name"]: (table["rows"], table["sha256"]) for table in json.loads(outcome.stdout)["tables"]}


def seen(client):
    """What a client sees of everything that happened before."""
    tasks = client.get("/tasks?limit=100").json
    info = client.get("/content/info").json
    return {
        "users": info["users"], "tasks": tasks, "models": models(client), "history": client.get("/models/history").json,
        "results": {task["task_id"]: stored_results(client, task["task_id"])
                    for task in tasks if task["type"] == "inference" and task["status"] == "SUCCESS"},
        "places": client.get("/content/locations?limit=300").json,
    }


def refused(outcome, code, *told):
    assert outcome.returncode == code, outcome
    for text in told:
        assert text in outcome.stderr, outcome.stderr


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory):
    """The data folder of a stopped server with models, picks, changed items and tasks in many states, and what a
    client saw of it."""
    folder = tmp_path_factory.mktemp("lived-in")
    with Server(data_dir=folder, env={**QUICK, "RANKLOOP_EXPLORATION_SHARE": "0.5"}) as server, \
         server.client() as client:
        assert import_history(client, past_requests(120)) == 120
        promoted(client, trained(client, family="logistic"))
        assert client.request("PATCH", "/items/7", json={"price": 77}).status == 200
        for number in range(JOURNEYS):
            task = finished(client, {**GUEST, "name": f"Zoë {number}"}, user_key=f"guest-{number}")
            place = results(client, task)[number % 5]["location_id"]
            if number % 3:
                assert select(client, task, place).status == 200
            headers = {"Idempotency-Key": f"key-{number}"}
            assert client.post("/inference/start", GUEST, headers=headers).status == 200
        finished(client)
        wait_until(lambda: all(task["status"] == "SUCCESS" for task in client.get("/tasks?limit=100").json), 30)
        before = seen(client)
        server.stop()
    return folder, before


@contextlib.contextmanager
def serving(url):
    with Server(env={**QUICK, "RANKLOOP_STORE": url}) as server, server.client() as client:
        yield server, client


def test_a_server_on_the_target_answers_as_before_and_goes_on(lived_in, postgres):
    folder, before = lived_in
    url = postgres.new_database("moved")
    tables = moved(f"sqlite:{folder}", url)
    assert tables["users"][0] == before["users"] and tables["items"][0] == 211
    assert tables["models"][0] == len(before["models"]) and tables["answers"][0] >= JOURNEYS
    with serving(url) as (_, client):
        assert seen(client) == before
        # An answer that was kept is given again, and new rows take the numbers after the old ones.
        again = client.post("/inference/start", GUEST, headers={"Idempotency-Key": "key-3"})
        assert again.json["task_id"] in {task["task_id"] for task in before["tasks"]}
        task = finished(client)
        assert select(client, task, results(client, task)[0]["location_id"]).json["label"] == 1
        assert client.get("/content/info").json["users"] == before["users"] + 1
        assert trained(client, family="popularity") > max(row["model_id"] for row in before["models"])
        assert champion(client) is not None


def test_the_target_has_its_statistics(lived_in, postgres):
    url = postgres.new_database("measured")
    moved(f"sqlite:{lived_in[0]}", url)
    with psycopg.connect(url) as connection:
        known = {table for (table,) in connection.execute("SELECT DISTINCT tablename FROM pg_stats")}
    assert {"users", "inferences", "tasks", "rankings", "exposures", "feedback", "items"} <= known


def test_it_comes_back_the_same(lived_in, postgres, tmp_path):
    folder, before = lived_in
    url = postgres.new_database("there_and_back")
    there = moved(f"sqlite:{folder}", url)
    back = tmp_path / "back"
    assert moved(url, f"sqlite:{back}") == there
    assert sorted(path.name for path in back.iterdir()) == ["rankloop.db", "rankloop.lock"]
    with Server(data_dir=back, env=QUICK) as server, server.client() as client:
        assert seen(client) == before
        finished(client)
        server.stop()


def test_what_was_not_run_yet_is_run_on_the_target(postgres, tmp_path):
    with Server("--workers", "0", data_dir=tmp_path, env=QUICK) as server, server.client() as client:
        waiting = start(client)
        cancelled = start(client)
        assert client.post(f"/inference/cancel/{cancelled}").status == 200
        server.stop()
    url = postgres.new_database("unfinished")
    moved(f"sqlite:{tmp_path}", url)
    with serving(url) as (_, client):
        assert client.get(f"/inference/status/{waiting}?wait=30s").json["status"] == "SUCCESS"
        assert client.get(f"/inference/status/{cancelled}").json["status"] == "REVOKED"


def test_a_target_that_was_used_is_refused_unless_it_may_go(lived_in, postgres, tmp_path):
    folder, before = lived_in
    url = postgres.new_database("used")
    with serving(url) as (_, client):
        other = finished(client)
    refused(migrate(f"sqlite:{folder}", url), 1, "--replace")
    with serving(url) as (_, client):
        assert len(stored_results(client, other)) > 0
    tables = moved(f"sqlite:{folder}", url, "--replace")
    with serving(url) as (_, client):
        assert seen(client) == before
    file = tmp_path / "other.db"
    moved(url, f"sqlite:{file}", "--replace")
    refused(migrate(url, f"sqlite:{file}"), 1, "--replace")
    assert moved(f"sqlite:{folder}", f"sqlite:{file}", "--replace") == tables


def test_a_failure_leaves_the_target_empty_and_the_next_attempt_works(lived_in, postgres, tmp_path):
    folder, _ = lived_in
    with Server(copy_of=folder, data_dir=tmp_path) as server:
        server.stop()
    database = sqlite3.connect(tmp_path / "rankloop.db")
    with database:  # PostgreSQL takes no NUL inside a text
        database.execute("UPDATE users SET user_key = CAST(x'410042' AS TEXT) WHERE id = (SELECT max(id) FROM users)")
    url = postgres.new_database("failed")
    refused(migrate(f"sqlite:{tmp_path}", url), 2, "table users", "NUL")
    refused(migrate(url, f"sqlite:{tmp_path / 'none.db'}"), 2, "nothing to move")
    assert not (tmp_path / "none.db").exists()
    with database:
        database.execute("UPDATE users SET user_key = 'AB' WHERE id = (SELECT max(id) FROM users)")
    database.close()
    assert moved(f"sqlite:{tmp_path}", url)["users"][0] > 0


def test_a_store_in_use_is_not_moved(lived_in, postgres, tmp_path):
    folder, _ = lived_in
    url = postgres.new_database("in_use")
    with Server(copy_of=folder, data_dir=tmp_path, env=QUICK) as server:
        refused(migrate(f"sqlite:{server.data_dir}", url), 1, "another rankloop", "Stop it")
    with serving(url):
        for source, target in [(url, f"sqlite:{tmp_path / 'new'}"), (f"sqlite:{folder}", url)]:
            outcome = migrate(source, target)
            refused(outcome, 1, "stop every server and worker")
            assert postgres.password not in outcome.stderr


def test_a_server_that_stands_still_uses_its_store_all_the_same(lived_in, postgres):
    folder, _ = lived_in
    url = postgres.new_database("stands_still")
    with serving(url) as (server, _):
        server.process.send_signal(signal.SIGSTOP)
        try:
            # In silence it is the one that maintains the store for some seconds only.
            held = ("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database()) AND objid = "
                    "(hashtext('rankloop maintenance')::bigint & 4294967295)::oid")
            with psycopg.connect(url, autocommit=True) as database:
                wait_until(lambda: database.execute(held).fetchone() == (0,), 60, what="the end of its hold")
            refused(migrate(f"sqlite:{folder}", url, "--replace"), 1, "stop every server and worker")
        finally:
            server.process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("source", ["mysql://host/db", "sqlite:", "data"])
def test_what_is_no_store_is_refused(source, tmp_path):
    refused(migrate(source, f"sqlite:{tmp_path}"), 2, "allowed are sqlite:")


def test_a_source_that_is_not_there_is_refused(tmp_path):
    refused(migrate(f"sqlite:{tmp_path / 'no'}", f"sqlite:{tmp_path / 'new'}"), 2, "there is no store")


def test_it_tells_what_it_moved(lived_in, tmp_path):
    folder, before = lived_in
    outcome = migrate(f"sqlite:{folder}", f"sqlite:{tmp_path / 'told.db'}")
    assert outcome.returncode == 0, outcome.stderr
    lines = {line.split()[0]: line.split()[1:] for line in outcome.stdout.splitlines() if len(line.split()) > 2}
    assert int(lines["users"][0]) == before["users"] and len(lines["users"][1]) == 64
    assert "moved and verified" in outcome.stdout
