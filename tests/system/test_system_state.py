"""What GET /system, /settings, /monitoring/loop and /monitoring/drift/history tell of a running server."""

import json

from guests import finished, results, select, start
from learning import QUICK, ended, start_training, traffic
from rankloop_process import Server, wait_until

TOKEN = "a-secret-of-16-letters"
PASSWORD = "hush-of-the-broker"


def test_the_process_and_its_store_are_told(server):
    with server.client() as client:
        state = client.get("/system").json
        assert state["process"]["resident_bytes"] > 1_000_000
        assert state["process"]["threads"] >= 3
        assert 0 < state["process"]["open_files"] <= state["process"]["most_files"]
        assert (state["store"]["kind"], state["store"]["fault"]) == ("sqlite", None)
        assert state["store"]["bytes"] >= 4096
        assert (state["queue"]["kind"], state["queue"]["fault"]) == ("memory", None)
        assert (state["workers"], state["demo"], state["uptime_seconds"] >= 0) == (1, False, True)
        version = client.get("/version").json
        assert (state["version"], state["revision"]) == (version["version"], version["revision"])


def test_waiting_tasks_are_told_with_their_age(seeded_data):
    with Server("--workers", "0", copy_of=seeded_data) as server, server.client() as client:
        start(client)
        tasks = wait_until(lambda: (found := client.get("/system").json["tasks"]["inference"]).get("ready") and found,
                           what="the waiting task")
        assert tasks["ready"] == 1 and tasks["oldest_waiting_seconds"] >= 0


def test_settings_are_told_with_their_source(seeded_data, tmp_path):
    file = tmp_path / "rankloop.toml"
    file.write_text("[tasks]\nlease = '90s'\n")
    with Server("--config", file, "--workers", "2", copy_of=seeded_data,
                env={"RANKLOOP_GATE_MARGIN": "0.01"}) as server, server.client() as client:
        settings = {setting["key"]: setting for setting in client.get("/settings").json}
    told = {key: (settings[key]["value"], settings[key]["from"])
            for key in ("tasks.lease", "workers", "gate.margin", "http.max_body")}
    assert told == {"tasks.lease": ("90s", "file"), "workers": ("2", "command line"),
                    "gate.margin": ("0.01", "environment"), "http.max_body": ("1MB", "default")}
    assert settings["workers"]["default"] == "1" and settings["workers"]["help"]


def test_no_secret_is_told(seeded_data):
    # The broker is away, which is no reason not to start.
    broker = f"amqp://rankloop:{PASSWORD}@127.0.0.1:1/"
    env = {"RANKLOOP_AUTH_TOKEN": TOKEN, "RANKLOOP_CELERY_RESULTS": f"redis://:{PASSWORD}@127.0.0.1:1/0"}
    with Server("--queue", broker, env=env, copy_of=seeded_data) as server:
        with server.client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            told = {path: client.get(path).text for path in ("/settings", "/system", "/metrics", "/version", "/simulate")}
        with server.client() as client:
            assert {client.get(path).status for path in told} == {401}
    for path, text in told.items():
        assert TOKEN not in text and PASSWORD not in text, path
    settings = {setting["key"]: setting["value"] for setting in json.loads(told["/settings"])}
    assert settings["auth.token"] == "***"
    assert settings["queue"] == "amqp://rankloop:***@127.0.0.1:1/"
    assert settings["celery.results"] == "redis://:***@127.0.0.1:1/0"
    assert json.loads(told["/system"])["queue"]["fault"]


def arrows(report):
    return {arrow["to"]: arrow for arrow in report["arrows"]}


def test_the_loop_tells_rate_lag_and_health(own_server):
    with own_server.client() as client:
        still = arrows(client.get("/monitoring/loop").json)
        assert {arrow["health"] for arrow in still.values()} <= {"still", "well"}
        for _ in range(3):
            task = finished(client)
            select(client, task, results(client, task)[0]["location_id"])

        def flowing():
            found = arrows(client.get("/monitoring/loop").json)  # what trainings say is up to five seconds old
            return found["picked"]["per_second"] > 0 and "3 new outcomes" in found["trained"]["says"] and found

        now = wait_until(flowing, what="the picks in the loop")
        for step in ("requests", "scored", "shown", "picked"):
            assert now[step]["per_second"] > 0 and now[step]["health"] == "well" and now[step]["says"]
        for step in ("scored", "shown", "picked"):
            assert 0 <= now[step]["lag_seconds"] <= now[step]["lag_p95_seconds"]


def test_the_loop_tells_what_the_gate_needs_besides_the_training(own_server):
    with own_server.client() as client:
        for picks in (True, False):
            for _ in range(2):
                task = finished(client)
                first = results(client, task)[0]["location_id"]
                select(client, task, first if picks else -1)
        needs = wait_until(lambda: (told := client.get("/monitoring/loop").json["needs"])["outcomes"] == 4 and told,
                           what="four outcomes in the loop")
        # One request in two ends with a pick, and one in five judges: 200 of 2,000.
        assert needs == {"outcomes": 4, "outcomes_at_least": False, "training": 250, "gate": 2000}


def test_the_loop_is_streamed(server):
    with server.raw() as socket:
        socket.send("GET /monitoring/loop/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        while socket.line().strip():
            pass
        reports = []
        while len(reports) < 2:
            line = socket.line()
            assert line, "the stream ended"
            if line.startswith(b"data: "):
                reports.append(json.loads(line[6:]))
        assert len(reports[0]["arrows"]) == 7 and reports[0]["at"] <= reports[1]["at"]


def test_a_server_stops_while_the_loop_is_streamed(seeded_data):
    with Server(copy_of=seeded_data) as server, server.raw() as socket:
        socket.send("GET /monitoring/loop/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"200" in socket.line()
        server.stop()


def test_drift_is_told_over_time():
    with Server(env=QUICK) as server, server.client() as client:
        assert client.get("/monitoring/drift/history").json == {"model_id": None, "windows": [], "features": []}
    with Server(env=QUICK) as server, server.client() as client:
        traffic(server, 450)
        model = ended(client, start_training(client, family="logistic", promote="auto"))["model_id"]
        client.post(f"/models/{model}/promote", {"reason": "so that there is a champion"})
        told = client.get("/monitoring/drift/history").json
        assert told["model_id"] == model
        assert [window["requests"] for window in told["windows"]] == [225, 225]
        assert told["windows"][0]["until"] <= told["windows"][1]["from"]
        assert len(told["features"]) >= 20
        for feature in told["features"]:
            assert len(feature["stability_indexes"]) == len(feature["window_shares"]) == 2
            assert {len(shares) for shares in feature["window_shares"]} == {len(feature["edges"]) + 2}
            assert abs(sum(feature["window_shares"][0]) - 1) < 0.01
