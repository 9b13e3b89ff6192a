"""Changing the catalog: one item, many items, and what history keeps."""

import json

import pytest

from guests import PLACE, PLACE_KEYS, finished, places_csv, results, stored_results, without
from rankloop_process import wait_until

CHEAP = {**PLACE, "price": 1.0}
CHANGED = 199  # neither the worst nor the best for the guest, so that its score can move


def add(client, **fields):
    answer = client.post("/items", {**PLACE, **fields})
    assert answer.status == 201, answer
    return answer.json


def import_text(client, text, content_type="text/csv", query="?number_rows=true"):
    return client.request("POST", f"/items:import{query}", body=text, headers={"Content-Type": content_type})


def test_an_item_gets_the_next_free_id(own_client):
    item = add(own_client)
    assert list(item) == PLACE_KEYS
    assert item == {"location_id": 211, "creation_time": item["creation_time"], **PLACE}
    assert own_client.get("/content/location/211").json == item
    assert add(own_client)["location_id"] == 212


def test_an_item_may_bring_its_id_once(own_client):
    assert add(own_client, location_id=5000)["location_id"] == 5000
    answer = own_client.post("/items", {**PLACE, "location_id": 5000})
    assert answer.status == 409
    assert "5000" in answer.json["detail"]


@pytest.mark.parametrize("item_id", [0, -1, 1.5, "7", True, 2**53])
def test_a_bad_id_of_an_item_is_refused(client, item_id):
    answer = client.post("/items", {**PLACE, "location_id": item_id})
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["body", "location_id"])


def test_an_item_may_say_where_it_lies(own_client):
    item = add(own_client, lat=46.95, lon=7.44)
    assert (item["lat"], item["lon"]) == (46.95, 7.44)
    assert own_client.get(f"/content/location/{item['location_id']}").json == item


def test_all_faults_of_an_item_come_at_once(client):
    answer = client.post("/items", {**without(PLACE, "dinner"), "price": -1, "has_pool": "yes", "lat": 91})
    assert answer.status == 422
    assert {fault["loc"][1] for fault in answer.json["detail"]} >= {"dinner", "price", "has_pool"}
    assert all(set(fault) == {"loc", "msg", "type"} for fault in answer.json["detail"])


def test_a_new_item_is_ranked(own_client):
    item = add(own_client)["location_id"]
    task = finished(own_client)
    assert item in {row["location_id"] for row in results(own_client, task, 1000)}


def test_a_changed_item_keeps_its_old_results(own_client):
    before = finished(own_client, candidates=[CHANGED])
    seen = results(own_client, before)[0]
    price = round(seen["price"] + 77, 2)
    answer = own_client.request("PATCH", f"/items/{CHANGED}", json={"price": price})
    assert (answer.status, answer.json["price"]) == (200, price)
    assert without(answer.json, "price") == without(without(seen, "score"), "price")
    assert own_client.get(f"/content/location/{CHANGED}").json == answer.json
    assert results(own_client, before)[0] == seen
    after = results(own_client, finished(own_client, candidates=[CHANGED]))[0]
    assert after["price"] == price
    assert after["score"] != seen["score"]


def test_a_deleted_item_is_hidden_from_new_inferences_only(own_client):
    before = finished(own_client, candidates=[8, 9])
    seen = results(own_client, before)
    answer = own_client.request("DELETE", "/items/8")
    assert (answer.status, answer.body) == (204, b"")
    assert own_client.get("/content/location/8").status == 404
    assert own_client.get("/content/info").json["locations"] == 209
    assert 8 not in {row["location_id"] for row in own_client.get("/content/locations").json}
    assert results(own_client, before) == seen
    assert {row["location_id"] for row in stored_results(own_client, before)} == {8, 9}
    assert [row["location_id"] for row in results(own_client, finished(own_client, candidates=[8, 9]))] == [9]
    assert 8 not in {row["location_id"] for row in results(own_client, finished(own_client), 1000)}


