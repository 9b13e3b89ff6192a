"""History of another system: imported whole or not at all, and learned from."""

import json
import threading

import pytest

from guests import GUEST, stored_results, without
from learning import LINES, QUICK, champion, import_history, model, past_requests, promoted, trained
from rankloop_process import Server


@pytest.fixture(scope="module")
def historian():
    with Server(env=QUICK) as server:
        yield server


@pytest.fixture
def client(historian):
    with historian.client() as client:
        yield client


@pytest.fixture
def own_client():
    with Server(env=QUICK) as server, server.client() as client:
        yield client


def line(**changes):
    fields = {"request": GUEST, "shown": [5, 3, 9], "picked": [3], "user_key": "Ann", "at": "2026-03-01T12:00:00Z"}
    return json.dumps({name: value for name, value in {**fields, **changes}.items() if value is not ...})


def send(client, *lines, **options):
    return client.post("/history:import", body="\n".join(lines), headers={**LINES, **options})


def users(client):
    return client.get("/content/info").json["users"]


def newest(client):
    return client.get("/tasks?kind=inference&limit=1").json[0]["task_id"]


def test_a_past_request_reads_like_any_other(own_client):
    assert send(own_client, line()).json == {"requests": 1, "repeated": 0, "unknown_fields": 0, "unknown": [],
                                            "bad_rows": 0, "bad": [], "encoding": "utf-8", "compression": "none"}
    assert users(own_client) == 1
    rows = stored_results(own_client, newest(own_client))
    assert [(row["location_id"], row["shown"], row["position"], row["label"]) for row in rows] == [
        (5, True, 1, 0), (3, True, 2, 1), (9, True, 3, 0)]
    assert {row["shown_at"] for row in rows} == {"2026-03-01T12:00:00.000Z"}
    user = own_client.get(f"/content/user/{rows[0]['user_id']}").json
    assert (user["budget"], user["age_avg"]) == (400.0, 32)


def test_empty_lines_and_line_ends_are_no_hindrance(client):
    before = users(client)
    answer = client.post("/history:import", body=line() + "\r\n\n  \n" + line() + "\n", headers=LINES)
    assert (answer.status, answer.json["requests"]) == (200, 2)
    assert users(client) == before + 2
    assert send(client, "").status == 422
    assert send(client, line(at=..., user_key=...)).json["requests"] == 1


@pytest.mark.parametrize("changes, path, words", [
    ({"request": ...}, ["request"], "required"), ({"shown": ...}, ["shown"], "required"),
    ({"shown": []}, ["shown"], "list"), ({"shown": 3}, ["shown"], "list"), ({"shown": [3, "5"]}, ["shown"], "whole"),
    ({"shown": [3, 3.5]}, ["shown"], "whole"), ({"shown": [3, 5, 3]}, ["shown"], "twice"),
    ({"shown": [1] * 65_536}, ["shown"], "more than 65535 items"),
    ({"shown": [3, 999]}, ["shown"], "999"), ({"picked": [7]}, ["picked"], "not shown"),
    ({"picked": 3}, ["picked"], "list"), ({"picked": [{"item": 3, "weight": 0}]}, ["picked"], "weight"),
    ({"picked": [{"item": 3, "weight": 1e300}]}, ["picked"], "1000000000"),
    ({"at": "1900-01-01T00:00:00Z"}, ["at"], "2026"),
    ({"picked": [{"weight": 2}]}, ["picked"], "item"), ({"user_key": "a\0b"}, ["user_key"], "128"),
    ({"user_key": ""}, ["user_key"], "128"),
    ({"user_key": "x" * 129}, ["user_key"], "128"), ({"user_key": 3.5}, ["user_key"], "string"),
    ({"picked": [3, 3]}, ["picked"], "twice"), ({"picked": [{"item": 3, "rating": 4}]}, ["picked"], "rating"),
    ({"at": "9999-12-31T23:59:59Z"}, ["at"], "past"), ({"positions": [2, 3, 4]}, ["positions"], "gaps"),
    ({"at": "yesterday"}, ["at"], "2026"), ({"at": 3}, ["at"], "2026"),
    ({"request": without(GUEST, "budget")}, ["request", "budget"], "required"),
    ({"request": {**GUEST, "nights": "2"}}, ["request", "nights"], "whole"),
    ({"request": []}, ["request"], ""),
])
def test_a_bad_line_is_named_and_nothing_is_imported(client, changes, path, words):
    before = users(client)
    answer = send(client, line(), line(), line(**changes), line())
    assert answer.status == 422
    assert answer.json["detail"][0]["loc"] == ["line 3", *path]
    assert words in answer.json["detail"][0]["msg"].lower()
    assert users(client) == before


def test_every_fault_of_a_line_is_told(client):
    bad = line(shown=[1, 1, 999], picked=[7], user_key="", at="yesterday", request={**GUEST, "budget": -1, "nights": 0})
    answer = send(client, bad)
    assert answer.status == 422
    assert {tuple(fault["loc"][1:]) for fault in answer.json["detail"]} == {
        ("shown",), ("picked",), ("user_key",), ("at",), ("request", "budget"), ("request", "nights")}


