"""Items whose ids are texts: the same in bodies, paths, tables, JSON, history, models and other stores."""

import json

import pytest

from backing_services import Postgres
from guests import finished, results
from learning import BYTES, LINES, QUICK, promoted, trained
from named_things import DOMAIN, KEYS, at, bring, bring_history, names, past_requests, table
from process import shared_folder
from rankloop_process import Server, run, wait_until


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    file = tmp_path_factory.mktemp("domain") / "things.toml"
    file.write_text(DOMAIN)
    return file


@pytest.fixture
def server(domain):
    with Server("--domain", domain, "--empty", env=QUICK) as server:
        yield server


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def postgres():
    with shared_folder() as folder, Postgres(folder / "postgres", durable=False) as server:
        yield server


def select(client, task, item):
    return client.put("/inference/select", {"task_id": task, "sku": item})


def listed(client):
    return names(client.get("/content/things").json)


def seen(client, task):
    """What a client sees of the catalog and of a task that was ranked."""
    return {
        "things": client.get("/content/things").json,
        "results": client.get(f"/content/results?task_id={task}").json,
        "best": client.get(f"/inference/results/{task}?peek=true").json,
        "shown": client.get("/monitoring/items").json,
    }


def test_a_table_and_lines_bring_the_same(client):
    assert bring(client)["created"] == len(KEYS)
    assert listed(client) == KEYS  # in order of their first appearance
    lines = "".join(json.dumps({"sku": key, "price": 100}) + "\n" for key in [*KEYS[::-1], "new"])
    again = bring(client, lines, LINES)
    assert (again["created"], again["updated"]) == (1, len(KEYS))
    assert listed(client) == [*KEYS, "new"]
    assert {row["price"] for row in client.get("/content/things").json} == {100}


@pytest.mark.parametrize("key", KEYS)
def test_a_path_names_an_item(client, key):
    bring(client)
    assert client.get(at(key)).json == {"sku": key, "price": KEYS.index(key) + 1}
    assert client.request("PATCH", at(key, "/items/"), json={"price": 50}).json == {"sku": key, "price": 50}
    assert client.request("DELETE", at(key, "/items/")).status == 204
    gone = client.get(at(key))
    assert gone.status == 404 and gone.json["detail"] == f"There is no thing {json.dumps(key, ensure_ascii=False)}"
    assert client.post("/items", {"sku": key, "price": 7}).json == {"sku": key, "price": 7}
    assert listed(client) == KEYS  # its place is the old one


@pytest.mark.parametrize("body, told", [
    ({"price": 1}, "Field required"),
    ({"sku": None, "price": 1}, "Field required"),
    ({"sku": 7, "price": 1}, "a text of 1 to 256 bytes without control characters, not 7"),
    ({"sku": "", "price": 1}, "a text of 1 to 256 bytes"),
    ({"sku": "x" * 257, "price": 1}, "a text of 1 to 256 bytes"),
    ({"sku": "é" * 129, "price": 1}, "a text of 1 to 256 bytes"),
    ({"sku": "a\tb", "price": 1}, "without control characters"),
])
def test_what_is_no_id_is_refused(client, body, told):
    answer = client.post("/items", body)
    fault = answer.json["detail"][0]
    assert (answer.status, fault["loc"]) == (422, ["body", "sku"]) and told in fault["msg"], answer


def test_a_bad_id_of_an_import_is_named_by_its_line(client):
    answer = client.post("/items:import", body=table([*KEYS, "y" * 257]).encode(), headers={"Content-Type": "text/csv"})
    fault = answer.json["detail"][0]
    assert (answer.status, fault["loc"]) == (422, ["body", f"line {len(KEYS) + 2}", "sku"]), answer
    counted = client.post("/items:import?number_rows=true", body=b"price\n1\n", headers={"Content-Type": "text/csv"})
    assert counted.status == 422 and "ids of this domain are texts" in counted.text, counted
    assert listed(client) == []


