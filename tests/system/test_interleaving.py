"""Experiments whose two arms answer together, with one list: found preferences, replays, explanations and refusals."""

import csv
import io
import json
import random

import pytest

from guests import GUEST, finished, results, select
from learning import BYTES, QUICK, champion, import_history, models, past_requests, trained
from rankloop_process import Server, wait_until

JOURNEYS = 200
WAYS = ["team_draft", "probabilistic"]


def body(model, **more):
    return {
        "name": "taste", "method": "interleaving", "smallest_effect": 0.2, "baseline": 0.8, "planned_people": JOURNEYS,
        "arms": [{"name": "old", "model_id": "champion", "share": 0.5}, {"name": "new", "model_id": model, "share": 0.5}],
        **more,
    }


def journey(client, draw, person):
    """Whoever comes likes the smallest number of what is shown, as those of the imported history do."""
    task = finished(client, {**GUEST, "budget": draw.randint(100, 900), "user_key": person})
    shown = [row["location_id"] for row in results(client, task, limit=10)]
    assert select(client, task, min(shown) if draw.random() < 0.9 else -1).status == 200
    return task


def rows_of(client, number):
    return list(csv.DictReader(io.StringIO(client.get(f"/experiments/{number}/requests").text)))


def running(client, model, way):
    made = client.post("/experiments", body(model, interleaving=way))
    assert made.status == 201, made.text
    number = made.json["experiment_id"]
    assert (made.json["method"], made.json["interleaving"]) == ("interleaving", way)
    started = client.post(f"/experiments/{number}/start", {"reason": "to see"})
    assert started.status == 200, started.text
    draw = random.Random(1)
    wait_until(lambda: journey(client, draw, "somebody") and rows_of(client, number))
    return number


