"""The registry over HTTP: looking, promoting, going back, sharing, shadows, files."""

import contextlib
import hashlib
import re
import socket
import sqlite3
import struct
import urllib.parse

import pytest

from guests import finished, results, select, stored_results
from learning import BYTES, QUICK, champion, ended, history, model, models, promoted, start_training, trained
from process_state import resident_bytes
from rankloop_process import ROOT, Server, wait_until

BRIEF = ["model_id", "family", "champion", "share", "shadow", "created", "verdict", "metrics", "counts"]
MORE = ["domain_version", "artefact", "features", "lineage", "gate"]
CHANGES = ["/models/{}/promote", "/models/{}/share", "/models/{}/shadow"]
BODIES = {"/models/{}/promote": {}, "/models/{}/share": {"share": 0.1}, "/models/{}/shadow": {"shadow": True}}


@pytest.fixture(scope="module")
def three_models(evidence_data, tmp_path_factory):
    """Data with the models 1 popularity, 2 logistic, 3 mlp; none is champion."""
    folder = tmp_path_factory.mktemp("models")
    with Server(data_dir=folder, env=QUICK, copy_of=evidence_data) as server:
        with server.client() as client:
            for number, family in enumerate(("popularity", "logistic", "mlp"), 1):
                assert trained(client, family=family, promote="manual") == number
        server.stop()
    return folder


@pytest.fixture(scope="module")
def registry(three_models):
    """Model 1 is champion; tests leave it so, without shares and shadows."""
    with Server(env=QUICK, copy_of=three_models) as server:
        with server.client() as client:
            promoted(client, 1)
        yield server


@pytest.fixture
def client(registry):
    with registry.client() as client:
        yield client


@pytest.fixture
def own(three_models):
    with Server(env=QUICK, copy_of=three_models) as server:
        yield server


@pytest.fixture
def own_client(own):
    with own.client() as client:
        yield client


def ledger(server, sql, *values):
    with contextlib.closing(sqlite3.connect(f"file:{server.data_dir}/rankloop.db?mode=ro", uri=True)) as database:
        return database.execute(sql, values).fetchall()


def ranked_by(server, task):
    """The number of the model that ranked a task; 0 for the random order."""
    return ledger(server, "SELECT model_id FROM rankings JOIN inferences ON id = inference_id WHERE task_id = ?",
                  bytes.fromhex(task.replace("-", "")))[0][0]


def answers(server, client, number):
    """What is answered to a change counts for the next request."""
    assert ranked_by(server, finished(client)) == number


# Looking.

def test_the_list_and_one_model(client):
    rows = models(client)
    assert [(row["model_id"], row["family"], row["champion"], row["share"]) for row in rows] == [
        (1, "popularity", True, 1), (2, "logistic", False, 0), (3, "mlp", False, 0)]
    assert all(list(row) == BRIEF for row in rows)
    one = model(client, 2)
    assert list(one) == BRIEF + MORE
    assert {name: one[name] for name in BRIEF} == rows[1]
    assert {"train", "test"} == set(one["metrics"])
    assert 0.5 < one["metrics"]["test"]["auc"] <= 1
    curve = one["metrics"]["test"]["calibration_curve"]
    assert sum(point["rows"] for point in curve) == one["metrics"]["test"]["rows"]
    assert [point["predicted"] for point in curve] == sorted(point["predicted"] for point in curve)


def test_lineage_tells_what_a_model_learned_from(client):
    lineage = model(client, 2)["lineage"]
    assert (lineage["requests"], lineage["rows"], lineage["window"]) == (400, 4000, 100_000)
    assert (lineage["first"], lineage["last"], lineage["trained_until"]) == (1, 400, 320)
    assert [lineage[part + "_requests"] for part in ("train", "validation", "test")] == [288, 32, 80]
    assert re.fullmatch("[0-9a-f]{64}", lineage["hash"]) and lineage["features"]
    assert lineage["cause"] == "request" and lineage["seconds"] > 0
    other = model(client, 3)["lineage"]
    assert re.fullmatch("[0-9a-f]{64}", other["hash"]) and lineage["hash"] != other["hash"], "the family differs"
    assert (lineage["family"], lineage["objective"], lineage["seed"], lineage["position_bias"]) == (
        "logistic", "listwise", 42, "estimate")
    assert (lineage["randomised"], lineage["position_evidence"]) == (400, "random_orders")
    assert lineage["hyperparameters"]["logistic.penalty"] > 0 and "mlp.epochs" in other["hyperparameters"]
    snapshot = {row["feature"]: row for row in lineage["snapshot"]}
    assert len(snapshot) == 30 and "budget" in snapshot
    for row in snapshot.values():
        assert sum(row["shares"]) == pytest.approx(1, abs=1e-6), row
        assert row["edges"] == sorted(row["edges"])


