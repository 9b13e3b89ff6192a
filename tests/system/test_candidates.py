"""Candidates that a request names and says something of: ranked by it, answered with it, told when they are left out."""

import json
import random

import pytest

from guests import finished, results
from learning import LINES, QUICK, promoted, trained
from rankloop_process import Server, run, wait_until

DOMAIN = """
[domain]
name = "shop"
[request]
noun = "visit"
[[request.field]]
name = "budget"
type = "float"
required = false
[item]
noun = "thing"
[[item.field]]
name = "name"
type = "string"
[[item.field]]
name = "price"
type = "float"
minimum = 0
[[candidate.field]]
name = "bm25"
type = "float"
help = "What the search found."
[[candidate.field]]
name = "price"
type = "float"
maximum = 1000
[[candidate.field]]
name = "in_stock"
type = "bool"
default = true
[[candidate.derived]]
name = "found_per_price"
how = "ratio"
of = ["bm25", "price"]
[model]
features = ["budget", "price", "bm25", "found_per_price"]
[[rule]]
must = "item.in_stock == true"
"""
THINGS = "thing_id,name,price\n" + "".join(f"{n},n{n},{n}\n" for n in range(1, 21))
ITEM = "thing_id"


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    file = tmp_path_factory.mktemp("domain") / "shop.toml"
    file.write_text(DOMAIN)
    return file


@pytest.fixture(scope="module")
def shop(domain):
    with Server("--domain", domain, "--empty", env=QUICK) as server:
        with server.client() as client:
            answer = client.request("POST", "/items:import", body=THINGS, headers={"Content-Type": "text/csv"})
            assert (answer.status, answer.json["created"]) == (200, 20), answer
            assert client.request("DELETE", "/items/20").status in (200, 204)
        yield server


@pytest.fixture
def visitor(shop):
    with shop.client() as client:
        yield client


def asked(client, candidates, **fields):
    answer = client.post("/inference/start?wait=30s&limit=100", {"budget": 50, "candidates": candidates, **fields})
    assert answer.status == 200, answer
    return answer.json


def model_of(client, told):
    return client.get(f"/inference/explain/{told['task_id']}/{told['results'][0][ITEM]}").json["model_id"]


def refused(client, candidates):
    answer = client.post("/inference/start", {"candidates": candidates})
    assert answer.status == 422, answer
    return [(fault["loc"], fault["msg"]) for fault in answer.json["detail"]]


def test_results_have_the_values_that_they_were_ranked_by(visitor):
    told = asked(visitor, [{"id": 3, "fields": {"price": 19.5, "bm25": 2.1}}, 4, {"id": 5}])
    assert list(told) == ["task_id", "status", "type", "results"]
    rows = {row[ITEM]: row for row in told["results"]}
    assert set(rows) == {3, 4, 5}
    assert (rows[3]["price"], rows[3]["bm25"], rows[3]["in_stock"]) == (19.5, 2.1, True)
    assert (rows[4]["price"], "bm25" in rows[4]) == (4, False)
    assert results(visitor, told["task_id"], peek=True) == told["results"]


def test_what_is_left_out_is_told_also_after_a_restart(shop):
    candidates = [1, {"id": 2, "fields": {"in_stock": False}}, 99, 20, 1]
    left_out = [{"id": 2, "reason": "ruled_out"}, {"id": 99, "reason": "unknown"}, {"id": 20, "reason": "deleted"},
                {"id": 1, "reason": "doubled"}]
    header = "2 ruled_out, 99 unknown, 20 deleted, 1 doubled"

    def look(client, task):
        status = client.get(f"/inference/status/{task}?wait=30s")
        assert status.json["left_out"] == left_out
        assert client.get(f"/inference/status/{task}").json == status.json
        answer = client.get(f"/inference/results/{task}")
        assert ([row[ITEM] for row in answer.json], answer.headers["X-Left-Out"]) == ([1], header)

    with shop.client() as client:
        told = asked(client, candidates)
        assert told["left_out"] == left_out
        look(client, told["task_id"])
    shop.stop()
    shop.start()
    with shop.client() as client:
        look(client, told["task_id"])


def test_nothing_is_said_where_nothing_is_left_out(visitor):
    task = finished(visitor, {"budget": 5}, candidates=[1, 2])
    assert list(visitor.get(f"/inference/status/{task}").json) == ["task_id", "status", "type"]
    assert visitor.get(f"/inference/results/{task}").headers["X-Left-Out"] is None
    assert list(asked(visitor, [1, 2])) == ["task_id", "status", "type", "results"]