@pytest.fixture(scope="module", params=WAYS)
def compared(seeded_data, request):
    """A server whose experiment has answered, half before a restart and half after it."""
    with Server(env=QUICK, copy_of=seeded_data) as server:
        draw = random.Random(7)
        tasks = []
        with server.client() as client:
            import_history(client, past_requests(600))
            model = trained(client, family="popularity", promote="manual")
            before = {row["model_id"]: row["counts"]["shown"] for row in models(client)}
            number = running(client, model, request.param)
            tasks += [journey(client, draw, f"person {i}") for i in range(JOURNEYS // 2)]
        server.stop()
        server.start()
        with server.client() as client:
            tasks += [journey(client, draw, f"person {i}") for i in range(JOURNEYS // 2, JOURNEYS)]
            assert client.post(f"/experiments/{number}/stop").status == 200  # a report of before is made again
        yield {"server": server, "tasks": tasks, "model": model, "number": number, "before": before, "way": request.param}


@pytest.fixture
def client(compared):
    with compared["server"].client() as client:
        yield client


def test_the_better_model_is_preferred(compared, client):
    report = client.get(f"/experiments/{compared['number']}/report").json
    found = report["interleaving"]
    old, new = found["arms"]
    assert (found["way"], found["preferred"], old["arm"], new["arm"]) == (compared["way"], "new", "old", "new")
    assert found["merged"] == report["requests"] == old["wins"] + new["wins"] + found["ties"] >= JOURNEYS
    assert new["wins"] > 2 * old["wins"] and new["people"] > old["people"]
    assert found["sign_test_p"] < 0.001
    assert old["credit"] + new["credit"] == pytest.approx(sum(int(row["picks"]) for row in rows_of(client, compared["number"])))
    assert [metric["metric"] for metric in report["metrics"]] == ["pick_rate", "value", "picks", "reward"]
    comparison = report["metrics"][0]["comparisons"][0]
    assert comparison["band"][0] > 0 and comparison["p"] < 0.05 and comparison["cuped"] is None
    assert comparison["difference"] == pytest.approx((new["wins"] - old["wins"]) / report["requests"])
    assert all(arm["people"] == report["people"] for arm in report["metrics"][0]["arms"])
    assert sum(arm["counted"] for arm in report["sample_ratio"]["arms"]) == report["requests"]
    assert not report["sample_ratio"]["alarm"]
    assert {(one["arm"], one["model_id"]) for one in report["answered_by"]} == {("old", champion(client)), ("new", compared["model"])}


def test_each_list_comes_out_as_it_was(compared, client):
    for task in compared["tasks"][::5]:
        again = client.post(f"/inference/replay/{task}").json
        assert (again["as_it_was"], again["same"], again["first_difference"]) == (True, True, None), again
        assert (again["model_id"], again["second_model_id"]) == (champion(client), compared["model"])
    alone = client.post(f"/inference/replay/{compared['tasks'][0]}", {"model_id": compared["model"]}).json
    assert (alone["as_it_was"], alone["model_id"], alone["second_model_id"]) == (False, compared["model"], None)


def test_an_item_is_explained_by_the_model_that_placed_it(compared, client):
    placed = set()
    for task in compared["tasks"][:10]:
        shown = results(client, task, limit=12)
        for position, row in enumerate(shown, 1):
            why = client.get(f"/inference/explain/{task}/{row['location_id']}").json
            assert why["policy"]["name"] == "interleaved" and why["policy"]["parameters"]["way"] == compared["way"]
            assert (why["placed_by"] is None) == (position > 10)
            assert why["model_id"] == (compared["model"] if why["placed_by"] == "second" else champion(client))
            assert 0 < why["propensity"] <= 1
            placed.add(why["placed_by"])
    assert placed == {"first", "second", None}


def test_requests_are_told_with_what_they_say_of_both(compared, client):
    rows = rows_of(client, compared["number"])
    assert {row["arm"] for row in rows} == {""}
    assert {row["second_model_id"] for row in rows} == {str(compared["model"])}
    for row in rows:
        assert float(row["credit"]) + float(row["second_credit"]) == pytest.approx(int(row["picks"]))
        assert (row["preferred"] == "new") == (float(row["second_credit"]) - float(row["credit"]) > 1e-6)
    lines = client.get(f"/experiments/{compared['number']}/requests?format=jsonl").text.splitlines()
    assert [json.loads(line)["preferred"] or "" for line in lines] == [row["preferred"] for row in rows]
    segments = client.get(f"/experiments/{compared['number']}/segments?field=budget").json["segments"]
    assert sum(segment["requests"] for segment in segments) == len(rows)


def test_lists_of_two_models_count_for_neither(compared, client):
    after = {row["model_id"]: row["counts"]["shown"] for row in models(client)}
    assert after[compared["model"]] == compared["before"][compared["model"]]
    assert after[champion(client)] - compared["before"][champion(client)] < 20  # those of before it was heard of
    told = client.get("/monitoring/performance").json
    assert all(row["model_id"] is None or row["model_id"] > 0 for row in told["models"])


def test_it_is_stopped_and_concluded_like_any_other(seeded_data):
    with Server(env=QUICK, copy_of=seeded_data) as server, server.client() as client:
        import_history(client, past_requests(200))
        model = trained(client, family="popularity", promote="manual")
        number = client.post("/experiments", body(model, ramp={})).json["experiment_id"]
        assert client.post(f"/experiments/{number}/start").json["exposure"] == pytest.approx(0.02)
        assert client.post(f"/experiments/{number}/stop").json["state"] == "stopped"
        done = client.post(f"/experiments/{number}/conclude", {"conclusion": "winner", "arm": "new"}).json
        assert (done["state"], done["winner"]) == ("concluded", "new")


def faults(client, wanted):
    answer = client.post("/experiments", wanted)
    assert answer.status == 422, answer.text
    return {".".join(map(str, fault["loc"])): fault["msg"] for fault in answer.json["detail"]}


def test_what_cannot_be_interleaved_is_refused(own_server):
    with own_server.client() as client:
        arms = body(1)["arms"]
        three = [*arms, {"name": "third", "model_id": 1, "share": 0.1}]
        three[0]["share"] = three[1]["share"] = 0.4
        assert "exactly two arms, not of 3" in faults(client, body(1, arms=three))["body.arms"]
        same = [{**arm, "model_id": 1, "share": 0.5} for arm in arms]
        assert "one model" in faults(client, body(1, arms=same))["body.arms.1.model_id"]
        odd = [{**arms[0], "share": 0.2}, {**arms[1], "share": 0.5}]
        assert "shares are the same" in faults(client, body(1, arms=odd))["body.arms.1.share"]
        whole = faults(client, body(1, primary="none_rate", guardrails=[{"metric": "outcome_rate", "bound": 0.1}]))
        assert set(whole) == {"body.primary", "body.guardrails.0.metric"} and "whole list" in whole["body.primary"]
        assert "method is split" in faults(client, body(1, method="split", interleaving="team_draft"))["body.interleaving"]
        assert set(faults(client, body(1, method="both", interleaving="zip"))) >= {"body.method"}
        assert client.get("/experiments/size?baseline=0.5&effect=0.1&method=interleaving").json["people"] == 385
        assert client.get("/experiments").json == []


def test_without_a_champion_there_is_no_order_to_merge(server):
    with server.client() as client:
        artefact = client.get("/models/1/artefact").body
    with Server("--empty", env={"RANKLOOP_BASELINE": "false"}) as lonely, lonely.client() as client:
        model = client.post("/models", body=artefact, headers=BYTES).json["model_id"]
        number = client.post("/experiments", body(model)).json["experiment_id"]
        refused = client.post(f"/experiments/{number}/start")
        assert (refused.status, "no champion" in refused.json["detail"]) == (409, True), refused.text
