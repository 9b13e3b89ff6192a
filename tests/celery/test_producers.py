"""Python producers: what the real Celery client sends runs on workers of rankloop, and it gets its result or error."""

import datetime
import json
import time
import uuid

import amqp
import celery
import pytest
import redis
from celery.exceptions import TaskRevokedError

from guests import GUEST, finished, results, stored_results, without
from peers import RESULT_SECONDS, outcome
from rankloop_process import wait_until


def stored_user(client):
    """The number of a user whose request the store knows."""
    task = finished(client)
    return stored_results(client, task)[0]["user_id"]


def assert_top_ten(value, task_id):
    assert value["task_id"] == task_id
    scores = [row["score"] for row in value["results"]]
    assert len(scores) == 10 and scores == sorted(scores, reverse=True)
    assert len({row["location_id"] for row in value["results"]}) == 10


def test_a_stored_user_is_ranked_for(client, any_app):
    result = any_app.send_task("inference", args=[stored_user(client)])
    assert_top_ten(result.get(timeout=RESULT_SECONDS), result.id)
    assert result.state == "SUCCESS"
    status = client.get(f"/inference/status/{result.id}")
    assert (status.status, status.json["status"]) == (200, "SUCCESS")


def test_a_request_in_kwargs_is_ranked_for(client, any_app):
    result = any_app.send_task("inference", kwargs=GUEST)
    value = result.get(timeout=RESULT_SECONDS)
    assert_top_ten(value, result.id)
    rows = stored_results(client, result.id)
    assert [row["location_id"] for row in rows[:10]] == [row["location_id"] for row in value["results"]]


def test_a_date_may_be_one_of_python(client, app):
    arrival = datetime.date(2026, 12, 1)
    result = app.send_task("inference", kwargs={**GUEST, "time_arrival": arrival})
    assert_top_ten(result.get(timeout=RESULT_SECONDS), result.id)
    user = client.get(f"/content/user/{stored_results(client, result.id)[0]['user_id']}")
    assert user.json["time_arrival"] == "2026-12-01"


def test_bodies_may_be_compressed(app):
    result = app.send_task("inference", kwargs=GUEST, compression="gzip")
    assert_top_ten(result.get(timeout=RESULT_SECONDS), result.id)


def test_the_same_message_twice_is_one_task(client, app):
    task = str(uuid.uuid4())
    for _ in range(2):
        app.send_task("inference", kwargs=GUEST, task_id=task).get(timeout=RESULT_SECONDS)
    rows = stored_results(client, task)
    assert len({row["user_id"] for row in rows}) == 1
    assert len(rows) == len({row["location_id"] for row in rows})


@pytest.mark.parametrize("call, told", [
    ({"args": [999_999_999]}, "999999999"),
    ({"args": []}, "user"),
    ({"args": ["Ann"]}, "Ann"),
    ({"kwargs": without(GUEST, "budget")}, "budget"),
    ({"kwargs": {**GUEST, "people_num": "two"}}, "people_num"),
])
def test_what_cannot_be_ranked_raises_the_reason(any_app, call, told):
    result = any_app.send_task("inference", **call)
    with pytest.raises(Exception) as raised:
        result.get(timeout=RESULT_SECONDS)
    assert not isinstance(raised.value, celery.exceptions.TimeoutError)
    assert told in str(raised.value)
    assert result.state == "FAILURE"


def shown_places(client):
    """A ranking that was shown, and the places of it."""
    task = finished(client)
    return task, [row["location_id"] for row in results(client, task)]


def test_feedback_is_told(client, any_app):
    task, places = shown_places(client)
    one = any_app.send_task("feedback", kwargs={"task_id": task, "location_id": places[1], "kind": "pick"})
    assert one.get(timeout=RESULT_SECONDS) == {"accepted": 1, "duplicate": 0, "refused": 0, "events": [{"outcome": "accepted"}]}
    assert one.state == "SUCCESS"
    many = any_app.send_task("feedback", args=[[
        {"task_id": task, "location_id": places[0], "kind": "pick", "event_id": f"order {task}"},
        {"task_id": task, "location_id": places[0], "kind": "pick", "event_id": f"order {task}"},
        {"task_id": task, "location_id": places[0], "kind": "stare"}]])
    told = many.get(timeout=RESULT_SECONDS)
    assert [event["outcome"] for event in told["events"]] == ["accepted", "duplicate", "refused"]
    assert "should be one of pick, none" in told["events"][2]["reason"]
    rows = {row["location_id"]: row["label"] for row in stored_results(client, task)}
    assert [place for place, label in rows.items() if label] == sorted(places[:2], key=list(rows).index)


def test_the_same_message_tells_once(client, app):
    task, places = shown_places(client)
    message = str(uuid.uuid4())
    for _ in range(2):
        told = app.send_task("feedback", args=[{"task_id": task, "location_id": places[0], "kind": "pick"}], task_id=message)
        assert told.get(timeout=RESULT_SECONDS)["accepted"] == 1
    again = client.post("/feedback", {"task_id": task, "location_id": places[0], "kind": "pick", "event_id": f"task {message} 0"})
    assert again.json["duplicate"] == 1, "under the message's own id"


