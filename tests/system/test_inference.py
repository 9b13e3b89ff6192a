"""The guest's journey: start, status, results, select, and what stands beside them."""

import json
import re
import threading

import pytest

from guests import (GUEST, PLACE_KEYS, UNKNOWN_TASK, finished, metric, results, select, start, stored_results)

UUID_V7 = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
RESULT_KEYS = ["result_id", "task_id", "user_id", "location_id", "score", "label", "shown"]


def test_start_answers_a_pending_task(client):
    answer = client.post("/inference/start", GUEST)
    assert answer.status == 200
    assert list(answer.json) == ["task_id", "status", "type"]
    assert (answer.json["status"], answer.json["type"]) == ("PENDING", "inference")
    assert UUID_V7.match(answer.json["task_id"])


def test_task_ids_sort_by_time(client):
    tasks = [start(client) for _ in range(3)]
    assert len(set(tasks)) == 3
    assert [task[:13] for task in tasks] == sorted(task[:13] for task in tasks)


def test_status_becomes_success(client):
    task = start(client)
    answer = client.get(f"/inference/status/{task}?wait=30s")
    assert (answer.status, answer.json) == (200, {"task_id": task, "status": "SUCCESS", "type": "inference"})
    assert client.get(f"/inference/status/{task}").json == answer.json


def test_results_are_the_best_items_best_first(client):
    task = finished(client)
    rows = results(client, task, 25)
    assert len(rows) == 25
    for row in rows:
        assert list(row) == ["score", *PLACE_KEYS]
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert len({row["location_id"] for row in rows}) == 25
    place = client.get(f"/content/location/{rows[0]['location_id']}").json
    assert {key: rows[0][key] for key in place} == place


def test_results_default_to_ten(client):
    answer = client.get(f"/inference/results/{finished(client)}")
    assert (answer.status, len(answer.json)) == (200, 10)


def test_fewer_items_than_asked_are_answered_as_they_are(client):
    assert len(results(client, finished(client, candidates=[3, 5]), 1000)) == 2
    assert len(results(client, finished(client), 1000)) == client.get("/content/info").json["locations"]


def test_results_mark_exactly_what_was_shown(client):
    task = finished(client)
    shown = [row["location_id"] for row in results(client, task, 3)]
    rows = stored_results(client, task)
    assert [row["location_id"] for row in rows if row["shown"]] == shown
    assert [row.get("position") for row in rows[:4]] == [1, 2, 3, None]
    assert list(rows[0]) == [*RESULT_KEYS, "position", "shown_at"]
    assert list(rows[3]) == RESULT_KEYS


def test_a_larger_limit_shows_more_and_moves_nothing(client):
    task = finished(client)
    results(client, task, 2)
    before = stored_results(client, task)[:2]
    results(client, task, 5)
    after = stored_results(client, task)
    assert after[:2] == before
    assert [row.get("position") for row in after[:6]] == [1, 2, 3, 4, 5, None]
    results(client, task, 1)
    assert stored_results(client, task) == after


def test_peek_marks_nothing(client):
    task = finished(client)
    seen = results(client, task, 5, peek=True)
    assert len(seen) == 5
    assert not any(row["shown"] for row in stored_results(client, task))
    assert results(client, task, 5) == seen


def test_head_of_results_marks_nothing(client):
    task = finished(client)
    answer = client.request("HEAD", f"/inference/results/{task}")
    assert (answer.status, answer.body) == (200, b"")
    assert not any(row["shown"] for row in stored_results(client, task))


def test_select_labels_the_result(client):
    task = finished(client)
    second = results(client, task)[1]
    answer = select(client, task, second["location_id"])
    assert answer.status == 200
    assert list(answer.json) == [*RESULT_KEYS, "position", "shown_at"]
    assert answer.json["label"] == 1
    assert answer.json["position"] == 2
    assert answer.json["score"] == second["score"]
    assert client.get(f"/content/result/{answer.json['result_id']}").json == answer.json


def test_selecting_again_changes_nothing_and_another_pick_labels_too(client):
    task = finished(client)
    shown = [row["location_id"] for row in results(client, task)]
    first = select(client, task, shown[0])
    assert select(client, task, shown[0]).json == first.json
    assert select(client, task, shown[4]).json["label"] == 1
    labels = {row["location_id"]: row["label"] for row in stored_results(client, task)}
    assert [item for item, label in labels.items() if label == 1] == [shown[0], shown[4]]