def test_a_request_with_an_id_is_imported_once(client):
    before = users(client)
    answers = [send(client, line(id="once"), line(id=17)) for _ in range(2)]
    assert [(answer.json["requests"], answer.json["repeated"]) for answer in answers] == [(2, 0), (0, 2)]
    assert send(client, line(id="once", picked=[5])).status == 409
    assert users(client) == before + 2


def test_keys_that_nobody_knows_are_named(client):
    bad = line(clicked=[3], request={**GUEST, "nigths": 3})
    answer = send(client, line(), bad)
    assert (answer.status, answer.json["requests"], answer.json["unknown_fields"]) == (200, 2, 2)
    assert answer.json["unknown"] == [{"name": "clicked", "count": 1, "nearest": "picked"},
                                      {"name": "request.nigths", "count": 1, "nearest": "request.nights"}]
    before = users(client)
    refused = client.post("/history:import?strict=true", body=line() + "\n" + bad, headers=LINES)
    assert refused.status == 422 and "'clicked'" in refused.text
    assert users(client) == before


@pytest.mark.parametrize("bad", ["{", "[]", "3", '{"shown": [1], "shown": [2]}', '{"shown": NaN}', "\xff"])
def test_a_line_that_is_no_object_is_named(client, bad):
    before = users(client)
    answer = client.post("/history:import", body=(line() + "\n" + bad).encode("latin-1"), headers=LINES)
    assert answer.status == 422 and "line 2" in answer.text
    assert users(client) == before


def test_requests_are_taken_between_the_portions_of_an_import(historian):
    lines = [line(user_key=f"person {number}") for number in range(40_000)]
    answers = []

    def imported():
        with historian.client() as other:
            answers.append(send(other, *lines).status)

    with historian.client() as client:
        before = users(client)
        importing = threading.Thread(target=imported)
        importing.start()
        while importing.is_alive() and users(client) == before:
            pass
        assert users(client) < before + len(lines)
        start = client.post("/inference/start", GUEST)
        assert start.status == 200
        still_importing = users(client) < before + 1 + len(lines)
        importing.join()
        assert users(client) == before + 1 + len(lines)
    assert still_importing, "the request waited for the whole import"
    assert answers == [200]


@pytest.mark.parametrize("kind", ["application/json", "text/csv", "text/plain"])
def test_another_type_of_body_is_refused(client, kind):
    answer = client.post("/history:import", body=line(), headers={"Content-Type": kind})
    assert answer.status == 415 and "ndjson" in answer.json["detail"]


def test_a_repeated_import_under_a_key_is_made_once(client):
    before = users(client)
    answered = [send(client, line(), **{"Idempotency-Key": "history"}) for _ in range(2)]
    assert [(answer.status, answer.json["requests"]) for answer in answered] == [(200, 1)] * 2
    assert users(client) == before + 1


def test_a_deleted_item_cannot_have_been_shown_and_an_old_one_stays(own_client):
    send(own_client, line())
    task = newest(own_client)
    assert own_client.request("DELETE", "/items/9").status == 204
    assert send(own_client, line()).status == 422
    assert [row["location_id"] for row in stored_results(own_client, task)] == [5, 3, 9]


# Learning.

def test_a_model_learns_from_history(own_client):
    import_history(own_client, past_requests(300))
    send(own_client, *[line(picked=...) for _ in range(7)])
    number = trained(own_client, family="popularity", promote="manual")
    lineage = model(own_client, number)["lineage"]
    assert (lineage["requests"], lineage["rows"], lineage["without_outcome"]) == (300, 3000, 7)
    assert 10 < lineage["none_chosen"] < 60
    assert model(own_client, number)["metrics"]["test"]["auc"] > 0.8
    assert model(own_client, number)["gate"]["logged_by"] == [{"model": "none", "requests": 60}]


def test_the_gate_lets_a_model_of_history_answer(own_client):
    import_history(own_client, past_requests(300))
    number = trained(own_client, family="popularity")
    assert (model(own_client, number)["verdict"], champion(own_client)) == ("promote", number)


@pytest.mark.parametrize("weight, order", [(90, [1, 2, 3]), (10, [2, 1, 3])])
def test_weights_count_people(weight, order):
    # Of 100 choosers in each market so many took place 1, the others place 2.
    picked = [{"item": 1, "weight": weight}, {"item": 2, "weight": 100 - weight}]
    with Server(env=QUICK) as server:
        with server.client() as client:
            send(client, *[line(shown=[1, 2, 3], picked=picked, user_key=f"market-{n}") for n in range(60)])
            promoted(client, trained(client, family="popularity", promote="manual"))
        server.stop()
        server.start()
        with server.client() as client:
            answer = client.post("/inference/start?wait=20s", {**GUEST, "candidates": [1, 2, 3]}).json
            assert [row["location_id"] for row in answer["results"]] == order
