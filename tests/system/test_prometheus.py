"""The rules and the dashboard of deploy/ in the real Prometheus, which scrapes real servers."""

import contextlib
import json
import math
import re
import resource
import signal
import subprocess

import pytest

from guests import GUEST, finished, start
from learning import QUICK, champion, ended, import_history, past_requests, promoted, start_training, trained
from process import program
from prometheus import DEPLOYED, Prometheus, expressions, names_in
from rankloop_process import BINARY, Server, environment, wait_until

# What the panels of the reference's dashboard tell, by what ours are called.
REFERENCE_PANELS = {"Active inferences", "Accuracy", "Accuracy: good and bad inferences", "Processing time per route, p50",
                    "People", "Children", "Budget", "Ages", "Wishes"}


def traffic(server, *options):
    return [str(BINARY), "simulate", "traffic", "--url", server.url, "--guests", "8", "--tmin", "0", "--quiet", *options]


@contextlib.contextmanager
def guests_come(server):
    """Guests who do not stop coming."""
    command = traffic(server, "--tmax", "0.05", "--journeys", "0")
    guests = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        guests.send_signal(signal.SIGINT)
        guests.wait(30)


def promtool(*args, text=None):
    return subprocess.run([program("promtool"), *map(str, args)], input=text, capture_output=True, text=True,
                          timeout=60, check=False)


def fires(prometheus, name, seconds=90):
    """The alert once it fires, its texts filled in."""
    alert = wait_until(lambda: prometheus.alerts().get(name), seconds, f"the alert {name}")
    told = " ".join(alert["annotations"].values())
    assert "error" not in told and "{{" not in told and "%!" not in told, told
    return alert


@pytest.fixture(scope="module")
def prometheus_of(tmp_path_factory):
    """prometheus_of(server) scrapes it until the tests of this file end."""
    with contextlib.ExitStack() as running:
        def make(server):
            folder = tmp_path_factory.mktemp("prometheus")
            return running.enter_context(Prometheus(folder, [f"{server.host}:{server.port}"]))

        yield make


@pytest.fixture(scope="module")
def watched(prometheus_of):
    """A server whose loop turns while Prometheus scrapes it: a model was trained and promoted, guests came, another
    learned from them, and guests like those go on coming."""
    with Server(env=QUICK) as server, server.client() as client:
        prometheus = prometheus_of(server)
        wait_until(prometheus.scraped, 30, "the first scrape")
        import_history(client, past_requests(300))
        assert champion(client) is None
        model = trained(client, family="logistic")
        assert champion(client) == model
        subprocess.run(traffic(server, "--tmax", "0", "--journeys", "3000"), env=environment(),
                       stdout=subprocess.DEVNULL, timeout=300, check=True)
        promoted(client, trained(client, family="logistic", promote="manual"))
        with guests_come(server):
            assert client.get("/monitoring/drift").status == 200
            yield server, prometheus


@pytest.mark.parametrize("title, expression", expressions())
def test_the_dashboard_shows_something_in_every_panel(watched, title, expression):
    _, prometheus = watched

    def told():
        return [value for _, value in prometheus.query(expression) if not math.isnan(value)]

    wait_until(told, 60, f"a value of '{title}': {expression}")


def test_the_dashboard_has_the_panels_of_the_reference():
    assert {title for title, _ in expressions()} >= REFERENCE_PANELS


def test_every_rule_speaks_of_what_is_scraped(watched):
    _, prometheus = watched
    rules = prometheus.rules()
    assert len(rules) >= 10
    for rule in rules:
        prometheus.query(rule["query"])
        names = names_in(rule["query"])
        assert names, rule
        for metric, labels in names.items():
            for label in labels:
                wait_until(lambda: prometheus.query(f'{metric}{{{label}!=""}}'), 30, f"{metric} with {label}")  # noqa: B023
            assert prometheus.query(metric), metric


def test_every_rule_names_the_place_and_tells_what_to_do(watched):
    _, prometheus = watched
    for rule in prometheus.rules():
        assert rule["labels"]["severity"] in ("page", "ticket"), rule
        assert rule["annotations"]["summary"] and rule["annotations"]["description"], rule


