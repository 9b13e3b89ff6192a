"""The log: what its lines are, what they never say, and its level while the server runs."""

import json
import secrets

import pytest

from guests import GUEST, finished, results, select, start
from learning import QUICK
from rankloop_process import Server, run, wait_until

PERSON = {**GUEST, "name": "Zaphod Beeblebrox", "people_age": [87, 91], "budget": 77123.25,
          "user_key": "zaphod-key-4242"}
PERSONAL = ["Zaphod", "Beeblebrox", "87, 91", "[87", "77123", "zaphod-key-4242"]


def lines(server):
    """Every line as the object that it has to be."""
    return [json.loads(line) for line in server.log.splitlines()]


def events(server, name):
    return [line for line in lines(server) if line["event"] == name]


def logging_server(data, level, **more):
    return Server(copy_of=data, env={"RANKLOOP_LOG_FORMAT": "json", "RANKLOOP_LOG_LEVEL": level, **more})


def journey(client, headers=None):
    """Everything that a person does, and some of it wrongly."""
    sent = {"headers": headers or {}}
    answer = client.post("/inference/start?wait=30s", PERSON, **sent)
    assert answer.status == 200
    task = answer.json["task_id"]
    rows = results(client, task)
    assert select(client, task, rows[0]["location_id"]).status == 200
    assert client.post("/inference/start", {**PERSON, "budget": "77123 or more"}).status == 422
    assert client.post("/inference/start", {**PERSON, "user_key": "zaphod-key-4242" * 20}).status == 422
    assert client.get("/inference/status/Zaphod?name=Zaphod").status in (404, 422)
    assert client.get("/content/Zaphod").status == 404
    return task


def test_why_it_could_not_start_is_a_line_like_every_other(server, tmp_path):
    env = {"RANKLOOP_LOG_FORMAT": "json"}
    refused = run("serve", "--data-dir", server.data_dir, "--listen", "127.0.0.1:0", env=env)
    assert refused.returncode == 1
    line = [json.loads(line) for line in refused.stderr.splitlines()][-1]
    assert line["event"] == "cannot run" and server.url in line["message"] and line["level"] == "error"
    shown = Server(data_dir=tmp_path, env=env)  # a first start, which has progress to tell
    with shown:
        shown.stop()
    assert lines(shown)


@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_line_has_anything_of_a_person(seeded_data, level):
    with logging_server(seeded_data, level) as server:
        with server.client() as client:
            journey(client)
        server.stop()
        assert lines(server)
        for word in PERSONAL:
            assert word not in server.log


def test_lines_at_info_are_of_changes_of_the_server_only(seeded_data):
    with logging_server(seeded_data, "info") as server:
        with server.client() as client:
            journey(client)
        server.stop()
        assert {line["event"] for line in lines(server)} <= {"model answers", "ready", "draining", "stopped"}


def test_every_request_has_a_line_with_its_id_at_debug(seeded_data):
    trace_id = secrets.token_hex(16)
    with logging_server(seeded_data, "debug") as server:
        with server.client() as client:
            headers = {"X-Request-Id": "my-own-id", "traceparent": f"00-{trace_id}-{'1' * 16}-00"}
            task = journey(client, headers)
        server.stop()
        requests = events(server, "request")
        assert requests and all(line["request_id"] for line in requests)
        mine, = (line for line in requests if line["request_id"] == "my-own-id")
        assert (mine["method"], mine["route"], mine["status"]) == ("POST", "/inference/start", "200")
        assert mine["trace_id"] == trace_id
        assert all("trace_id" not in line for line in requests if line is not mine)
        ranked, = (line for line in events(server, "task ranked") if line["task_id"] == task)
        assert (ranked["model_id"], ranked["attempt"], ranked["trace_id"]) == ("1", "1", trace_id)


def test_a_training_is_told_by_task_and_model(evidence_data):
    with Server(copy_of=evidence_data, env={**QUICK, "RANKLOOP_LOG_FORMAT": "json"}) as server:
        with server.client() as client:
            task = client.post("/train/start", {"family": "logistic"}).json["task_id"]
            wait_until(lambda: client.get(f"/tasks/{task}").json["state"] == "succeeded", seconds=60)
        server.stop()
        begins, = events(server, "training begins")
        ended, = events(server, "training ended")
        assert begins["task_id"] == ended["task_id"] == task
        assert int(ended["model_id"]) > 0


def test_text_is_one_event_a_line(seeded_data):
    with Server(copy_of=seeded_data, env={"RANKLOOP_LOG_LEVEL": "debug"}) as server:
        with server.client() as client:
            finished(client)
        server.stop()
        for line in server.log.splitlines():
            date, _, level, _ = line.split(maxsplit=3)
            assert len(date) == 10 and level in ("debug", "info", "warning", "error"), line


# ---- The level while the server runs ----


@pytest.fixture
def quiet(seeded_data):
    with logging_server(seeded_data, "warning") as server:
        yield server


