"""Persons: stored fields that stand in for what a request does not say, exports, and erasures with a receipt."""

import contextlib
import json
import sqlite3

import psycopg
import pytest

from backing_services import Postgres
from guests import GUEST, finished
from learning import QUICK
from people import DOMAIN, KEY, bought, erased, exported, fill, path_of, receipt, visited
from process import shared_folder
from rankloop_process import Server, run, wait_until

STORED = {"age": 41, "country": "at"}


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    file = tmp_path_factory.mktemp("domain") / "shop.toml"
    file.write_text(DOMAIN)
    return file


@pytest.fixture(scope="module")
def postgres():
    with shared_folder() as folder, Postgres(folder / "postgres", durable=False) as server:
        yield server


class Shop:
    """A server of the shop on one of the stores, and every cell that its store has."""

    def __init__(self, domain, url=None):
        self.url = url
        self.server = Server("--domain", domain, "--empty", env={**QUICK, **({"RANKLOOP_STORE": url} if url else {})})

    def cells(self):
        if self.url:
            store, tables = psycopg.connect(self.url), "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        else:
            store = sqlite3.connect(f"file:{self.server.data_dir / 'rankloop.db'}?mode=ro", uri=True)
            tables = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        with contextlib.closing(store):
            return [cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
                    for (name,) in store.execute(tables).fetchall()
                    for row in store.execute(f'SELECT * FROM "{name}"').fetchall() for cell in row]

    def holds(self, *words):
        """The cells with one of these words, as it is or as JSON has it."""
        wanted = {text for word in words for text in (word, json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1])}
        return [cell for cell in self.cells() if any(text in cell for text in wanted)]


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request, domain):
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database(f"persons_{len(request.node.name)}_{abs(hash(request.node.name))}")
    made = Shop(domain, url)
    with made.server, made.server.client() as client:
        fill(client)
        made.client = client
        yield made


def payload_of(client, task):
    return client.get(f"/content/visit/{client.get(f'/content/results?task_id={task}').json[0]['visit_id']}").json


def test_a_request_says_only_what_is_new(shop):
    client = shop.client
    refused = client.post("/inference/start", {"budget": 10, "user_key": KEY})
    assert {fault["loc"][-1] for fault in refused.json["detail"]} == {"age", "country"}
    answer = client.put(path_of(KEY), STORED)
    assert (answer.status, answer.json) == (200, {"stored": ["age", "country"]}), answer
    task, _ = visited(client, KEY)
    assert payload_of(client, task).items() >= {**STORED, "budget": 10, "user_key": KEY}.items()
    task, _ = visited(client, KEY, country="it")  # what it says itself wins, for this request
    assert payload_of(client, task)["country"] == "it"
    known = client.get(path_of(KEY)).json
    assert known["fields"] == STORED and known["requests"] == 2 and known["events"] == 0
    assert known["first_seen"] <= known["last_seen"] and known["changed"]
    assert client.request("PATCH", path_of(KEY), json={"age": 42, "country": None}).json == {"stored": ["age"]}
    assert client.post("/inference/start", {"budget": 10, "user_key": KEY}).status == 422
    later, _ = visited(client, KEY, country="de")
    assert payload_of(client, later)["age"] == 42
    assert payload_of(client, task)["age"] == 41  # a later change changes no past request
    assert client.put(path_of(KEY), {}).json == {"stored": []}
    assert client.get(path_of(KEY)).json["fields"] == {}


def test_what_cannot_be_stored_is_refused_by_name(shop):
    client = shop.client
    for method in ("PUT", "PATCH"):
        answer = client.request(method, path_of(KEY), json={"agee": 1, "budget": 5, "country": "us", "age": -1})
        assert answer.status == 422, answer
        told = {fault["loc"][-1]: fault["msg"] for fault in answer.json["detail"]}
        assert "is age meant?" in told["agee"] and "these are: age, country" in told["budget"]
        told = {fault["loc"][-1] for fault in client.request(method, path_of(KEY), json={"country": "us", "age": -1}).json["detail"]}
        assert told == {"country", "age"}
    assert client.get(path_of(KEY)).status == 404
    assert client.put(path_of("k" * 129), STORED).status == 422
    assert client.put(path_of("k" * 128), STORED).status == 200
    assert client.request("DELETE", path_of("nobody")).status == 404
    assert client.get(path_of("nobody", "/export")).status == 404


def test_a_change_is_made_once_under_a_key(shop):
    client = shop.client
    headers = {"Idempotency-Key": "one"}
    assert client.put(path_of(KEY), STORED, headers=headers).status == 200
    assert client.put(path_of(KEY), {"age": 1}).status == 200
    again = client.put(path_of(KEY), STORED, headers=headers)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert client.get(path_of(KEY)).json["fields"] == {"age": 1}
    assert client.put(path_of(KEY), {"age": 2}, headers=headers).status == 409


