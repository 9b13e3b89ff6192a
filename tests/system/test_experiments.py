"""Experiments over HTTP: drafts, starts, what they say, and their ends."""

import csv
import io
import json
import uuid

import pytest

from guests import GUEST, finished, results, select
from rankloop_process import Server, wait_until


@pytest.fixture
def client(own_server):
    with own_server.client() as client:
        yield client


def body(**more):
    return {
        "name": "halves", "smallest_effect": 0.1, "baseline": 0.4,
        "arms": [{"name": "control", "model_id": "champion", "share": 0.5}, {"name": "again", "model_id": "champion", "share": 0.5}],
        **more,
    }


def drafted(client, **more):
    answer = client.post("/experiments", body(**more))
    assert answer.status == 201, answer.text
    return answer.json


def faults(answer):
    assert answer.status == 422, answer.text
    return {".".join(map(str, fault["loc"])): fault["msg"] for fault in answer.json["detail"]}


def journey(client, person, pick):
    task = finished(client, {**GUEST, "user_key": person})
    first = results(client, task)[0]
    select(client, task, first["location_id"] if pick else -1)
    return task


def in_an_arm(client, number):
    """Waits until an experiment that was started answers: a process learns of it by a hint."""
    wait_until(lambda: journey(client, "ann", True) and client.get(f"/experiments/{number}/requests").text.count("\n") > 1)


def test_an_experiment_goes_from_its_draft_to_its_conclusion(client):
    draft = drafted(client, guardrails=[{"metric": "none_rate", "bound": 0.2}])
    number = draft["experiment_id"]
    assert (draft["state"], draft["unit"], draft["primary"], draft["exposure"]) == ("draft", "person", "pick_rate", 0)
    assert draft["planned_people"] == 2 * client.get("/experiments/size?baseline=0.4&effect=0.1").json["people_per_arm"]
    started = client.post(f"/experiments/{number}/start", {"reason": "a look", "actor": "ann"}).json
    assert (started["state"], started["exposure"]) == ("running", 1)
    in_an_arm(client, number)
    for i in range(20):
        journey(client, f"person {i}", i % 2 == 0)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/experiments/{number}/requests").text)))
    assert {row["arm"] for row in rows} == {"control", "again"}
    arms = {}
    for row in rows:
        assert arms.setdefault(row["person"], row["arm"]) == row["arm"]
    lines = [json.loads(line) for line in client.get(f"/experiments/{number}/requests?format=jsonl").text.splitlines()]
    assert [line["task_id"] for line in lines] == [row["task_id"] for row in rows]
    assert client.post(f"/experiments/{number}/stop", {"reason": "enough"}).json["state"] == "stopped"
    report = client.get(f"/experiments/{number}/report").json
    assert report["requests"] == len(rows)
    assert report["metrics"][0]["metric"] == "pick_rate"
    assert sum(arm["requests"] for arm in report["metrics"][0]["arms"]) == len(rows)
    assert report["sample_ratio"]["alarm"] is False
    segments = client.get(f"/experiments/{number}/segments?field=nights").json["segments"]
    assert sum(segment["requests"] for segment in segments) == len(rows)
    done = client.post(f"/experiments/{number}/conclude", {"conclusion": "winner", "arm": "again", "reason": "it won"})
    assert (done.json["state"], done.json["conclusion"], done.json["winner"]) == ("concluded", "winner", "again")
    history = client.get(f"/experiments/{number}/history").json
    assert [event["what"] for event in history] == ["concluded", "stopped", "started", "created"]
    assert (history[2]["actor"], history[2]["remark"], history[2]["reason"]) == ("local", "ann", "a look")
    assert client.get("/experiments").json[0]["state"] == "concluded"


def test_a_ramp_begins_with_its_first_step(client):
    draft = drafted(client, ramp={})
    assert draft["ramp"] == {"steps": [0.01, 0.05, 0.25, 0.5], "hold_seconds": 86400, "people": 100}
    started = client.post(f"/experiments/{draft['experiment_id']}/start").json
    assert started["exposure"] == pytest.approx(0.02)