def test_old_results_survive_a_restart_with_their_old_values(own_server):
    with own_server.client() as client:
        task = finished(client, candidates=[3, 4])
        seen = results(client, task)
        client.request("PATCH", "/items/3", json={"price": 9999})
        client.request("DELETE", "/items/4")
    own_server.stop()
    own_server.start()
    with own_server.client() as client:
        assert results(client, task) == seen
        assert client.get("/content/location/3").json["price"] == 9999
        assert client.get("/content/location/4").status == 404


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("item_id", ["999999", "0", "-1", "x", "1.0", "99999999999999999999"])
def test_changing_an_unknown_item_is_not_found(client, method, item_id):
    options = {"json": {"price": 1}} if method == "PATCH" else {}
    answer = client.request(method, f"/items/{item_id}", **options)
    assert answer.status == 404
    assert "location" in answer.json["detail"]


def test_a_deleted_item_cannot_be_changed(own_client):
    own_client.request("DELETE", "/items/8")
    assert own_client.request("DELETE", "/items/8").status == 404
    assert own_client.request("PATCH", "/items/8", json={"price": 1}).status == 404


@pytest.mark.parametrize("changes, name", [({"price": -1}, "price"), ({"price": None}, "price"),
                                           ({"has_spa": 1}, "has_spa"), ({"user_score": "4"}, "user_score")])
def test_a_bad_change_changes_nothing(client, changes, name):
    before = client.get("/content/location/12").json
    answer = client.request("PATCH", "/items/12", json={"near_lake": not before["near_lake"], **changes})
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["body", name])
    assert client.get("/content/location/12").json == before


@pytest.mark.parametrize("text, content_type", [
    (places_csv(PLACE, CHEAP), "text/csv"),
    (places_csv(PLACE, CHEAP), "text/csv; charset=utf-8"),
    ("\ufeff" + places_csv(PLACE, CHEAP).replace("\n", "\r\n"), "text/csv"),
    (places_csv(PLACE, CHEAP, separator="\t"), "text/tab-separated-values"),
    (json.dumps(PLACE) + "\n" + json.dumps(CHEAP) + "\n", "application/x-ndjson"),
    (json.dumps(PLACE) + "\n\n" + json.dumps(CHEAP), "application/jsonl"),
], ids=["csv", "csv-charset", "csv-spreadsheet", "tsv", "ndjson", "jsonl"])
def test_an_import_adds_every_row(own_client, text, content_type):
    answer = import_text(own_client, text.encode(), content_type)
    assert answer.status == 200, answer
    assert list(answer.json) == ["rows", "created", "updated", "catalog_version", "unknown_fields", "unknown", "bad_rows",
                                 "bad", "repeated_headers", "separator", "encoding", "compression", "seconds",
                                 "rows_per_second"]
    assert (answer.json["rows"], answer.json["created"], answer.json["updated"]) == (2, 2, 0)
    added = [own_client.get(f"/content/location/{number}").json for number in (211, 212)]
    assert [item["price"] for item in added] == [120.5, 1.0]
    assert without(without(added[0], "location_id"), "creation_time") == PLACE


def test_an_import_replaces_items_with_a_known_id(own_client):
    before = finished(own_client, candidates=[1])
    seen = results(own_client, before)
    rows = places_csv({"location_id": 1, **CHEAP}, {"location_id": 700, **PLACE})
    answer = import_text(own_client, rows)
    assert (answer.json["rows"], answer.json["created"], answer.json["updated"]) == (2, 1, 1)
    assert own_client.get("/content/location/1").json["price"] == 1.0
    assert own_client.get("/content/location/700").json["price"] == 120.5
    assert results(own_client, before) == seen


def test_an_import_counts_what_it_does_not_know(own_client):
    answer = import_text(own_client, places_csv({**PLACE, "colour": "red"}, {**PLACE, "colour": "blue"}))
    assert (answer.status, answer.json["unknown_fields"]) == (200, 2)
    assert answer.json["unknown"] == [{"name": "colour", "count": 2, "nearest": None}]