def test_an_export_is_what_was_told(shop):
    client = shop.client
    client.put(path_of(KEY), STORED)
    visits = [visited(client, KEY, greeting=f"hello {n}") for n in range(45)]
    bought(client, KEY, *range(1, 601))
    visited(client, "bob", **STORED)
    lines = exported(client, KEY)
    assert lines[0].items() >= {"kind": "person", "user_key": KEY, "fields": STORED, "requests": 45, "events": 600}.items()
    requests = [line for line in lines if line["kind"] == "request"]
    assert [line["task_id"] for line in requests] == [task for task, _ in visits]
    for number, (line, (_, shown)) in enumerate(zip(requests, visits)):
        assert line["request"] == {**STORED, "budget": 10, "greeting": f"hello {number}"}
        assert [row["sku"] for row in line["shown"]] == shown
        assert [(told["kind"], told["sku"]) for told in line["feedback"]] == [("pick", shown[1])]
    assert [line["value"] for line in lines if line["kind"] == "event"] == list(range(1, 601))
    assert lines[-1] == {"kind": "end", "requests": 45, "events": 600}


def test_the_newest_requests_stand_first_as_in_the_export(shop):
    client = shop.client
    client.put(path_of(KEY), STORED)
    visits = [visited(client, KEY, greeting=f"hello {n}") for n in range(12)]
    visited(client, "bob", **STORED)
    newest = client.get(path_of(KEY, "/requests"))
    assert newest.status == 200, newest
    assert [line["task_id"] for line in newest.json] == [task for task, _ in reversed(visits)][:10]
    requests = [line for line in exported(client, KEY) if line["kind"] == "request"]
    assert newest.json == requests[::-1][:10]
    assert len(client.get(path_of(KEY, "/requests?limit=3")).json) == 3
    assert client.get(path_of(KEY, "/requests?limit=51")).status == 422
    assert client.get(path_of("nobody", "/requests")).status == 404
    assert client.get(path_of(KEY, "/histories")).json == []  # this domain has none
    assert client.get(path_of("nobody", "/histories")).status == 404


def test_nothing_of_a_person_is_left_after_an_erasure(shop):
    client = shop.client
    client.put(path_of(KEY), STORED, headers={"Idempotency-Key": "k1"})
    client.request("PATCH", path_of(KEY), json={"nonsense": KEY}, headers={"Idempotency-Key": "k2"})
    tasks = [visited(client, KEY, greeting="call me Annabel")[0] for _ in range(3)]
    for number, task in enumerate(tasks):
        client.post("/inference/start", {"budget": 1, "user_key": KEY}, headers={"Idempotency-Key": f"key-{number}"})
    bought(client, KEY, 1, 2, 3)
    bob, _ = visited(client, "bob", **STORED, greeting="I am Bob")
    wait_until(lambda: all(task["status"] == "SUCCESS" for task in client.get("/tasks?limit=100").json))
    assert shop.holds(KEY) and shop.holds("Annabel")
    told = erased(client, KEY)
    assert told["removed"] == {"persons": 1, "person_events": 3}
    assert told["unlinked"] == {"person_events": 0, "requests": 6, "feedback": 3}
    assert told["by"] == "local" and "until they are trained anew" in told["stays"]
    assert shop.holds(KEY, "Annabel") == []
    assert client.get(path_of(KEY)).status == 404
    assert client.request("DELETE", path_of(KEY)).status == 404
    # What was shown and picked stays as nobody's, and others are as they were.
    stayed = payload_of(client, tasks[0])
    assert stayed.items() >= {**STORED, "budget": 10}.items() and "user_key" not in stayed
    assert [row["label"] for row in client.get(f"/content/results?task_id={tasks[0]}").json].count(1) == 1
    assert payload_of(client, bob)["greeting"] == "I am Bob"
    # Who comes after that is somebody new.
    assert client.post("/inference/start", {"budget": 10, "user_key": KEY}).status == 422
    visited(client, KEY, **STORED)
    assert client.get(path_of(KEY)).json["requests"] == 1


def test_an_erasure_goes_on_after_a_kill(shop):
    client = shop.client
    for _ in range(5):
        visited(client, KEY, **STORED)
    bought(client, KEY, *(1 for _ in range(15_000)))
    task = client.request("DELETE", path_of(KEY)).json["task_id"]
    amid = wait_until(lambda: 0 < (left := client.get(path_of(KEY)).json.get("events", -1)) < 15_000 and left or left == -1, 60)
    shop.server.kill()
    shop.server.start()
    with shop.server.client() as again:
        told = receipt(again, task)
        assert told["removed"] == {"persons": 0, "person_events": 15_000}
        assert told["unlinked"] == {"person_events": 0, "requests": 5, "feedback": 5}
        assert again.get(path_of(KEY)).status == 404
    assert amid is not True, "it had ended before the kill"
    assert shop.holds(KEY) == []