def test_faults_are_told_at_their_places(client):
    assert set(faults(client.post("/experiments", {}))) == {"body.name", "body.arms", "body.smallest_effect"}
    told = faults(client.post("/experiments", body(
        unit="guest", primary="clicks", smallest_effect=0, guardrails=[{"metric": "pick_rate", "bound": -1}], ramp={"steps": [0.5, 0.1]},
        arms=[{"name": "", "model_id": "nobody", "share": 0}, {"model_id": 1.5, "share": "all"}])))
    assert set(told) == {
        "body.unit", "body.primary", "body.smallest_effect", "body.guardrails.0.bound", "body.ramp.steps", "body.arms.0.name",
        "body.arms.0.model_id", "body.arms.0.share", "body.arms.1.name", "body.arms.1.model_id", "body.arms.1.share"}
    arms = body()["arms"]
    assert "at most 1" in faults(client.post("/experiments", body(arms=[{**arm, "share": 0.6} for arm in arms])))["body.arms"]
    assert "2 to 10" in faults(client.post("/experiments", body(arms=arms[:1])))["body.arms"]
    twice = [{**arm, "name": "a"} for arm in arms]
    assert "body.arms.1.name" in faults(client.post("/experiments", body(arms=twice)))
    nobody = [arms[0], {**arms[1], "model_id": 99}]
    assert faults(client.post("/experiments", body(arms=nobody))) == {"body.arms.1.model_id": "There is no model 99"}
    assert client.get("/experiments").json == []


def test_sizes_are_computed_and_checked(client):
    assert client.get("/experiments/size?baseline=0.1&effect=0.01").json["people_per_arm"] == 14_751
    assert client.get("/experiments/size?deviation=1&effect=0.1").json["people_per_arm"] == 1_570
    assert client.get("/experiments/size?baseline=0.1&effect=0.05&power=0.9").json["people_per_arm"] == 918
    assert set(faults(client.get("/experiments/size"))) == {"query.effect", "query.baseline"}
    assert set(faults(client.get("/experiments/size?baseline=2&effect=x&power=1"))) == {"query.baseline", "query.effect", "query.power"}
    assert "query.effect" in faults(client.get("/experiments/size?baseline=0.1&effect=0.95"))


def test_what_a_state_does_not_allow_is_refused(client):
    number = drafted(client)["experiment_id"]
    assert client.post(f"/experiments/{number}/stop").status == 409
    assert client.post(f"/experiments/{number}/conclude", {"conclusion": "harmful"}).status == 409
    assert set(faults(client.post(f"/experiments/{number}/conclude", {"conclusion": "best"}))) == {"body.conclusion"}
    assert set(faults(client.post(f"/experiments/{number}/conclude", {"conclusion": "winner"}))) == {"body.arm"}
    assert client.post(f"/experiments/{number}/start").status == 200
    other = drafted(client)["experiment_id"]
    refused = client.post(f"/experiments/{other}/start")
    assert (refused.status, "leave 0" in refused.json["detail"]) == (409, True)
    assert client.post(f"/experiments/{number}/conclude", {"conclusion": "abandoned"}).json["state"] == "concluded"
    assert client.post(f"/experiments/{other}/start").status == 200
    for path in ("/experiments/99", "/experiments/99/report", "/experiments/99/history", "/experiments/x", "/experiments/99/requests"):
        assert client.get(path).status == 404, path
    assert client.post("/experiments/99/start").status == 404
    assert faults(client.get(f"/experiments/{number}/segments?field=shoe"))["query.field"].startswith("Requests have no field 'shoe'")


def test_a_repeated_draft_is_made_once(client):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = client.post("/experiments", body(), headers=key)
    again = client.post("/experiments", body(), headers=key)
    assert (first.status, again.status, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert first.json == again.json
    assert len(client.get("/experiments").json) == 1


def test_only_an_operator_may_see_and_change_them(seeded_data):
    with Server(copy_of=seeded_data, env={"RANKLOOP_AUTH_TOKEN": "s" * 20, "RANKLOOP_AUTH_GUEST_TOKEN": "g" * 20}) as server, server.client() as client:
        guest = {"Authorization": f"Bearer {'g' * 20}"}
        assert client.get("/experiments", headers=guest).status == 403
        assert client.post("/experiments", body(), headers=guest).status == 403
        assert client.post("/experiments", body()).status == 401
        assert client.post("/experiments", body(), headers={"Authorization": f"Bearer {'s' * 20}"}).status == 201


def test_what_runs_is_there_after_a_restart(own_server):
    with own_server.client() as client:
        number = drafted(client)["experiment_id"]
        client.post(f"/experiments/{number}/start")
        in_an_arm(client, number)
    own_server.stop()
    own_server.start()
    with own_server.client() as client:
        journey(client, "ann", True)
        rows = list(csv.DictReader(io.StringIO(client.get(f"/experiments/{number}/requests").text)))
        assert len({row["arm"] for row in rows}) == 1
        assert rows[-1]["person"] == "ann"
