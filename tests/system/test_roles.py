"""Who may do what: the table of routes, walked with no token, a guest's and the operator's."""

import pytest

from guests import GUEST, UNKNOWN_TASK
from rankloop_process import Server, run

OPERATOR = {"Authorization": "Bearer an-operator-of-ours"}
GUESTS = {"Authorization": "Bearer only-a-guest-of-ours"}
TOKENS = {"RANKLOOP_AUTH_TOKEN": "an-operator-of-ours", "RANKLOOP_AUTH_GUEST_TOKEN": "only-a-guest-of-ours"}

FOR_GUESTS = {"start_inference", "inference_status", "inference_results", "inference_events", "select_result",
              "cancel_inference", "tell_feedback"}
FOR_ALL = {"health_live", "health_ready"}


@pytest.fixture(scope="module")
def guarded(seeded_data):
    with Server(copy_of=seeded_data, env=TOKENS) as server:
        yield server


@pytest.fixture
def guarded_client(guarded):
    with guarded.client() as client:
        yield client


def operations(client):
    for path, methods in client.get("/openapi.json").json["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def concrete(path):
    """A path of nothing that is there."""
    for name in ("task_id",):
        path = path.replace("{" + name + "}", UNKNOWN_TASK)
    return "/".join("999999999" if step.startswith("{") else step for step in path.split("/"))


def status(server, method, path, headers):
    with server.client() as client:
        client.connection.connect()
        client.connection.request(method, concrete(path), headers=headers)
        return client.connection.getresponse().status


def test_every_route_needs_the_role_that_the_description_names(guarded, guarded_client):
    seen = set()
    for method, path, operation in operations(guarded_client):
        role, name = operation["x-rankloop-role"], operation["operationId"]
        seen.add(name)
        wanted = "none" if name in FOR_ALL else "guest" if name in FOR_GUESTS else "operator"
        assert role == wanted, name
        assert operation["security"] == ([] if role == "none" else [{"token": []}]), name
        without, guest, operator = (status(guarded, method, path, headers) for headers in ({}, GUESTS, OPERATOR))
        assert (without == 401) == (role != "none"), name
        assert (guest == 403) == (role == "operator"), name
        assert operator not in (401, 403) or name.startswith("start_simulated"), (name, operator)
    assert FOR_GUESTS | FOR_ALL <= seen


def test_a_guest_asks_and_picks(guarded_client):
    asked = guarded_client.post("/inference/start?wait=20s", GUEST, headers=GUESTS).json
    best = asked["results"][0]["location_id"]
    picked = guarded_client.put("/inference/select", {"task_id": asked["task_id"], "location_id": best}, headers=GUESTS)
    assert picked.status == 200
    refused = guarded_client.get("/models", headers=GUESTS)
    assert refused.status == 403
    assert "guest's token" in refused.json["detail"]


def test_who_changed_a_model_is_told_by_the_token_and_never_by_the_body(seeded_data):
    with Server("--workers", "0", copy_of=seeded_data, env=TOKENS) as server:
        with server.client(headers=OPERATOR) as client:
            artefact = client.get("/models/1/artefact").body
            assert client.post("/models", body=artefact, headers={"Content-Type": "application/octet-stream"}).status == 201
            refused = client.post("/models/2/promote", {"actor": "gate"}, headers=GUESTS)
            assert refused.status == 403
            assert client.post("/models/2/promote", {"actor": "gate", "reason": "so it seems"}).status == 200
            promoted, imported = client.get("/models/history?limit=2").json
            assert (promoted["actor"], promoted["remark"], promoted["reason"]) == ("operator", "gate", "so it seems")
            assert (imported["actor"], imported["remark"]) == ("operator", None)


def test_pages_need_no_token(guarded_client):
    for path in ("/", "/docs", "/openapi.json"):
        assert guarded_client.get(path).status == 200


def test_wrong_tokens_are_slowed_down_and_the_right_one_is_not(seeded_data):
    with Server("--workers", "0", copy_of=seeded_data, env=TOKENS) as server:
        with server.client() as client:
            answers = [client.get("/version", headers={"Authorization": f"Bearer guess-{number}"})
                       for number in range(30)]
            assert {answer.status for answer in answers} == {401, 429}
            assert answers[-1].status == 429 and int(answers[-1].headers["Retry-After"]) >= 1
            assert client.get("/version", headers=OPERATOR).status == 200


def test_one_address_is_kept_from_flooding_what_models_learn_from(seeded_data):
    settings = {**TOKENS, "RANKLOOP_HTTP_MAX_GUEST_CHANGES": "5", "RANKLOOP_HTTP_TRUSTED_PROXIES": "127.0.0.1"}
    with Server(copy_of=seeded_data, env=settings) as server, server.client() as client:
        def ask(address, who=GUESTS):
            return client.post("/inference/start", GUEST, headers={**who, "X-Forwarded-For": address})
        answers = [ask("203.0.113.7") for _ in range(8)]
        assert [answer.status for answer in answers[:5]] == [200] * 5
        assert answers[-1].status == 429 and int(answers[-1].headers["Retry-After"]) >= 1
        assert "http.max_guest_changes" in answers[-1].json["detail"]
        task = answers[0].json["task_id"]
        reading = {**GUESTS, "X-Forwarded-For": "203.0.113.7"}
        assert client.get(f"/inference/status/{task}?wait=10s", headers=reading).status == 200
        assert ask("203.0.113.8").status == 200
        assert ask("203.0.113.7", OPERATOR).status == 200


@pytest.mark.parametrize("settings, said", [
    ({"RANKLOOP_AUTH_TOKEN": "x"}, "at least 16 characters"),
    ({"RANKLOOP_AUTH_TOKEN": "fifteen-letters"}, "at least 16 characters"),
    ({"RANKLOOP_AUTH_TOKEN": TOKENS["RANKLOOP_AUTH_TOKEN"], "RANKLOOP_AUTH_GUEST_TOKEN": "short"},
     "auth.guest_token is '***'"),
    ({"RANKLOOP_AUTH_GUEST_TOKEN": "only-a-guest-of-ours"}, "auth.token is not"),
    ({"RANKLOOP_AUTH_TOKEN": "the-same-for-both", "RANKLOOP_AUTH_GUEST_TOKEN": "the-same-for-both"}, "the same"),
])
def test_tokens_that_protect_nothing_are_refused_at_the_start(tmp_path, settings, said):
    ended = run("serve", "--empty", "--data-dir", tmp_path, "--listen", "127.0.0.1:0", env=settings)
    assert ended.returncode != 0
    assert said in ended.stderr
    for token in settings.values():
        assert len(token) < 6 or token not in ended.stderr