def test_no_key_is_ever_logged(domain):
    env = {**QUICK, "RANKLOOP_LOG_FORMAT": "json", "RANKLOOP_LOG_LEVEL": "debug"}
    with Server("--domain", domain, "--empty", env=env) as server, server.client() as client:
        fill(client)
        client.put(path_of("zaphod-4242"), STORED)
        visited(client, "zaphod-4242")
        exported(client, "zaphod-4242")
        erased(client, "zaphod-4242")
        client.request("DELETE", path_of("zaphod-4242"))
        client.put(path_of("zaphod-4242"), {"agge": 1})
        assert "zaphod" not in client.get("/metrics").text
        assert "zaphod" not in json.dumps(client.get("/tasks").json)
        assert "zaphod" not in server.log
        assert "/persons/{user_key}" in server.log


def test_a_domain_that_stores_nothing_knows_people_all_the_same(seeded_data):
    with Server(copy_of=seeded_data, env=QUICK) as server, server.client() as client:
        refused = client.put(path_of(KEY), {"name": "Ann"})
        assert (refused.status, "stores nothing of people" in refused.json["detail"]) == (409, True)
        finished(client, {**GUEST, "name": "Annabel Lee"}, user_key=KEY)
        assert client.get(path_of(KEY)).json["requests"] == 1
        assert len(exported(client, KEY)) == 3
        assert erased(client, KEY)["unlinked"] == {"person_events": 0, "requests": 1, "feedback": 0}
        guest = client.get("/content/users").json[-1]
        assert guest["name"] == "" and guest["budget"] == GUEST["budget"] and "user_key" not in guest


def test_another_server_learns_of_a_change_within_a_moment(postgres, domain):
    url = postgres.new_database("two_servers")
    one, two = Shop(domain, url).server, Shop(domain, url).server
    with one, two, one.client() as here, two.client() as there:
        fill(here)
        wait_until(lambda: there.get("/content/info").json["things"] == 30)

        def age_there():
            answer = there.post("/inference/start", {"budget": 1, "user_key": KEY, "country": "at"})
            return payload_of(there, finished_task(there, answer))["age"] if answer.status == 200 else None

        assert age_there() is None
        here.put(path_of(KEY), {"age": 41})
        wait_until(lambda: age_there() == 41, 3, "the change")
        here.put(path_of(KEY), {"age": 42})
        wait_until(lambda: age_there() == 42, 3, "the second change")
        told = erased(here, KEY)
        assert age_there() is None
        assert told["unlinked"]["requests"] >= 2


def finished_task(client, answer):
    task = answer.json["task_id"]
    assert client.get(f"/inference/status/{task}?wait=30s").json["status"] == "SUCCESS"
    return task


def test_a_terminal_shows_exports_and_erases(domain):
    with Server("--domain", domain, "--empty", env=QUICK) as server, server.client() as client:
        fill(client)
        client.put(path_of(KEY), STORED)
        task, _ = visited(client, KEY)

        def persons(*args):
            return run("persons", *args, "--url", server.url)

        shown = persons("show", KEY)
        assert shown.returncode == 0 and '"age":41' in shown.stdout and "requests  1" in shown.stdout, shown
        lines = [json.loads(line) for line in persons("export", KEY).stdout.splitlines()]
        assert lines[1]["task_id"] == task and lines[-1]["kind"] == "end"
        asked = persons("erase", KEY)
        assert asked.returncode == 1 and "--yes" in asked.stderr and "1 requests" in asked.stderr, asked
        done = persons("erase", KEY, "--yes", "--json")
        assert done.returncode == 0 and json.loads(done.stdout)["receipt"]["unlinked"]["requests"] == 1, done
        gone = persons("show", KEY)
        assert gone.returncode != 0 and "Nothing is known of this person" in gone.stderr, gone


def test_people_move_with_their_store(domain, postgres, tmp_path):
    url = postgres.new_database("moved_people")
    with Server("--domain", domain, "--empty", data_dir=tmp_path, env=QUICK) as server, server.client() as client:
        fill(client)
        client.put(path_of(KEY), STORED)
        visited(client, KEY)
        bought(client, KEY, 1, 2)
        server.stop()
    outcome = run("migrate-store", "--from", f"sqlite:{tmp_path}", "--to", url)
    assert outcome.returncode == 0, outcome.stderr
    moved = Shop(domain, url)
    with moved.server as server, server.client() as client:
        bought(client, KEY, 3)  # new events have numbers after the old ones
        assert client.get(path_of(KEY)).json.items() >= {"fields": STORED, "requests": 1, "events": 3}.items()
        assert erased(client, KEY)["removed"] == {"persons": 1, "person_events": 3}
    assert moved.holds(KEY) == []