def test_a_table_without_a_column_of_ids_is_refused(client):
    before = client.get("/content/info").json
    for query, words in [("", ["no column 'location_id'", "id_column", "number_rows"]),
                         ("?id_column=place", ["no column 'place'"])]:
        answer = import_text(client, places_csv({"id": 700, **PLACE}), query=query)
        assert answer.status == 422 and len(answer.json["detail"]) == 1
        assert all(word in answer.json["detail"][0]["msg"] for word in words), answer.json
    assert client.get("/content/info").json == before


def test_ids_may_stand_under_another_name(own_client):
    answer = import_text(own_client, places_csv({"id": 700, **PLACE}), query="?id_column=id&strict=true")
    assert (answer.status, answer.json["created"], answer.json["unknown"]) == (200, 1, [])
    assert own_client.get("/content/location/700").json["price"] == 120.5


def test_a_strict_import_refuses_what_nobody_knows(client):
    before = client.get("/content/info").json
    answer = import_text(client, places_csv({"location_id": 700, **PLACE, "prise": 3}), query="?strict=true")
    assert answer.status == 422 and "'prise'" in answer.text and "did you mean 'price'" in answer.text
    assert client.get("/content/info").json == before
    assert import_text(client, "", query="?strict=perhaps").status == 422


def test_an_import_is_answered_when_it_serves(own_client):
    answer = import_text(own_client, places_csv(*[PLACE] * 30000))
    assert answer.status == 200
    assert own_client.get("/content/info").json["locations"] == 30210
    assert own_client.request("PATCH", "/items/30210", json={"price": 2}).status == 200


def test_other_separators_and_words_are_understood(own_client):
    row = {"location_id": 700, **PLACE}
    text = ";".join(row) + "\r" + ";".join(str(value) for value in row.values()) + "\r"  # True and False, as pandas has it
    answer = import_text(own_client, text, query="")
    assert (answer.status, answer.json["created"]) == (200, 1), answer
    assert own_client.get("/content/location/700").json["has_pool"] == PLACE["has_pool"]


@pytest.mark.parametrize("text, content_type, lines", [
    (places_csv(PLACE, {**PLACE, "price": "dear"}, PLACE, {**PLACE, "has_spa": "maybe"}), "text/csv", [3, 5]),
    (places_csv(PLACE) + "1,2,3\n", "text/csv", [3]),
    (places_csv({"location_id": "x", **PLACE}), "text/csv", [2]),
    (places_csv(PLACE) + '"never closed', "text/csv", [3]),
    (json.dumps(PLACE) + "\n{broken\n[1]\n", "application/x-ndjson", [2, 3]),
    (json.dumps(without(PLACE, "price")) + "\n", "application/jsonl", [1]),
], ids=["values", "width", "id", "quote", "json", "missing"])
def test_an_import_is_all_or_nothing_and_names_lines(client, text, content_type, lines):
    before = client.get("/content/info").json
    answer = import_text(client, text, content_type)
    assert answer.status == 422
    places = [fault["loc"] for fault in answer.json["detail"]]
    assert all(place[0] == "body" for place in places)
    assert sorted({int(place[1].removeprefix("line ")) for place in places}) == lines
    assert client.get("/content/info").json == before


def test_an_import_of_nothing_changes_nothing(client):
    answer = import_text(client, places_csv(PLACE).splitlines()[0])
    assert (answer.status, answer.json["rows"]) == (200, 0)
    assert import_text(client, "").status == 200


def test_an_import_of_another_type_is_refused(client):
    answer = import_text(client, "{}", "application/json")
    assert answer.status == 415
    assert "text/csv" in answer.json["detail"]


def test_an_import_may_be_larger_than_other_bodies(own_client):
    text = places_csv(*[PLACE] * 15000)
    assert len(text) > 1 << 20
    answer = import_text(own_client, text)
    assert (answer.status, answer.json["created"]) == (200, 15000)
    wait_until(lambda: own_client.get("/content/info").json["locations"] == 15210, what="the whole catalog")