def test_none_chosen_answers_null(client):
    task = finished(client)
    results(client, task)
    answer = select(client, task, -1)
    assert (answer.status, answer.body) == (200, b"null")
    assert not any(row["label"] for row in stored_results(client, task))


def test_none_chosen_after_a_pick_leaves_its_label(client):
    task = finished(client)
    item = results(client, task)[0]["location_id"]
    select(client, task, item)
    assert select(client, task, -1).status == 200
    assert stored_results(client, task)[0]["label"] == 1


def test_none_chosen_before_anything_was_shown_is_recorded(client):
    task = finished(client)
    assert (select(client, task, -1).status, select(client, task, -1).body) == (200, b"null")
    assert not any(row["shown"] or row["label"] for row in stored_results(client, task))


def test_select_of_what_was_not_shown_is_refused(client):
    task = finished(client)
    ranked = results(client, task, 20, peek=True)
    results(client, task, 3)
    answer = select(client, task, ranked[3]["location_id"])
    assert answer.status == 409
    assert "shown" in answer.json["detail"]
    assert not any(row["label"] for row in stored_results(client, task))


@pytest.mark.parametrize("item", [1, -1])
@pytest.mark.parametrize("task", [UNKNOWN_TASK, "nonsense", ""])
def test_select_of_an_unknown_task_is_not_found(client, task, item):
    answer = select(client, task, item)
    assert (answer.status, answer.json) == (404, {"detail": "Result not found: invalid task_id or location_id"})


@pytest.mark.parametrize("item", [0, -2, 999999, 2**62])
def test_select_of_an_unknown_place_is_not_found(client, item):
    task = finished(client)
    results(client, task)
    answer = select(client, task, item)
    assert (answer.status, answer.json) == (404, {"detail": "Result not found: invalid task_id or location_id"})


@pytest.mark.parametrize("path", ["status", "results", "events"])
@pytest.mark.parametrize("task", [UNKNOWN_TASK, "nonsense", "%00", "01890000-0000-4000-8000-000000000000"])
def test_an_unknown_task_is_not_found(client, path, task):
    answer = client.get(f"/inference/{path}/{task}")
    assert answer.status == 404
    if task != "%00":
        assert answer.json == {"detail": "Task not found"}


def test_start_with_wait_brings_the_results(client):
    answer = client.post("/inference/start?wait=30s&limit=4", GUEST)
    assert answer.status == 200
    assert list(answer.json) == ["task_id", "status", "type", "results"]
    assert answer.json["status"] == "SUCCESS"
    assert len(answer.json["results"]) == 4
    rows = stored_results(client, answer.json["task_id"])
    assert [row["location_id"] for row in rows if row["shown"]] == [
        row["location_id"] for row in answer.json["results"]]


def test_start_with_wait_answers_the_plain_task_when_it_takes_longer(idle_client):
    answer = idle_client.post("/inference/start?wait=50ms", GUEST)
    assert (answer.status, list(answer.json)) == (200, ["task_id", "status", "type"])
    assert answer.json["status"] == "PENDING"


def test_a_long_poll_ends_when_its_time_is_over(idle_client):
    task = start(idle_client)
    answer = idle_client.get(f"/inference/status/{task}?wait=50ms")
    assert (answer.status, answer.json["status"]) == (200, "PENDING")


def test_a_long_poll_hears_of_the_end(idle_server, idle_client):
    task = start(idle_client)
    heard = []

    def listen():
        with idle_server.client() as other:
            heard.append(other.get(f"/inference/status/{task}?wait=30s"))

    listener = threading.Thread(target=listen)
    listener.start()
    assert idle_client.post(f"/inference/cancel/{task}").status == 200
    listener.join(20)
    assert (heard[0].status, heard[0].json["status"]) == (200, "REVOKED")


def test_results_of_an_unfinished_task_are_not_ready(idle_client):
    task = start(idle_client)
    answer = idle_client.get(f"/inference/results/{task}")
    assert answer.status == 409
    assert "not ready" in answer.json["detail"]
    assert select(idle_client, task, 1).status == 409
    kept = idle_client.get(f"/content/results?task_id={task}")
    assert (kept.status, kept.json, kept.headers["X-Total-Count"]) == (200, [], "0")