def test_a_header_names_the_first_fifty(visitor):
    told = asked(visitor, [1, *range(101, 161)])
    assert len(told["left_out"]) == 60
    header = visitor.get(f"/inference/results/{told['task_id']}").headers["X-Left-Out"]
    assert header.startswith("101 unknown, ") and header.endswith("150 unknown, 10 more")


def test_wrong_fields_are_refused_with_their_place_and_the_nearest_name(visitor):
    faults = refused(visitor, [{"id": 1, "fields": {"bm52": 1}}, {"id": 2, "fields": {"bm25": "much"}},
                               {"id": 3, "fields": {"price": 1001}}, {"id": 4, "why": 1}, {"fields": {}}])
    assert (["body", "candidates", 0, "fields", "bm52"],
            "the domain has no candidate field of this name, did you mean bm25?") in faults
    assert [place for place, _ in faults[1:]] == [
        ["body", "candidates", 1, "fields", "bm25"], ["body", "candidates", 2, "fields", "price"],
        ["body", "candidates", 3, "why"], ["body", "candidates", 4, "id"]]


def test_what_is_said_is_bounded(visitor):
    many = [{"id": n, "fields": {"bm25": 0.1234567890123456, "price": 0.1234567890123456}} for n in range(1, 1001)]
    assert visitor.post("/inference/start", {"candidates": many}).status == 200
    assert "allowed are up to 1000" in refused(visitor, [*many, 1])[0][1]
    padded = [{"id": 1, "fields": {"bm25": 1}}] * 40_000
    assert visitor.post("/inference/start", {"candidates": padded}).status == 413


def test_an_item_keeps_none_of_it(visitor):
    asked(visitor, [{"id": 7, "fields": {"price": 500, "bm25": 1}}])
    assert visitor.get("/content/thing/7").json == {ITEM: 7, "name": "n7", "price": 7}
    answer = visitor.request("POST", "/items", json={ITEM: 300, "name": "x", "price": 1, "bm25": 4})
    assert (answer.status, "bm25" in answer.json) == (201, False), answer
    assert visitor.request("DELETE", "/items/300").status in (200, 204)


def test_the_description_says_what_may_be_said(visitor):
    schemas = visitor.get("/openapi.json").json["components"]["schemas"]
    entry = schemas["VisitData"]["properties"]["candidates"]["items"]["anyOf"][1]
    fields = entry["properties"]["fields"]["properties"]
    assert list(fields) == ["bm25", "price", "in_stock"]
    assert (fields["price"]["minimum"], fields["price"]["maximum"]) == (0, 1000)
    assert "bm25" in schemas["ThingResult"]["properties"]
    assert "bm25" not in schemas["ThingData"]["properties"]
    assert "left_out" in schemas["TaskStatus"]["properties"]


def test_a_model_learns_from_what_was_said(shop):
    draw = random.Random(4)
    lines = []
    for number in range(300):
        shown = [{"id": item, "fields": {"bm25": draw.randrange(0, 100) / 10}} for item in draw.sample(range(1, 20), 6)]
        best = max(shown, key=lambda one: one["fields"]["bm25"])
        lines.append(json.dumps({"request": {"budget": 50}, "shown": shown, "picked": [best["id"]],
                                 "user_key": f"past-{number}"}))
    with shop.client() as client:
        answer = client.post("/history:import", body="\n".join(lines), headers=LINES)
        assert (answer.status, answer.json["requests"]) == (200, 300), answer
        number = trained(client, family="logistic", promote="manual")
        promoted(client, number)
        wait_until(lambda: model_of(client, asked(client, [1, 2])) == number, what="an answer of the new champion")
        for best in (3, 11, 17):
            told = asked(client, [{"id": n, "fields": {"bm25": 9.5 if n == best else 0.5}} for n in range(1, 20)])
            assert told["results"][0][ITEM] == best
            why = client.get(f"/inference/explain/{told['task_id']}/{best}").json
            assert {part["feature"]: part["value"] for part in why["contributions"]}["bm25"] == 9.5


def test_domain_check_and_diff_speak_of_it(domain, tmp_path):
    checked = run("domain", "check", domain)
    assert (checked.returncode, "  candidate: 3 fields, 1 derived\n" in checked.stdout) == (0, True), checked
    plain = tmp_path / "plain.toml"
    plain.write_text(DOMAIN.replace('"bm25"\ntype = "float"', '"bm25"\ntype = "int"'))
    diff = run("domain", "diff", plain, domain)
    assert "candidate field bm25 was (bm25 int optional" in diff.stdout, diff
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(DOMAIN.replace("maximum = 1000", 'default = 5'))
    checked = run("domain", "check", wrong)
    assert (checked.returncode, "without a value in the request the item's own counts" in checked.stdout) == (1, True)