def test_a_window_bounds_what_is_learned_from(own_client):
    number = trained(own_client, family="popularity", window=100, promote="manual")
    lineage = model(own_client, number)["lineage"]
    assert (lineage["requests"], lineage["first"], lineage["last"], lineage["window"]) == (100, 301, 400, 100)


@pytest.mark.parametrize("number", ["99", "0", "-1", "x", "1.5", str(2 ** 63)])
def test_an_unknown_model_is_not_found(client, number):
    asked = [client.get(f"/models/{number}"), client.get(f"/models/{number}/artefact"),
             client.request("DELETE", f"/models/{number}"), *(client.post(path.format(number), BODIES[path]) for path in CHANGES)]
    for answer in asked:
        assert (answer.status, answer.json) == (404, {"detail": "Model not found"})


@pytest.mark.parametrize("path, body, loc", [
    ("/models/2/share", {}, ["body", "share"]), ("/models/2/share", {"share": "x"}, ["body", "share"]),
    ("/models/2/share", ..., ["body", "share"]), ("/models/2/shadow", {"shadow": 1}, ["body", "shadow"]),
    ("/models/2/promote", {"actor": 3}, ["body", "actor"]), ("/models/2/promote", [], ["body"]),
    ("/models/2/promote", {"reason": "x" * 1001}, ["body", "reason"]),
    ("/models/rollback", {"reason": 3}, ["body", "reason"]),
])
def test_a_bad_change_is_refused(client, path, body, loc):
    before = history(client)
    answer = client.post(path, body)
    assert (answer.status, [fault["loc"] for fault in answer.json["detail"]]) == (422, [loc])
    assert history(client) == before and champion(client) == 1


def test_history_comes_in_pages(client):
    whole = client.get("/models/history").json
    assert [row["id"] for row in whole] == sorted((row["id"] for row in whole), reverse=True)
    first = client.get("/models/history?limit=1")
    assert first.json == whole[:1]
    path = re.fullmatch(r'<(.+)>; rel="next"', first.headers["Link"])[1]
    assert client.get(path).json == whole[1:2]
    assert client.get("/models/history?limit=0").status == 422
    assert client.get("/models/history?before=x").status == 422


# Promoting and going back.

def test_a_promotion_takes_effect_for_the_next_task(own, own_client):
    assert ranked_by(own, finished(own_client)) == 0
    before = finished(own_client)
    shown = results(own_client, before)
    answer = own_client.post("/models/2/promote", {"actor": "Ann", "reason": "better at breakfast"})
    assert (answer.status, answer.json["champion"], answer.json["share"]) == (200, True, 1)
    answers(own, own_client, 2)
    assert results(own_client, before) == shown
    event = history(own_client)[-1]
    assert (event["what"], event["model_id"], event["actor"], event["remark"], event["reason"]) == (
        "promoted", 2, "local", "Ann", "better at breakfast")
    own.stop()
    own.start()
    with own.client() as client:
        assert champion(client) == 2 and ranked_by(own, finished(client)) == 2


def test_a_promotion_of_the_champion_changes_nothing(client):
    before = history(client)
    assert client.post("/models/1/promote").status == 200
    assert history(client) == before


def test_going_back_goes_further_back_each_time(own, own_client):
    refused = own_client.post("/models/rollback")
    assert refused.status == 409 and "no champion" in refused.json["detail"]
    for number in (1, 2, 3):
        promoted(own_client, number)
    for number in (2, 1):
        answer = own_client.post("/models/rollback", {"reason": "complaints"})
        assert (answer.status, answer.json["model_id"], champion(own_client)) == (200, number, number)
        answers(own, own_client, number)
    refused = own_client.post("/models/rollback")
    assert refused.status == 409 and "model 1" in refused.json["detail"]
    assert champion(own_client) == 1
    assert [(event["what"], event["model_id"]) for event in history(own_client)[3:]] == [
        ("promoted", 1), ("promoted", 2), ("promoted", 3), ("rolled_back", 2), ("rolled_back", 1)]
    promoted(own_client, 3)
    assert own_client.post("/models/rollback").json["model_id"] == 1


def test_a_repeated_change_under_a_key_is_made_once(own_client):
    promoted(own_client, 1)
    promoted(own_client, 2)
    promoted(own_client, 3)
    answered = [own_client.post("/models/rollback", headers={"Idempotency-Key": "back"}) for _ in range(3)]
    assert [answer.status for answer in answered] == [200] * 3
    assert answered[0].json == answered[1].json == answered[2].json
    assert champion(own_client) == 2