@pytest.mark.parametrize("call, told", [
    ({"args": []}, "allowed is an event"), ({"args": [1, 2]}, "2 arguments"), ({"args": ["pick"]}, "list of events"),
    ({"args": [[]]}, "1 to 1000 events"),
])
def test_what_is_no_feedback_raises_the_reason(any_app, call, told):
    state, error = outcome(any_app.send_task("feedback", **call))
    assert state == "FAILURE" and told in str(error)


def test_an_unknown_task_fails_with_its_name(any_app):
    state, error = outcome(any_app.send_task("tasks.add", args=[1, 2]))
    assert state == "FAILURE" and "tasks.add" in str(error)


def test_pickle_is_refused(app):
    state, error = outcome(app.send_task("inference", args=[1], serializer="pickle"))
    assert state == "FAILURE" and "pickle" in str(error)


@pytest.mark.parametrize("shape", ["chain", "callback"])
def test_canvas_is_refused(app, shape):
    task = str(uuid.uuid4())
    first = app.signature("inference", kwargs=GUEST, task_id=task)
    if shape == "chain":
        celery.chain(first, app.signature("tasks.tell")).apply_async()
    else:
        app.send_task("inference", kwargs=GUEST, task_id=task, link=app.signature("tasks.tell"))
    state, error = outcome(app.AsyncResult(task))
    assert state == "FAILURE"
    assert any(word in str(error) for word in ("chain", "callback", "canvas")), error


def test_the_head_of_a_chord_is_refused(app):
    head = [app.signature("inference", kwargs=GUEST, task_id=str(uuid.uuid4())) for _ in range(2)]
    celery.chord(head, app.signature("tasks.tell")).apply_async()
    for each in head:
        assert outcome(app.AsyncResult(each.options["task_id"]))[0] == "FAILURE"


def test_a_revoked_task_is_not_run(client, app):
    result = app.send_task("inference", kwargs=GUEST, countdown=3600)
    wait_until(lambda: client.get(f"/inference/status/{result.id}").status == 200, what="the task in the ledger")
    result.revoke()
    with pytest.raises(TaskRevokedError):
        result.get(timeout=RESULT_SECONDS)
    assert client.get(f"/inference/status/{result.id}").json["status"] == "REVOKED"


def test_a_task_is_not_run_before_its_moment(app):
    sent = time.monotonic()
    result = app.send_task("inference", kwargs=GUEST, countdown=2)
    assert_top_ten(result.get(timeout=RESULT_SECONDS), result.id)
    assert time.monotonic() - sent >= 2


def test_a_task_that_came_too_late_is_revoked(client, app):
    task = str(uuid.uuid4())
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=60)
    publish(app, {"task": "inference", "id": task, "expires": past.isoformat()}, [[], GUEST, None], task)
    state, _ = outcome(app.AsyncResult(task))
    assert state == "REVOKED"


def publish(app, headers, body, task, **properties):
    """A message as no decent client would send it. A body that is no text is sent as JSON."""
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        properties = {"content_type": "application/json", "content_encoding": "utf-8", **properties}
        channel.basic_publish(amqp.Message(text, correlation_id=task, application_headers=headers, **properties),
                              routing_key="celery")


@pytest.mark.parametrize("body", ["", "{", "[]", "[[1], {}]extra", '{"args": 1}', "[1, 2, 3]", b"\xff\xfe", "[" * 5000,
                                  '[[1], [], {"callbacks": null}]', '[[1e400], {}, null]'])
def test_a_malformed_body_fails_and_does_no_harm(app, cluster, body):
    task = str(uuid.uuid4())
    publish(app, {"task": "inference", "id": task, "lang": "py"}, body, task)
    state, error = outcome(app.AsyncResult(task))
    assert state == "FAILURE" and str(error)
    result = app.send_task("inference", kwargs=GUEST)
    assert_top_ten(result.get(timeout=RESULT_SECONDS), result.id)


def test_messages_without_a_task_are_taken_away(app, cluster):
    publish(app, {}, [[1], {}, None], "")
    publish(app, {"task": 7, "id": ["no", "text"]}, [[1], {}, None], "")
    publish(app, {"task": "inference", "id": "x" * 5000}, [[1], {}, None], "")
    wait_until(lambda: cluster.rabbit.waiting("celery") == 0, what="an empty queue")
    result = app.send_task("inference", kwargs=GUEST)
    assert_top_ten(result.get(timeout=RESULT_SECONDS), result.id)
    wait_until(lambda: cluster.rabbit.waiting("celery") == 0, what="an empty queue")


def test_a_kept_result_is_what_celery_itself_would_keep(app, cluster):
    result = app.send_task("inference", kwargs=GUEST)
    result.get(timeout=RESULT_SECONDS)
    with redis.Redis.from_url(cluster.redis.url) as store:
        key = f"celery-task-meta-{result.id}"
        kept = json.loads(store.get(key))
        assert 0 < store.ttl(key) <= 86400
    assert {"status", "result", "traceback", "children", "date_done", "task_id"} <= set(kept)
    assert kept["status"] == "SUCCESS" and kept["task_id"] == result.id
    datetime.datetime.fromisoformat(kept["date_done"])