def read_events(raw, task):
    raw.send(f"GET /inference/events/{task} HTTP/1.0\r\nHost: localhost\r\n\r\n")
    while raw.line().strip():
        pass
    words = []
    while True:
        line = raw.line()
        if not line:
            return words
        if line.startswith(b"data: "):
            words.append(json.loads(line[6:])["status"])


def test_events_of_a_finished_task_are_its_last_state(server, client):
    task = finished(client)
    with server.raw() as raw:
        assert read_events(raw, task) == ["SUCCESS"]


def test_events_tell_every_change_until_the_end(idle_server, idle_client):
    task = start(idle_client)
    with idle_server.raw() as raw:
        raw.send(f"GET /inference/events/{task} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200" in raw.line()
        head = b""
        while (line := raw.line()).strip():
            head += line.lower()
        assert b"content-type: text/event-stream" in head
        words = []
        while len(words) < 1:
            line = raw.line()
            if line.startswith(b"data: "):
                words.append(json.loads(line[6:])["status"])
        idle_client.post(f"/inference/cancel/{task}")
        while (line := raw.line()).strip() != b"0":
            if line.startswith(b"data: "):
                words.append(json.loads(line[6:])["status"])
        assert words == ["PENDING", "REVOKED"]


def test_candidates_are_ranked_instead_of_the_catalog(client):
    rows = results(client, finished(client, candidates=[7, 3, 11]))
    assert sorted(row["location_id"] for row in rows) == [3, 7, 11]
    whole = {row["location_id"]: row["score"] for row in results(client, finished(client), 1000)}
    assert all(row["score"] == pytest.approx(whole[row["location_id"]], abs=1e-6) for row in rows)


def test_candidates_without_an_item_are_a_success_without_results(client):
    task = finished(client, candidates=[])
    assert results(client, task) == []
    assert results(client, finished(client, candidates=[999999])) == []


@pytest.mark.parametrize("candidates, place", [("3", ["body", "candidates"]), ([1, "2"], ["body", "candidates", 1]),
                                               ([1.5], ["body", "candidates", 0]),
                                               (list(range(1001)), ["body", "candidates"])])
def test_bad_candidates_are_refused(client, candidates, place):
    answer = client.post("/inference/start", {**GUEST, "candidates": candidates})
    assert answer.status == 422
    assert answer.json["detail"][0]["loc"] == place


def test_the_users_own_key_is_kept(client):
    task = finished(client, user_key="person-42")
    user = stored_results(client, task)[0]["user_id"]
    assert client.get(f"/content/user/{user}").json["user_key"] == "person-42"


@pytest.mark.parametrize("key", [5, "", "x" * 129, "a\0b", ["a"]])
def test_a_bad_user_key_is_refused(client, key):
    answer = client.post("/inference/start", {**GUEST, "user_key": key})
    assert (answer.status, answer.json["detail"][0]["loc"]) == (422, ["body", "user_key"])


def test_unknown_fields_are_ignored_and_counted(client):
    before = metric(client, "rankloop_http_unknown_fields_total")
    answer = client.post("/inference/start", {**GUEST, "shoe_size": 43, "mood": {"good": True}, "user_key": "a"})
    assert (answer.status, answer.headers["X-Ignored-Fields"]) == (200, "shoe_size, mood")
    assert metric(client, "rankloop_http_unknown_fields_total") == before + 2
    assert "X-Ignored-Fields" not in client.post("/inference/start", GUEST).headers


def test_unknown_fields_of_a_pick_are_ignored_and_told(client):
    task = finished(client)
    item = results(client, task)[0]["location_id"]
    before = metric(client, "rankloop_http_unknown_fields_total")
    answer = client.put("/inference/select", {"task_id": task, "location_id": item, "ratting": 4, "a\r\nb": 1})
    assert (answer.status, answer.headers["X-Ignored-Fields"]) == (200, "ratting")
    assert metric(client, "rankloop_http_unknown_fields_total") == before + 2


def test_the_same_request_is_ranked_the_same(client):
    first, second = (results(client, finished(client), 50) for _ in range(2))
    assert first == second


def test_training_says_what_it_can_do(client):
    answer = client.post("/train/start")
    assert answer.status in (200, 409, 501)
    assert "detail" in answer.json or answer.json["type"] == "training"