# Removing.

def remove(client, number, **query):
    return client.request("DELETE", f"/models/{number}?" + urllib.parse.urlencode(query))


def test_a_removed_model_is_gone_and_its_number_with_it(own, own_client):
    promoted(own_client, 1)
    artefact = own_client.get("/models/3/artefact").body
    removed = remove(own_client, 3, reason="of no use & old")
    assert (removed.status, removed.json["model_id"], removed.json["family"]) == (200, 3, "mlp")
    assert [number["model_id"] for number in models(own_client)] == [1, 2]
    for answer in (own_client.get("/models/3"), own_client.get("/models/3/artefact"), remove(own_client, 3)):
        assert (answer.status, answer.json) == (404, {"detail": "Model not found"})
    told = [event for event in history(own_client) if event["model_id"] == 3]
    assert [event["what"] for event in told][-1] == "removed" and len(told) > 1
    assert (told[-1]["actor"], told[-1]["reason"], told[-1]["detail"]["family"]) == ("local", "of no use & old", "mlp")
    assert ledger(own, "SELECT count(*) FROM artefacts") == [(2,)]
    own.stop()
    own.start()
    with own.client() as client:
        assert client.post("/models", body=artefact, headers=BYTES).json == {"model_id": 4}


def test_what_answers_or_may_answer_again_is_not_removed(own_client):
    promoted(own_client, 1)
    promoted(own_client, 2)
    assert own_client.post("/models/3/share", {"share": 0.1}).status == 200
    for number, why in ((1, "rollback"), (2, "champion"), (3, "0.1 of the people")):
        refused = remove(own_client, number)
        assert refused.status == 409 and why in refused.json["detail"], refused
    assert own_client.post("/models/3/share", {"share": 0}).status == 200
    assert own_client.post("/models/3/shadow", {"shadow": True}).status == 200
    assert "shadow" in remove(own_client, 3).json["detail"]
    assert remove(own_client, 3, reason="x" * 1001).status == 422
    assert len(models(own_client)) == 3


def test_a_ranking_outlives_its_model(own, own_client):
    promoted(own_client, 3)
    answers(own, own_client, 3)
    task = finished(own_client)
    shown = results(own_client, task)
    promoted(own_client, 1)
    promoted(own_client, 2)
    assert remove(own_client, 3).status == 200
    assert results(own_client, task) == shown
    refused = own_client.get(f"/inference/explain/{task}/{shown[0]['location_id']}")
    assert refused.status == 409 and "removed" in refused.json["detail"], refused


# The size of artefacts.

def popularity_artefact(size):
    """A sound one of about so many bytes."""
    def text(data):
        return struct.pack("<I", len(data)) + data

    count = size // 12
    payload = struct.pack("<I", count) + struct.pack(f"<{count}Q", *range(1, count + 1)) + struct.pack("<f", 0.01) * count
    body = (b"RANKLOOP-MODEL\n" + struct.pack("<I", 2) + text(b"popularity") + struct.pack("<I", 1) + text(b"")
            + struct.pack("<ff", 1, 0) + text(payload + struct.pack("<f", 0.5)))
    return body + hashlib.sha256(body).digest()


def test_artefacts_are_bounded_wherever_they_come_from(three_models):
    with Server(env=QUICK, copy_of=three_models) as server:
        with server.client() as client:
            promoted(client, 1)
            artefacts = [client.get(f"/models/{number}/artefact").body for number in (1, 2, 3)]
        server.stop()
        sizes = [len(artefact) for artefact in artefacts]
        bound = max(sizes) - 1
        large = sizes.index(max(sizes)) + 1
        assert large != 1 and bound > 1024
        server.start(env={"RANKLOOP_MODELS_MAX_ARTEFACT": str(bound)})
        with server.client() as client:
            refused = client.post("/models", body=artefacts[large - 1], headers=BYTES)
            assert refused.status == 413 and str(bound) in refused.json["detail"], refused
            for path, body in (("promote", {}), ("share", {"share": 0.1}), ("shadow", {"shadow": True})):
                refused = client.post(f"/models/{large}/{path}", body)
                assert refused.status == 409 and "models.max_artefact" in refused.json["detail"], refused
            failed = ended(client, start_training(client, family="mlp", promote="manual"))
            assert failed["status"] == "FAILURE" and "models.max_artefact" in failed["error"], failed
            assert len(models(client)) == 3 and champion(client) == 1


