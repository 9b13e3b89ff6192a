"""Another domain: real itineraries from a file of the domain's own, without a line of code for it."""

import csv
import json

import pytest

from guests import finished, results, start
from rankloop_process import ROOT, Server, run

DOMAIN = ROOT / "domain/flights.toml"
TABLE = ROOT / "data/flights/arc.csv"
ROWS = 6023
MARKET = ("origin", "destination", "traveler")


@pytest.fixture(scope="module")
def rows():
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def flights():
    with Server("--domain", DOMAIN, "--empty") as server:
        with server.client() as client:
            answer = client.request("POST", "/items:import?number_rows=true", body=TABLE.read_bytes(),
                                    headers={"Content-Type": "text/csv"})
            assert (answer.status, answer.json["rows"], answer.json["created"]) == (200, ROWS, ROWS), answer
        yield server


@pytest.fixture
def traveller(flights):
    with flights.client() as client:
        yield client


def request_of(row):
    return {name: int(row[name]) for name in MARKET}


def test_every_row_is_an_item(traveller, rows):
    assert len(rows) == ROWS
    assert traveller.get("/content/info").json == {"itineraries": ROWS, "travellers": 0}
    answer = traveller.get("/content/itineraries?limit=10000")
    assert [item["itinerary_id"] for item in answer.json] == list(range(1, ROWS + 1))
    for item, row in zip(answer.json, rows):
        assert item["carrier"] == int(row["carrier"])
        assert item["fare"] == pytest.approx(max(float(row["fare_hy"]), float(row["fare_ly"])))


def test_only_itineraries_of_the_own_market_are_ranked(traveller, rows):
    markets = {}
    for number, row in enumerate(rows, 1):
        markets.setdefault(tuple(int(row[name]) for name in MARKET), set()).add(number)
    assert len(markets) == 20
    for market, eligible in markets.items():
        ranked = results(traveller, finished(traveller, dict(zip(MARKET, market))), 1000)
        assert {row["itinerary_id"] for row in ranked} == eligible


def test_candidates_outside_the_market_are_left_out(traveller, rows):
    own = request_of(rows[0])
    foreign = next(n for n, row in enumerate(rows, 1) if request_of(row) != own)
    ranked = results(traveller, finished(traveller, own, candidates=[1, foreign]))
    assert [row["itinerary_id"] for row in ranked] == [1]


def test_a_market_without_itineraries_is_a_success_without_results(traveller):
    task = finished(traveller, {"origin": 1, "destination": 2, "traveler": 1})
    assert results(traveller, task) == []


def test_a_pick_names_the_itinerary(traveller, rows):
    task = finished(traveller, request_of(rows[0]))
    item = results(traveller, task)[0]["itinerary_id"]
    answer = traveller.put("/inference/select", {"task_id": task, "itinerary_id": item})
    assert (answer.status, answer.json["itinerary_id"], answer.json["label"]) == (200, item, 1)
    assert answer.json["traveller_id"] >= 1
    wrong = traveller.put("/inference/select", {"task_id": task, "location_id": item})
    assert (wrong.status, wrong.json["detail"][0]["loc"]) == (422, ["body", "itinerary_id"])


def test_a_pick_that_is_not_there_is_told_in_the_domains_words(traveller, rows):
    task = finished(traveller, request_of(rows[0]))
    answer = traveller.put("/inference/select", {"task_id": task, "itinerary_id": 999999})
    assert (answer.status, answer.json) == (404, {"detail": "Result not found: invalid task_id or itinerary_id"})


@pytest.mark.parametrize("name, value", [("traveler", 3), ("origin", "444"), ("destination", -1)])
def test_requests_are_checked_by_the_file(traveller, rows, name, value):
    answer = traveller.post("/inference/start", {**request_of(rows[0]), name: value})
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["body", name])


def test_the_description_follows_the_file(traveller):
    document = traveller.get("/openapi.json").json
    assert {"/content/itineraries", "/content/itinerary/{itinerary_id}", "/content/travellers"} <= set(
        document["paths"])
    schemas = document["components"]["schemas"]
    assert {"origin", "destination", "traveler"} <= set(schemas["TravellerData"]["properties"])
    assert "itinerary_id" in schemas["LabelData"]["properties"]
    assert "location" not in json.dumps(document).lower()
    assert traveller.get("/content/locations").status == 404


def test_items_are_imported_offline(tmp_path, rows):
    data = tmp_path / "data"
    outcome = run("import", "items", TABLE, "--number-rows", "--domain", DOMAIN, "--data-dir", data, "--json")
    assert outcome.returncode == 0, outcome.stderr
    report = json.loads(outcome.stdout)
    assert (report["rows"], report["created"], report["updated"]) == (ROWS, ROWS, 0)
    with Server("--domain", DOMAIN, data_dir=data) as server, server.client() as client:
        assert client.get("/content/info").json["itineraries"] == ROWS
        eligible = sum(request_of(row) == request_of(rows[0]) for row in rows)
        assert len(results(client, finished(client, request_of(rows[0])), 1000)) == eligible


