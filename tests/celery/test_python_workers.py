"""The other way round: Python workers run what the API of rankloop has accepted; and tasks under other names."""

import contextlib

import pytest

from cluster import ClusterServer, ClusterWorker
from guests import GUEST, results, select, start, stored_results
from named_things import DOMAIN, bring, names
from peers import RESULT_SECONDS, PythonWorker, client_app
from rankloop_process import run, wait_until

# Ranks places by their number, the largest first, and the last three requests of each kind strangely.
TASKS = '''
@app.task(name="inference")
def inference(task_id, request, items, limit):
    if request["name"] == "breaks":
        raise ValueError("no ranking today")
    if request["name"] == "says nonsense":
        return ["no", "items"]
    if request["name"] == "with scores":
        return [[item, item / 1000] for item in sorted(items, reverse=True)]
    return sorted(items, reverse=True)[:limit]
'''
CANDIDATES = [3, 17, 5, 90, 41]


@contextlib.contextmanager
def another(cluster, folder, name, settings):
    """A server and a worker with settings and a database of their own, on the same services."""
    settings = {**cluster.settings(), "RANKLOOP_STORE": cluster.postgres.new_database(name), **settings}
    with ClusterServer(folder / f"{name}-server", f"{name}-server", settings) as server, \
         ClusterWorker(folder / f"{name}-worker", f"{name}-worker", settings):
        yield server


def external_settings(name, **changes):
    """For tasks left to Python workers of the queue python.NAME."""
    return {"RANKLOOP_CELERY_EXTERNAL": "inference", "RANKLOOP_CELERY_EXTERNAL_QUEUE": f"python.{name}",
            "RANKLOOP_CELERY_EXTERNAL_TIMEOUT": "10s", "RANKLOOP_TASKS_MAX_ATTEMPTS": "1",
            "RANKLOOP_CELERY_INFERENCE_QUEUE": name, "RANKLOOP_CELERY_TRAINING_QUEUE": f"{name}.training", **changes}


@pytest.fixture(scope="module")
def served_by_python(cluster, tmp_path_factory):
    folder = tmp_path_factory.mktemp("python-worker")
    settings = {"RANKLOOP_CELERY_EXTERNAL": "inference", "RANKLOOP_CELERY_EXTERNAL_QUEUE": "python",
                "RANKLOOP_CELERY_EXTERNAL_TIMEOUT": "10s", "RANKLOOP_TASKS_MAX_ATTEMPTS": "1",
                "RANKLOOP_CELERY_INFERENCE_QUEUE": "external", "RANKLOOP_CELERY_TRAINING_QUEUE": "external.training"}
    with another(cluster, folder, "external", settings) as server:
        with PythonWorker(folder, cluster.rabbit.url, cluster.redis.url, "python", TASKS):
            with server.client() as client:
                yield client


def status(client, task):
    return client.get(f"/inference/status/{task}?wait=30s")


def test_a_python_worker_ranks_and_the_ledger_has_it(served_by_python):
    client = served_by_python
    task = start(client, GUEST, candidates=CANDIDATES)
    assert status(client, task).json["status"] == "SUCCESS"
    shown = [row["location_id"] for row in results(client, task)]
    assert shown == sorted(CANDIDATES, reverse=True)
    assert select(client, task, shown[0]).json["label"] == 1
    assert [row["location_id"] for row in stored_results(client, task)] == shown


def test_a_python_worker_may_tell_scores(served_by_python):
    client = served_by_python
    task = start(client, {**GUEST, "name": "with scores"}, candidates=CANDIDATES)
    assert status(client, task).json["status"] == "SUCCESS"
    assert [row["score"] for row in stored_results(client, task)] == pytest.approx(
        [item / 1000 for item in sorted(CANDIDATES, reverse=True)])


def test_a_python_worker_ranks_the_whole_catalog(served_by_python):
    client = served_by_python
    task = start(client)
    assert status(client, task).json["status"] == "SUCCESS"
    assert [row["location_id"] for row in results(client, task, limit=3)] == [210, 209, 208]


@pytest.mark.parametrize("name, told", [("breaks", "no ranking today"), ("says nonsense", "item")])
def test_what_a_python_worker_gets_wrong_is_a_failure_with_its_reason(served_by_python, name, told):
    client = served_by_python
    task = start(client, {**GUEST, "name": name}, candidates=CANDIDATES)
    answer = status(client, task)
    assert answer.status == 500 and told in answer.text, answer


def test_what_a_python_worker_ranked_is_not_explained(served_by_python):
    client = served_by_python
    task = start(client, GUEST, candidates=CANDIDATES)
    assert status(client, task).json["status"] == "SUCCESS"
    answer = client.get(f"/inference/explain/{task}/{CANDIDATES[0]}")
    assert answer.status == 409 and "Python worker" in answer.text, answer


def test_many_requests_are_with_python_workers_at_once(served_by_python):
    client = served_by_python
    tasks = [start(client, GUEST, candidates=CANDIDATES) for _ in range(60)]
    assert {status(client, task).json["status"] for task in tasks} == {"SUCCESS"}


def test_answers_may_come_as_replies(cluster, tmp_path):
    settings = external_settings("replies", RANKLOOP_CELERY_RESULTS="")
    with another(cluster, tmp_path, "replies", settings) as server, server.client() as client, \
         PythonWorker(tmp_path, cluster.rabbit.url, "rpc://", "python.replies", TASKS, node="replies"):
        task = start(client, GUEST, candidates=CANDIDATES)
        assert status(client, task).json["status"] == "SUCCESS"
        assert [row["location_id"] for row in results(client, task)] == sorted(CANDIDATES, reverse=True)
        broken = status(client, start(client, {**GUEST, "name": "breaks"}, candidates=CANDIDATES))
        assert broken.status == 500 and "no ranking today" in broken.text, broken