def test_readers_of_one_artefact_share_its_bytes(three_models):
    """Twenty who take nothing of it cost one copy, not twenty."""
    size = 24 << 20
    with Server(env=QUICK, copy_of=three_models) as server, contextlib.ExitStack() as readers:
        with server.client() as client:
            assert client.post("/models", body=popularity_artefact(size), headers=BYTES).status == 201
            number = models(client)[-1]["model_id"]
            assert client.get(f"/models/{number}/artefact").status == 200
            before = resident_bytes(server.pid)
            for _ in range(20):
                reader = readers.enter_context(contextlib.closing(socket.socket()))
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                reader.connect((server.host, server.port))
                reader.sendall(f"GET /models/{number}/artefact HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                assert reader.recv(12) == b"HTTP/1.1 200"
            assert client.get("/health/live").status == 200
            assert resident_bytes(server.pid) - before < 4 * size


# Sharing.

def test_shares_sum_to_one(own_client):
    refused = own_client.post("/models/2/share", {"share": 0.2})
    assert refused.status == 409 and "champion" in refused.json["detail"]
    promoted(own_client, 1)
    for number, share in ((2, 0.2), (3, 0.3), (2, 0.7), (3, 0), (2, 0.1)):
        answer = own_client.post(f"/models/{number}/share", {"share": share})
        assert (answer.status, answer.json["share"]) == (200, share)
        assert sum(row["share"] for row in models(own_client)) == pytest.approx(1, abs=1e-9)
    promoted(own_client, 2)
    assert [row["share"] for row in models(own_client)] == [0, 1, 0]


@pytest.mark.parametrize("share", [1, 1.5, -0.1, 1e300])
def test_a_share_beyond_the_bounds_is_refused_in_numbers(client, share):
    answer = client.post("/models/2/share", {"share": share})
    assert answer.status == 422
    assert "below 1" in answer.json["detail"]
    assert [row["share"] for row in models(client)] == [1, 0, 0]


def test_more_than_all_of_the_traffic_is_refused_in_numbers(own_client):
    promoted(own_client, 1)
    assert own_client.post("/models/2/share", {"share": 0.7}).status == 200
    answer = own_client.post("/models/3/share", {"share": 0.4})
    assert answer.status == 409  # the request is sound: the registry has no room for it
    assert "0.4" in answer.json["detail"] and "0.7" in answer.json["detail"]
    assert [row["share"] for row in models(own_client)] == [pytest.approx(0.3), 0.7, 0]
    assert own_client.post("/models/1/share", {"share": 0.4}).status == 409


def test_a_person_keeps_the_model(own, own_client):
    promoted(own_client, 1)
    assert own_client.post("/models/2/share", {"share": 0.5}).status == 200
    people = [f"person-{number}" for number in range(40)]
    first = [ranked_by(own, finished(own_client, user_key=person)) for person in people]
    again = [ranked_by(own, finished(own_client, user_key=person)) for person in people]
    assert first == again
    assert 8 < first.count(2) < 32 and first.count(1) + first.count(2) == 40


def test_each_model_is_credited_with_its_own_requests(own, own_client):
    promoted(own_client, 1)
    assert own_client.post("/models/2/share", {"share": 0.5}).status == 200
    expected = {1: [0, 0, 0], 2: [0, 0, 0], 3: [0, 0, 0]}
    for number in range(24):
        task = finished(own_client, user_key=f"person-{number}")
        counts = expected[ranked_by(own, task)]
        shown = results(own_client, task)
        counts[0] += 1
        if number % 3:
            assert select(own_client, task, shown[number % 10]["location_id"]).status == 200
            counts[1] += 1
        else:
            select(own_client, task, -1)
            counts[2] += 1
    for row in models(own_client):
        counts = row["counts"]
        assert [counts["shown"], counts["picked"], counts["none"]] == expected[row["model_id"]]
        if counts["shown"]:
            low, high = counts["pick_rate_ci"]
            assert low < counts["pick_rate"] < high
            assert counts["pick_rate"] == pytest.approx(counts["picked"] / counts["shown"])


# Shadows.

def test_a_shadow_ranks_unseen(own, own_client):
    promoted(own_client, 1)
    assert own_client.post("/models/1/shadow", {"shadow": True}).status == 409
    answer = own_client.post("/models/2/shadow", {"shadow": True})
    assert (answer.status, answer.json["shadow"], answer.json["share"]) == (200, True, 0)
    tasks = [finished(own_client) for _ in range(5)]
    for task in tasks:
        assert ranked_by(own, task) == 1
        key = bytes.fromhex(task.replace("-", ""))
        rows = ledger(own, "SELECT model_id, length(packed) FROM shadow_rankings "
                           "JOIN inferences ON id = inference_id WHERE task_id = ?", key)
        assert len(rows) == 1 and rows[0][0] == 2 and rows[0][1] > 210
        results(own_client, task)
    assert model(own_client, 2)["counts"]["shown"] == 0
    assert model(own_client, 1)["counts"]["shown"] == 5
    assert own_client.post("/models/2/shadow", {"shadow": False}).json["shadow"] is False
    before = ledger(own, "SELECT count(*) FROM inferences")[0][0]
    wait_until(lambda: not ledger(own, "SELECT 1 FROM shadow_rankings JOIN inferences ON id = inference_id "
                                       "WHERE task_id = ?", bytes.fromhex(finished(own_client).replace("-", ""))),
               what="a ranking without a shadow")
    assert ledger(own, "SELECT count(*) FROM inferences")[0][0] > before
    assert [event["what"] for event in history(own_client)[-2:]] == ["shadow", "shadow"]


def test_a_promoted_shadow_steps_into_the_light(own_client):
    promoted(own_client, 1)
    own_client.post("/models/2/shadow", {"shadow": True})
    assert promoted(own_client, 2)["shadow"] is False


# Files.

@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_model_goes_out_and_in_again(three_models, number):
    with Server(env=QUICK, copy_of=three_models) as server, server.client() as client:
        file = client.get(f"/models/{number}/artefact")
        assert (file.status, file.headers["Content-Type"]) == (200, BYTES["Content-Type"])
        assert f"model-{number}.rankloop" in file.headers["Content-Disposition"]
        assert hashlib.sha256(file.body).hexdigest() == model(client, number)["artefact"]
        answer = client.post("/models", body=file.body, headers=BYTES)
        assert (answer.status, answer.json) == (201, {"model_id": 4})
        copy = model(client, 4)
        assert (copy["champion"], copy["share"], copy["family"]) == (False, 0, model(client, number)["family"])
        assert client.get("/models/4/artefact").body == file.body
        rankings = []
        for which in (number, 4):
            promoted(client, which)
            answers(server, client, which)
            rankings.append([(row["location_id"], row["score"]) for row in stored_results(client, finished(client))])
        assert rankings[0] == rankings[1]


def test_a_repeated_import_under_a_key_adds_one_model(own_client):
    file = own_client.get("/models/2/artefact").body
    answered = [own_client.post("/models", body=file, headers={**BYTES, "Idempotency-Key": "in"}) for _ in range(2)]
    assert [answer.json for answer in answered] == [{"model_id": 4}] * 2
    assert len(models(own_client)) == 4


def test_a_damaged_file_is_refused(client):
    file = client.get("/models/2/artefact").body
    turned = bytearray(file)
    turned[len(file) // 2] ^= 1
    for bad in (b"", b"model", file[:-1], file + b"x", bytes(turned), b"PK\x03\x04" + file):
        answer = client.post("/models", body=bad, headers=BYTES)
        assert answer.status == 422 and answer.json["detail"], answer
    assert client.post("/models", body=file).status == 415
    assert len(models(client)) == 3


def test_a_model_of_another_domain_is_refused(registry, client):
    with Server("--domain", ROOT / "domain/flights.toml", "--empty", env=QUICK) as server:
        with server.client() as flights:
            answer = flights.post("/models", body=client.get("/models/2/artefact").body, headers=BYTES)
            assert answer.status == 409 and "feature" in answer.json["detail"], answer
            assert models(flights) == []


# Doors.

POSTS = ["/train/start", "/train/cancel/x", "/models", "/models/rollback", "/models/2/promote", "/models/2/share",
         "/models/2/shadow", "/history:import"]


@pytest.mark.parametrize("path", POSTS)
def test_another_site_changes_nothing(client, path):
    before = history(client)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post(path, body=b"{}", headers={"Content-Type": "text/plain", **headers})
        assert answer.status == 403 and "other sites" in answer.json["detail"]
    assert history(client) == before and client.get("/tasks?kind=training&state=ready").json == []


def test_a_token_guards_the_registry(three_models):
    with Server(env={**QUICK, "RANKLOOP_AUTH_TOKEN": "a-s3cret-of-16-letters"}, copy_of=three_models) as server:
        with server.client() as client:
            for path in POSTS:
                assert client.post(path, {}).status == 401, path
            for path in ("/models", "/models/1", "/models/1/artefact", "/models/history", "/monitoring/drift"):
                assert client.get(path).status == 401, path
            with_token = {"Authorization": "Bearer a-s3cret-of-16-letters"}
            assert client.post("/models/2/promote", headers=with_token).status == 200
            assert client.get("/models/2", headers=with_token).json["champion"] is True