def test_an_id_that_is_there_is_there(client):
    bring(client)
    again = client.post("/items", {"sku": "a/b", "price": 1})
    assert again.status == 409 and '"a/b"' in again.json["detail"], again
    replayed = [client.post("/items", {"sku": "once", "price": 1}, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert replayed[0].json == replayed[1].json == {"sku": "once", "price": 1}


def test_a_journey_names_items(client):
    bring(client)
    task = finished(client, {"age": 30})
    best = names(results(client, task))
    assert sorted(best) == sorted(KEYS)
    chosen = select(client, task, "🍎")
    assert (chosen.status, chosen.json["sku"], chosen.json["label"]) == (200, "🍎", 1), chosen
    assert select(client, task, "nobody's").status == 404
    assert select(client, task, 4).status == 422
    assert select(client, task, -1).json is None
    shown = client.get("/monitoring/items").json["items"]
    assert {row["sku"]: row["picked"] for row in shown}["🍎"] == 1
    picked = client.get(f"/content/result/{chosen.json['result_id']}").json
    assert picked == chosen.json


def test_candidates_are_named_and_unknown_ones_left_out(client):
    bring(client)
    task = finished(client, {"age": 30}, candidates=["🍎", "nobody's", "a/b", "🍎"])
    assert sorted(names(results(client, task))) == ["a/b", "🍎"]
    assert results(client, finished(client, {"age": 30}, candidates=["nobody's"])) == []
    wrong = client.post("/inference/start", {"candidates": ["a/b", 7]})
    assert (wrong.status, wrong.json["detail"][0]["loc"]) == (422, ["body", "candidates", 1]), wrong


def test_a_search_finds_an_item_by_its_id_or_a_part_of_it(client):
    bring(client)

    def found(q):
        answer = client.request("GET", at(q, "/items:search?q="))
        assert answer.status == 200, answer
        return names(row["item"] for row in answer.json["items"])

    assert found("a/b") == ["a/b"]
    assert found("zoë") == ["Zoë 2"]
    assert found("Zoë 2")[0] == "Zoë 2"
    assert found("SHOULDERS") == ["head&shoulders_2014"]
    assert found("🍎") == ["🍎"]
    assert found("price<3") == KEYS[:2]


def test_history_names_items(client):
    bring(client)
    bring_history(client)
    wrong = {"request": {}, "shown": ["a/b", "nobody's"], "picked": ["🍎"]}
    answer = client.post("/history:import", body=json.dumps(wrong), headers=LINES)
    told = [fault["msg"] for fault in answer.json["detail"]]
    assert told == ['there is no item "nobody\'s" in the catalog', 'item "🍎" was picked, but not shown'], answer


@pytest.mark.parametrize("family", ["popularity", "factorization"])
def test_models_learn_of_items_and_answer_the_same_after_a_restart(server, family):
    with server.client() as client:
        bring(client)
        bring_history(client)
        number = trained(client, family=family)
        promoted(client, number)
        task = finished(client, {"age": 30}, candidates=KEYS[:4])
        assert names(results(client, task))[0] == "a/b"
        why = client.get(f"/inference/explain/{task}/a%2Fb")
        assert (why.status, why.json["sku"], why.json["position"]) == (200, "a/b", 1), why
        assert client.get(f"/inference/explain/{task}/nobody").status == 404
        other = client.get(f"/inference/reorder/{task}/{number}").json
        assert [row["sku"] for row in other["items"]] == names(results(client, task, peek=True))
        before = seen(client, task)
    server.stop()
    server.start()
    with server.client() as client:
        assert seen(client, task) == before
        again = finished(client, {"age": 30}, candidates=KEYS[:4])
        assert names(results(client, again)) == names(before["best"])
        assert client.post("/items", {"sku": "after", "price": 1}).status == 201
        assert listed(client) == [*KEYS, "after"]


def test_a_model_takes_its_items_to_another_store(server, domain):
    with server.client() as client:
        bring(client)
        bring_history(client)
        artefact = client.get(f"/models/{trained(client, family='popularity')}/artefact").body
        here = client.post("/models", body=artefact, headers=BYTES)
        assert here.status == 201, here
    with Server("--domain", domain, "--empty", env=QUICK) as other, other.client() as client:
        bring(client, table(["stranger", *KEYS[3::-1]]))
        number = client.post("/models", body=artefact, headers=BYTES).json["model_id"]
        promoted(client, number)
        assert names(results(client, finished(client, {"age": 30}, candidates=KEYS[:4])))[0] == "a/b"


def test_a_model_is_trained_from_a_file_of_named_items(client, domain, tmp_path):
    bring(client)
    rows = ["request\tage\tprice\tsku\tlabel"]
    for number in range(60):
        rows += [f"{number}\t30\t1\ta/b\t0", f"{number}\t30\t4\t🍎\t1"]
    (tmp_path / "rows.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    made = run("train", "--family", "popularity", "--data", tmp_path / "rows.tsv", "--domain", domain, "--out", tmp_path)
    assert made.returncode == 0, made.stderr
    artefact = (tmp_path / "model.rankloop").read_bytes()
    promoted(client, client.post("/models", body=artefact, headers=BYTES).json["model_id"])
    assert names(results(client, finished(client, {"age": 30}, candidates=["a/b", "🍎"]))) == ["🍎", "a/b"]


def test_commands_import_named_items_and_their_history(domain, tmp_path):
    (tmp_path / "things.csv").write_text(table(), encoding="utf-8")
    (tmp_path / "past.jsonl").write_text(past_requests(5), encoding="utf-8")
    (tmp_path / "past.csv").write_text("request,sku,picked\nr1,a/b,0\nr1,🍎,1\n", encoding="utf-8")
    place = ["--domain", domain, "--data-dir", tmp_path / "data"]
    assert run("import", "items", tmp_path / "things.csv", *place).returncode == 0
    assert run("import", "history", tmp_path / "past.jsonl", *place).returncode == 0
    brought = run("import", "history", tmp_path / "past.csv", "--request-column", "request", "--picked-column", "picked", *place)
    assert brought.returncode == 0, brought.stderr
    with Server("--domain", domain, data_dir=tmp_path / "data", env=QUICK) as server, server.client() as client:
        assert listed(client) == KEYS
        tasks = client.get("/tasks?kind=inference&limit=10").json
        picks = [row["sku"] for task in tasks
                 for row in client.get(f"/content/results?task_id={task['task_id']}").json if row["label"] == 1]
        assert sorted(picks) == ["a/b"] * 5 + ["🍎"]


def test_the_type_of_ids_stays_what_it_was(domain, tmp_path):
    numbers = tmp_path / "numbers.toml"
    numbers.write_text(DOMAIN.replace('{field = "sku", type = "string"}', '"sku"'))
    assert "the type of the item's id was string, is int" in run("domain", "diff", domain, numbers).stdout
    with Server("--domain", domain, "--empty", data_dir=tmp_path / "data", env=QUICK) as server, server.client() as client:
        bring(client)  # an unused store takes any domain
    refused = run("serve", "--domain", numbers, "--data-dir", tmp_path / "data", "--listen", "127.0.0.1:0")
    assert refused.returncode != 0 and "the type of the item's id was string, is int" in refused.stderr, refused


def test_the_description_says_texts(client):
    described = client.get("/openapi.json").json
    sku = described["components"]["schemas"]["Thing"]["properties"]["sku"]
    assert (sku["type"], sku["minLength"], sku["maxLength"]) == ("string", 1, 256)
    assert "sku" in described["components"]["schemas"]["ThingData"]["required"]
    [parameter] = described["paths"]["/items/{item_id}"]["patch"]["parameters"][:1]
    assert parameter["schema"]["type"] == "string"


def test_postgres_names_the_same_and_a_store_moves_both_ways(postgres, domain, tmp_path):
    url = postgres.new_database("things")
    with Server("--domain", domain, "--empty", env={**QUICK, "RANKLOOP_STORE": url}) as server, server.client() as client:
        bring(client)
        bring_history(client)
        assert client.request("DELETE", at("%2F", "/items/")).status == 204
        task = finished(client, {"age": 30})
        assert select(client, task, names(results(client, task))[0]).status == 200
        before = seen(client, task)
    there = run("migrate-store", "--from", url, "--to", f"sqlite:{tmp_path / 'data'}", "--json")
    assert there.returncode == 0, there.stderr
    tables = {table["name"]: table for table in json.loads(there.stdout)["tables"]}
    assert tables["item_keys"]["rows"] == len(KEYS)
    with Server("--domain", domain, data_dir=tmp_path / "data", env=QUICK) as server, server.client() as client:
        assert seen(client, task) == before
        assert client.post("/items", {"sku": "%2F", "price": 6}).status == 201
        server.stop()
    back = postgres.new_database("things_back")
    assert run("migrate-store", "--from", f"sqlite:{tmp_path / 'data'}", "--to", back).returncode == 0
    with Server("--domain", domain, env={**QUICK, "RANKLOOP_STORE": back}) as server, server.client() as client:
        assert listed(client) == KEYS
        assert client.post("/items", {"sku": "after", "price": 1}).status == 201
        assert listed(client) == [*KEYS, "after"]


def test_two_servers_of_a_database_know_each_others_items(postgres, domain):
    settings = {**QUICK, "RANKLOOP_STORE": postgres.new_database("shared")}
    with Server("--domain", domain, "--empty", env=settings) as one, one.client() as first:
        bring(first)
        with Server("--domain", domain, env=settings) as two, two.client() as second:
            for number in range(10):
                added, read = (first, second) if number % 2 else (second, first)
                key = f"new/{number}"
                answer = added.post("/items", {"sku": key, "price": number})
                if answer.status == 409:  # the other's change was a moment ahead
                    answer = added.post("/items", {"sku": key, "price": number})
                assert answer.status == 201, answer
                wait_until(lambda key=key, read=read: key in listed(read), what=f"{key} on the other server")
                task = finished(added, {"age": 30}, candidates=[key])
                assert names(results(read, task)) == [key]
                assert select(read, task, key).status == 200
            assert sorted(listed(first)) == sorted(listed(second))


def test_candidates_that_name_nothing_are_told_by_the_start_and_with_the_results(server):
    known, unknown = KEYS[0], [{"id": "no such", "reason": "unknown"}, {"id": "🍏", "reason": "unknown"}]
    doubled = {"id": known, "reason": "doubled"}

    def look(client):
        assert client.get(f"/inference/status/{task}?wait=30s").json["left_out"] == [doubled, *unknown]
        answer = client.get(f"/inference/results/{task}")
        assert names(answer.json) == [known]
        assert answer.headers["X-Left-Out"] == f'"{known}" doubled, "no such" unknown, 1 more'

    with server.client() as client:
        bring(client)
        asked = {"age": 30, "candidates": [known, "no such", known, "🍏"]}
        task = client.post("/inference/start", asked).json["task_id"]
        assert client.post("/inference/start", asked).json["left_out"] == unknown
        waited = client.post("/inference/start?wait=20s", asked).json
        assert waited["left_out"] == [doubled, *unknown] and names(waited["results"]) == [known]
        look(client)
    server.stop()
    server.start()
    with server.client() as client:
        look(client)