REVERSED = '''
@app.task(name="inference")
def inference(task_id, request, items, limit):
    return sorted(items, reverse=True)[:limit]
'''


# The first run ends its worker in the middle. Whether the broker gives the message to the next worker or the task is
# asked for again depends on whether it was acknowledged before.
DIES_ONCE = '''
import os, pathlib, signal
@app.task(name="inference")
def inference(task_id, request, items, limit):
    marker = pathlib.Path({marker!r})
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return items
'''


def test_a_python_worker_and_a_producer_name_items_by_texts(cluster, tmp_path):
    (tmp_path / "things.toml").write_text(DOMAIN)
    settings = external_settings("named", RANKLOOP_DOMAIN=str(tmp_path / "things.toml"), RANKLOOP_EMPTY="true")
    with another(cluster, tmp_path, "named", settings) as server, server.client() as client, \
         PythonWorker(tmp_path, cluster.rabbit.url, cluster.redis.url, "python.named", REVERSED, node="named"):
        bring(client)
        task = start(client, {"age": 30}, candidates=["a/b", "🍎", "nobody's", "Zoë 2"])
        assert status(client, task).json["status"] == "SUCCESS"
        assert names(results(client, task)) == ["🍎", "a/b", "Zoë 2"]
        app = client_app(cluster.rabbit.url, cluster.redis.url)
        sent = app.send_task("inference", kwargs={"age": 30, "candidates": ["a/b", "🍎"]}, queue="named")
        assert names(sent.get(timeout=RESULT_SECONDS)["results"]) == ["🍎", "a/b"]


def test_another_python_worker_takes_over_from_one_that_died(cluster, tmp_path):
    marker = tmp_path / "died"
    tasks = DIES_ONCE.format(marker=str(marker))
    settings = external_settings("deaths", RANKLOOP_CELERY_EXTERNAL_TIMEOUT="2s", RANKLOOP_TASKS_MAX_ATTEMPTS="100")
    with another(cluster, tmp_path, "deaths", settings) as server, server.client() as client:
        first = PythonWorker(tmp_path, cluster.rabbit.url, cluster.redis.url, "python.deaths", tasks, node="first")
        first.start()
        task = start(client, GUEST, candidates=CANDIDATES)
        wait_until(lambda: marker.exists() and not first.running, 20, "the death of the first worker")
        second = PythonWorker(tmp_path, cluster.rabbit.url, cluster.redis.url, "python.deaths", tasks, node="second")
        with second:
            assert status(client, task).json["status"] == "SUCCESS"
        assert [row["location_id"] for row in results(client, task)] == sorted(CANDIDATES)


SLOW = '''
import time
@app.task(name="inference")
def inference(task_id, request, items, limit):
    time.sleep(3)
    return items
'''


def test_the_lease_is_kept_while_a_python_worker_takes_its_time(cluster, tmp_path):
    settings = external_settings("patience", RANKLOOP_TASKS_LEASE="1s", RANKLOOP_CELERY_EXTERNAL_TIMEOUT="60s")
    with another(cluster, tmp_path, "patience", settings) as server, server.client() as client, \
         PythonWorker(tmp_path, cluster.rabbit.url, cluster.redis.url, "python.patience", SLOW, node="patient"):
        task = start(client, GUEST, candidates=CANDIDATES)
        assert status(client, task).json["status"] == "SUCCESS"
        assert client.get(f"/tasks/{task}").json["attempt"] == 1


def test_no_answer_in_time_is_a_failure_with_its_reason(cluster, tmp_path):
    settings = external_settings("silence", RANKLOOP_CELERY_EXTERNAL_TIMEOUT="300ms", RANKLOOP_TASKS_MAX_ATTEMPTS="2")
    with another(cluster, tmp_path, "silence", settings) as server, server.client() as client:
        task = start(client, GUEST, candidates=CANDIDATES)
        answer = status(client, task)
        assert answer.status == 500 and "no Python worker answered within 300ms" in answer.text, answer
        assert client.get(f"/tasks/{task}").json["attempt"] == 2


def test_python_workers_need_a_broker(tmp_path):
    answer = run("serve", "--data-dir", tmp_path, "--listen", "127.0.0.1:0",
                 env={"RANKLOOP_CELERY_EXTERNAL": "inference"})
    assert answer.returncode == 2 and "amqp://" in answer.stderr, answer


def test_tasks_may_have_the_names_of_another_program(cluster, tmp_path):
    settings = {"RANKLOOP_CELERY_INFERENCE_TASK": "hotels.tasks.rank", "RANKLOOP_CELERY_INFERENCE_QUEUE": "hotels",
                "RANKLOOP_CELERY_TRAINING_QUEUE": "hotels.training"}
    app = client_app(cluster.rabbit.url, cluster.redis.url)
    with another(cluster, tmp_path, "hotels", settings):
        result = app.send_task("hotels.tasks.rank", kwargs=GUEST, queue="hotels")
        assert len(result.get(timeout=RESULT_SECONDS)["results"]) == 10
        refused = app.send_task("inference", kwargs=GUEST, queue="hotels")
        refused.get(timeout=RESULT_SECONDS, propagate=False)
        assert refused.state == "FAILURE"
