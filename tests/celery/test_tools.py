"""The tools of people who run Celery: `celery inspect`, events and Flower see workers of rankloop and their tasks."""

import threading

import pytest

from guests import GUEST
from peers import RESULT_SECONDS, Flower, celery_command
from rankloop_process import wait_until


@pytest.fixture(scope="module")
def flower(cluster, tmp_path_factory):
    with Flower(tmp_path_factory.mktemp("flower"), cluster.rabbit.url) as flower:
        yield flower


def nodes(cluster, app):
    """The names of all workers, once all have answered."""
    inspector = app.control.inspect(timeout=2)
    return wait_until(lambda: (found := sorted(inspector.ping() or {})) and len(found) == len(cluster.workers) and found,
                      what="a pong of each worker")


def test_each_worker_answers_a_ping_under_its_own_name(cluster, app):
    names = nodes(cluster, app)
    assert len(set(names)) == len(cluster.workers)
    answer = celery_command(app, "inspect", "ping")
    assert answer == {name: {"ok": "pong"} for name in names}


@pytest.mark.parametrize("what", ["active", "reserved", "scheduled", "revoked"])
def test_inspect_lists(cluster, app, what):
    answer = celery_command(app, "inspect", what)
    assert sorted(answer) == nodes(cluster, app)
    assert all(isinstance(tasks, list) for tasks in answer.values())


def test_inspect_tells_which_tasks_are_known(cluster, app):
    answer = app.control.inspect(timeout=2).registered()
    assert answer and all({"inference", "training", "feedback"} <= set(names) for names in answer.values())


def test_inspect_counts_what_was_run(cluster, app):
    def total():
        return sum(sum(stats["total"].values()) for stats in app.control.inspect(timeout=2).stats().values())

    before = total()
    for _ in range(3):
        app.send_task("inference", kwargs=GUEST).get(timeout=RESULT_SECONDS)
    assert total() >= before + 3
    for name, stats in celery_command(app, "inspect", "stats").items():
        assert stats["pid"] > 0 and stats["pool"]["max-concurrency"] >= 1, name


def test_a_request_for_one_worker_is_answered_by_it_alone(cluster, app):
    name = nodes(cluster, app)[0]
    assert list(app.control.inspect(destination=[name], timeout=2).ping()) == [name]


def test_remote_control_that_is_not_known_is_no_harm(cluster, app):
    app.control.broadcast("no_such_method", reply=True, timeout=1)
    app.control.broadcast("shutdown", destination=["somebody@else"])
    assert len(nodes(cluster, app)) == len(cluster.workers)


def test_events_tell_a_task_from_receipt_to_success(cluster, app):
    seen = {}
    result = None
    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": lambda event: collect(seen, event)})
        consuming = threading.Thread(target=receiver.capture, kwargs={"wakeup": False}, daemon=True)
        consuming.start()
        wait_until(lambda: "worker-heartbeat" in seen.get(None, {}), RESULT_SECONDS, "a heartbeat")
        assert len(app.control.enable_events(reply=True, timeout=2)) == len(cluster.workers)
        result = app.send_task("inference", kwargs=GUEST)
        result.get(timeout=RESULT_SECONDS)
        wait_until(lambda: {"task-received", "task-started", "task-succeeded"} <= set(seen.get(result.id, {})),
                   RESULT_SECONDS, "the events of the task")
        receiver.should_stop = True
        consuming.join(10)
    received, succeeded = seen[result.id]["task-received"], seen[result.id]["task-succeeded"]
    assert received["name"] == "inference" and received["hostname"] == succeeded["hostname"]
    assert succeeded["runtime"] >= 0 and isinstance(succeeded["result"], str)
    assert received["timestamp"] <= succeeded["timestamp"]
    beat = seen[None]["worker-heartbeat"]
    assert beat["freq"] > 0 and {"active", "processed", "loadavg", "sw_ident", "sw_ver", "sw_sys"} <= set(beat)


def collect(seen, event):
    seen.setdefault(event.get("uuid"), {})[event["type"]] = event


def test_flower_shows_workers_and_tasks(cluster, app, flower):
    result = app.send_task("inference", kwargs=GUEST)
    result.get(timeout=RESULT_SECONDS)
    workers = wait_until(lambda: (found := flower.get("/api/workers?refresh=1")) and len(found) == len(cluster.workers)
                         and found, RESULT_SECONDS, "the workers in Flower")
    assert sorted(workers) == nodes(cluster, app)
    result = app.send_task("inference", kwargs=GUEST)
    result.get(timeout=RESULT_SECONDS)
    task = wait_until(lambda: (found := flower.get("/api/tasks").get(result.id)) and found["state"] == "SUCCESS" and
                      found, RESULT_SECONDS, "the task in Flower")
    assert task["name"] == "inference" and task["worker"] in workers


def test_flower_revokes(client, app, flower):
    result = app.send_task("inference", kwargs=GUEST, countdown=3600)
    wait_until(lambda: client.get(f"/inference/status/{result.id}").status == 200, what="the task in the ledger")
    flower.post(f"/api/task/revoke/{result.id}")
    wait_until(lambda: client.get(f"/inference/status/{result.id}").json["status"] == "REVOKED", what="the revocation")