def test_items_are_imported_through_the_running_server(tmp_path):
    few = tmp_path / "few.csv"
    few.write_text("".join(TABLE.open().readlines()[:11]))
    with Server("--domain", DOMAIN, "--workers", "0") as server, server.client() as client:
        outcome = run("import", "items", few, "--number-rows", "--data-dir", server.data_dir, "--json")
        assert outcome.returncode == 0, outcome.stderr
        assert client.get("/content/info").json["itineraries"] == 10


def test_boosted_trees_find_what_travellers_choose(tmp_path, rows):
    """A fifth of the choice sets judges a model of the others."""
    travellers = {}
    for row in rows:
        travellers[row["id_case"]] = travellers.get(row["id_case"], 0) + float(row["choice"])
    names = [name for name in rows[0] if name not in ("id_case", "choice")]
    for file, judges in (("train.tsv", False), ("test.tsv", True)):
        with (tmp_path / file).open("w", newline="") as out:
            writer = csv.writer(out, delimiter="\t")
            writer.writerow(["request", "label", "weight", "itinerary_id", *names])
            for number, row in enumerate(rows, 1):
                count = travellers[row["id_case"]]
                if (int(row["id_case"]) % 5 == 0) == judges:
                    writer.writerow([row["id_case"], float(row["choice"]) / count, count, number,
                                     *(row[name] for name in names)])
    outcome = run("train", "--family", "gbdt", "--objective", "listwise", "--domain", DOMAIN, "--data",
                  tmp_path / "train.tsv", "--test", tmp_path / "test.tsv", "--out", tmp_path / "model", "--json")
    assert outcome.returncode == 0, outcome.stderr
    told = json.loads(outcome.stdout)
    assert told["test"]["requests"] == 21 and told["test"]["mrr"] >= 0.19, told


def changed(tmp_path, old, new):
    text = DOMAIN.read_text()
    assert old in text
    file = tmp_path / "changed.toml"
    file.write_text(text.replace(old, new, 1))
    return file


def serve_changed(tmp_path, file):
    data = tmp_path / "data"
    with Server("--domain", DOMAIN, "--workers", "0", data_dir=data) as server:
        with server.client() as client:
            start(client, {"origin": 1, "destination": 2, "traveler": 1})
    return run("serve", "--domain", file, "--data-dir", data, "--listen", "127.0.0.1:0", seconds=60)


@pytest.mark.parametrize("old, new, word", [
    ('name = "nb_cnxs"', 'name = "stops"', "nb_cnxs"),
    ('name = "elapsed_time"\ntype = "int"', 'name = "elapsed_time"\ntype = "float"', "elapsed_time"),
    ('[[request.field]]\nname = "traveler"', '[[request.field]]\nname = "age"\ntype = "int"\n\n'
     '[[request.field]]\nname = "traveler"', "age"),
], ids=["renamed", "retyped", "required"])
def test_a_change_that_is_not_additive_is_refused(tmp_path, old, new, word):
    file = changed(tmp_path, old, new)
    if word == "nb_cnxs":
        file.write_text(file.read_text().replace('"nb_cnxs"', '"stops"'))
    outcome = serve_changed(tmp_path, file)
    assert outcome.returncode != 0
    assert word in outcome.stderr


def test_an_additive_change_is_taken_over(tmp_path):
    file = changed(tmp_path, '[[request.derived]]', '[[request.field]]\nname = "bags"\ntype = "int"\ndefault = 0\n\n'
                   '[[request.derived]]')
    data = tmp_path / "data"
    with Server("--domain", DOMAIN, "--workers", "0", data_dir=data):
        pass
    with Server("--domain", file, "--workers", "0", data_dir=data) as server, server.client() as client:
        assert "bags" in client.get("/openapi.json").json["components"]["schemas"]["TravellerData"]["properties"]


def test_another_domain_on_the_same_data_is_refused(tmp_path):
    outcome = serve_changed(tmp_path, ROOT / "domain/locations.toml")
    assert outcome.returncode != 0
    assert "flights" in outcome.stderr and "locations" in outcome.stderr


def test_a_model_of_other_features_is_refused(seeded_data, tmp_path):
    text = (ROOT / "domain/locations.toml").read_text()
    start_of_model = text.index("[model]")
    features = text.index('"nights", ', start_of_model)
    file = tmp_path / "fewer.toml"
    file.write_text(text[:features] + text[features + len('"nights", '):])
    with Server("--workers", "0", copy_of=seeded_data) as server:
        server.stop()
        outcome = run("serve", "--domain", file, "--data-dir", server.data_dir, "--listen", "127.0.0.1:0", seconds=60)
        assert outcome.returncode != 0
        assert "feature" in outcome.stderr