def test_the_level_is_changed_while_the_server_runs(quiet):
    with quiet.client() as client:
        assert client.get("/log").json == {"level": "warning", "format": "json"}
        start(client)
        answer = client.put("/log", {"level": "debug"}, headers={"X-Request-Id": "louder"})
        assert (answer.status, answer.json) == (200, {"level": "debug", "format": "json"})
        finished(client)
        assert client.get("/log").json["level"] == "debug"
        assert client.put("/log", {"level": "off"}, headers={"X-Request-Id": "silent"}).status == 200
        finished(client)
    quiet.stop()
    heard = lines(quiet)
    assert [line["event"] for line in heard][0] == "log level changed"
    louder, silent = events(quiet, "log level changed")
    assert (louder["from"], louder["to"], louder["request_id"]) == ("warning", "debug", "louder")
    assert (silent["from"], silent["to"], silent["request_id"]) == ("debug", "off", "silent")
    assert heard[-1] == silent
    assert events(quiet, "request") and events(quiet, "task ranked")


def test_what_was_set_holds_to_the_end(seeded_data):
    with logging_server(seeded_data, "info") as server:
        with server.client() as client:
            assert client.put("/log", {"level": "off"}).status == 200
        server.stop()
    assert lines(server)[-1]["event"] == "log level changed"
    with logging_server(seeded_data, "warning") as server:
        with server.client() as client:
            assert client.put("/log", {"level": "info"}).status == 200
        server.stop()
    assert [line["event"] for line in lines(server)][-2:] == ["draining", "stopped"]


@pytest.mark.parametrize("body, told", [
    ({"level": "loud"}, ["loud", "debug, info, warning, error and off"]),
    ({"level": "INFO"}, ["INFO", "debug"]),
    ({"level": 3}, ["string"]),
    ({}, ["required"]),
    ([], ["dictionary"]),
])
def test_a_wrong_level_is_refused_with_what_is_allowed(quiet, body, told):
    with quiet.client() as client:
        answer = client.put("/log", body)
        assert answer.status == 422
        for words in told:
            assert words in answer.json["detail"][0]["msg"]
        assert client.get("/log").json["level"] == "warning"


def test_the_level_is_protected_like_any_change(seeded_data):
    with logging_server(seeded_data, "info", RANKLOOP_AUTH_TOKEN="hush-token-of-the-test") as server:
        with server.client() as client:
            assert client.get("/log").status == 401
            assert client.put("/log", {"level": "off"}).status == 401
            assert client.put("/log", {"level": "off"}, headers={"Authorization": "Bearer wrong-token-2"}).status == 401
        with server.client(headers={"Authorization": "Bearer hush-token-of-the-test"}) as client:
            assert client.put("/log", {"level": "off"}, headers={"Origin": "http://evil.example"}).status == 403
            assert client.put("/log", {"level": "debug"}).status == 200
            finished(client)
        server.stop()
        assert "hush-token-of-a-demo" not in server.log and "wrong-token" not in server.log


# ---- Secrets ----

SECRET_SETTINGS = {
    "RANKLOOP_STORE": "postgresql://ada:hush-store@127.0.0.1:9/rank?password=hush-parameter",
    "RANKLOOP_QUEUE": "amqp://ada:hush-queue@127.0.0.1:9/",
    "RANKLOOP_CELERY_RESULTS": "redis://ada:hush-results@127.0.0.1:9/0",
    "RANKLOOP_TRACING_ENDPOINT": "http://ada:hush-spans@127.0.0.1:9/v1/traces",
    "RANKLOOP_AUTH_TOKEN": "hush-token-of-a-demo",
}


def test_no_secret_of_the_settings_is_shown(seeded_data):
    settings = {name: value for name, value in SECRET_SETTINGS.items() if name != "RANKLOOP_STORE"}
    with logging_server(seeded_data, "debug", **settings) as server:
        with server.client(headers={"Authorization": "Bearer hush-token-of-a-demo"}) as client:
            finished(client)
            for page in ["/version", "/metrics", "/log", "/health/ready", "/openapi.json"]:
                assert "hush" not in client.get(page).text
            wait_until(lambda: "the broker is away" in server.log)
        server.stop()
        assert lines(server)
        assert "hush" not in server.log


def test_no_secret_is_in_the_words_of_a_start_that_fails(tmp_path):
    done = run("serve", "--data-dir", tmp_path, env=SECRET_SETTINGS)
    assert done.returncode != 0
    assert "hush" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["RANKLOOP_QUEUE", "RANKLOOP_CELERY_RESULTS", "RANKLOOP_TRACING_ENDPOINT",
                                  "RANKLOOP_STORE"])
def test_no_secret_is_in_the_words_about_a_wrong_setting(tmp_path, name):
    env = {"RANKLOOP_QUEUE": "amqp://127.0.0.1:9/", name: "nonsense://ada:hush@127.0.0.1:9/"}
    done = run("serve", "--data-dir", tmp_path, env=env)
    assert done.returncode != 0
    assert "hush" not in done.stdout + done.stderr


def test_no_secret_is_in_what_config_prints():
    done = run("config", env=SECRET_SETTINGS)
    assert done.returncode == 0
    assert "hush" not in done.stdout + done.stderr
