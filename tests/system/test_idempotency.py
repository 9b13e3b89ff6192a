"""Idempotency-Key: one request, however often it is sent, is carried out once."""

import threading
import uuid

import pytest

from guests import GUEST, PLACE, finished, metric, places_csv, results, stored_results, without


@pytest.fixture
def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def users(client):
    return client.get("/content/info").json["users"]


def test_a_repeated_start_answers_the_same_task_afresh(own_client, key):
    first = own_client.post("/inference/start", GUEST, headers=key)
    assert (first.status, first.headers["Idempotency-Replayed"]) == (200, None)
    own_client.get(f"/inference/status/{first.json['task_id']}?wait=30s")
    again = own_client.post("/inference/start", GUEST, headers=key)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json == {**first.json, "status": "SUCCESS"}
    assert users(own_client) == 1


def test_another_body_under_the_same_key_is_refused(own_client, key):
    own_client.post("/inference/start", GUEST, headers=key)
    answer = own_client.post("/inference/start", {**GUEST, "nights": 3}, headers=key)
    assert answer.status == 409
    assert "Idempotency-Key" in answer.json["detail"]
    assert users(own_client) == 1


def test_another_query_under_the_same_key_is_refused(client, key):
    assert client.post("/inference/start", GUEST, headers=key).status == 200
    assert client.post("/inference/start?limit=3", GUEST, headers=key).status == 409


def test_a_key_belongs_to_its_route(client, key):
    assert client.post("/inference/start", GUEST, headers=key).status == 200
    assert client.post("/items", GUEST, headers=key).status == 422
    assert client.put("/inference/select", {"task_id": "x", "location_id": 1}, headers=key).status == 404


def test_a_key_belongs_to_who_sent_it(own_server, key):
    def from_address(address, nights):
        with own_server.client() as client:
            client.connection.source_address = (address, 0)
            return client.post("/inference/start", {**GUEST, "nights": nights}, headers=key)

    first, other, again = from_address("127.0.0.1", 1), from_address("127.0.0.2", 2), from_address("127.0.0.1", 1)
    assert [answer.status for answer in (first, other, again)] == [200, 200, 200]
    assert first.json["task_id"] == again.json["task_id"] != other.json["task_id"]


def test_invalid_input_is_kept_too(client, key):
    first = client.post("/inference/start", without(GUEST, "budget"), headers=key)
    again = client.post("/inference/start", without(GUEST, "budget"), headers=key)
    assert (first.status, again.status, again.headers["Idempotency-Replayed"]) == (422, 422, "true")
    assert again.body == first.body
    assert client.post("/inference/start", GUEST, headers=key).status == 409


def test_a_repeated_select_answers_the_same_and_counts_once(client, key):
    task = finished(client)
    item = results(client, task)[2]["location_id"]
    before = metric(client, "rankloop_feedback_good_total")
    answers = [client.put("/inference/select", {"task_id": task, "location_id": item}, headers=key)
               for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [answer.headers["Idempotency-Replayed"] for answer in answers] == [None, "true", "true"]
    assert answers[0].json == answers[1].json == answers[2].json
    assert metric(client, "rankloop_feedback_good_total") == before + 1


def test_a_repeated_none_chosen_answers_null(client, key):
    task = finished(client)
    answers = [client.put("/inference/select", {"task_id": task, "location_id": -1}, headers=key) for _ in range(2)]
    assert [(answer.status, answer.body) for answer in answers] == [(200, b"null")] * 2
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_a_repeated_item_is_added_once(own_client, key):
    first = own_client.post("/items", PLACE, headers=key)
    again = own_client.post("/items", PLACE, headers=key)
    assert (first.status, again.status, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert again.json == first.json
    assert own_client.get("/content/info").json["locations"] == 211
    assert own_client.post("/items", {**PLACE, "price": 1}, headers=key).status == 409


def test_a_repeated_import_adds_once(own_client, key):
    headers = {**key, "Content-Type": "text/csv"}
    answers = [own_client.request("POST", "/items:import?number_rows=true", body=places_csv(PLACE, PLACE), headers=headers)
               for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[1].json == answers[0].json
    assert own_client.get("/content/info").json["locations"] == 212


def test_a_key_outlives_the_process(own_server, key):
    with own_server.client() as client:
        first = client.post("/inference/start", GUEST, headers=key)
    own_server.stop()
    own_server.start()
    with own_server.client() as client:
        again = client.post("/inference/start", GUEST, headers=key)
        assert again.json["task_id"] == first.json["task_id"]
        assert users(client) == 1


def test_parallel_duplicates_are_carried_out_once(own_server, own_client, key):
    answers = []

    def send():
        with own_server.client() as client:
            answers.append(client.post("/inference/start?wait=20s", GUEST, headers=key))

    senders = [threading.Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(30)
    assert [answer.status for answer in answers] == [200] * 8
    assert len({answer.json["task_id"] for answer in answers}) == 1
    assert sum(answer.headers["Idempotency-Replayed"] is None for answer in answers) == 1
    assert users(own_client) == 1
    assert len(stored_results(own_client, answers[0].json["task_id"])) == 210


@pytest.mark.parametrize("bad", ["", "a b", "x" * 256, "\xe9"])
def test_a_bad_key_is_refused(client, bad):
    answer = client.post("/inference/start", GUEST, headers={"Idempotency-Key": bad})
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["header", "Idempotency-Key"])


def test_the_longest_key_is_taken(client):
    answer = client.post("/inference/start", GUEST, headers={"Idempotency-Key": uuid.uuid4().hex * 7 + "x" * 31})
    assert answer.status == 200