def test_no_alert_fires_while_all_is_well(watched):
    _, prometheus = watched
    wait_until(lambda: all(rule["health"] == "ok" for rule in prometheus.rules()), 30, "a look at every rule")
    assert prometheus.alerts() == {}
    assert prometheus.alerts("pending") == {}


def test_the_metrics_have_names_and_types_as_promtool_wants_them(watched):
    server, _ = watched
    with server.client() as client:
        checked = promtool("check", "metrics", text=client.get("/metrics").text)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize("check", [("config", "prometheus.yml"), ("rules", "alerts.yml")])
def test_promtool_takes_the_files(check):
    kind, file = check
    checked = promtool("check", kind, DEPLOYED / file)
    assert checked.returncode == 0 and "SUCCESS" in checked.stdout, checked


def test_what_alerts_advise_is_answered(watched):
    server, prometheus = watched
    advised = {path for rule in prometheus.rules() for path in re.findall(r"GET (/[\w/?=&]+)", str(rule["annotations"]))}
    assert len(advised) >= 2
    with server.client() as client:
        for path in advised - {"/train/status/"}:
            assert client.get(path).status == 200, path


def test_drift_is_one_alert_however_many_features_there_are(tmp_path):
    series = "".join(f"""
      - series: 'rankloop_drift_stability_index{{feature="f{number}",side="request"}}'
        values: '0.4x200'""" for number in range(22))
    test = tmp_path / "drift.yml"
    test.write_text(f"""
rule_files: [{DEPLOYED / "alerts.yml"}]
tests:
  - interval: 1m
    input_series:{series}
    promql_expr_test:
      - expr: count(ALERTS{{alertname="RankloopDrift", alertstate="firing"}})
        eval_time: 2h
        exp_samples: [{{labels: '{{}}', value: 1}}]
""")
    checked = promtool("test", "rules", test)
    assert checked.returncode == 0, checked


def test_a_server_that_is_gone_is_noticed(seeded_data, prometheus_of):
    with Server(copy_of=seeded_data) as server:
        prometheus = prometheus_of(server)
        address = f"{server.host}:{server.port}"
        wait_until(lambda: prometheus.scraped() == {address}, 30, "the first scrape")
        server.stop()
        assert address in fires(prometheus, "RankloopDown")["annotations"]["summary"]


def test_tasks_that_nobody_takes_and_refusals_are_noticed(seeded_data, prometheus_of):
    with Server("--workers", "0", env={"RANKLOOP_TASKS_MAX_WAITING": "1"}, copy_of=seeded_data) as server, \
         server.client() as client:
        prometheus = prometheus_of(server)
        start(client)
        refused = client.post("/inference/start", GUEST)
        assert refused.status == 503
        wait_until(lambda: prometheus.query('rankloop_http_requests_total{status="503"}'), 30, "a scrape of the first refusal")
        for _ in range(3000):
            client.post("/inference/start", GUEST)
        assert server.host in fires(prometheus, "RankloopRefuses")["annotations"]["summary"]
        assert fires(prometheus, "RankloopTasksWait")["labels"]["kind"] == "inference"


def test_a_store_that_cannot_write_is_noticed(seeded_data, prometheus_of):
    with Server(copy_of=seeded_data) as server, server.client() as client:
        prometheus = prometheus_of(server)
        finished(client)
        wait_until(prometheus.scraped, 30, "the first scrape")
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        assert client.post("/inference/start", GUEST).status == 503
        fires(prometheus, "RankloopCommitsFail")
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_a_training_without_a_model_is_noticed(prometheus_of):
    with Server(env=QUICK) as server, server.client() as client:
        prometheus = prometheus_of(server)
        wait_until(prometheus.scraped, 30, "the first scrape")
        disliked = [json.dumps({**json.loads(line), "picked": []}) for line in past_requests(60).splitlines()]
        import_history(client, "\n".join(disliked))
        assert ended(client, start_training(client))["status"] == "FAILURE"
        fires(prometheus, "RankloopTrainingsFail")
        fires(prometheus, "RankloopTasksFail")
