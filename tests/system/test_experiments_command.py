"""`rankloop experiments` at a terminal: the life of an experiment, files, sizes, and what is refused."""

import json

import pytest

from rankloop_process import run

ARMS = ("--arm", "control=champion", "--arm", "again=champion")


@pytest.fixture
def command(own_server):
    def asked(*args, refused=False):
        outcome = run("experiments", *args, "--url", own_server.url)
        assert (outcome.returncode != 0) == refused, outcome
        return outcome.stderr if refused else outcome.stdout
    return asked


def test_an_experiment_lives_at_a_terminal(command):
    assert command("list") == "no experiment yet\n"
    made = command("create", "--name", "new mlp", *ARMS, "--smallest-effect", 0.1, "--baseline", 0.4, "--guardrail", "none_rate=0.2")
    assert "experiment 1 'new mlp' is a draft" in made and "arm control: the champion, 50 % of the traffic" in made
    assert "is running" in command("start", "new mlp", "--reason", "a look")
    shown = command("show", 1)
    assert "0 lists of 0 people" in shown and "pick_rate (decides)" in shown and "none_rate" in shown
    told = json.loads(command("show", "new mlp", "--json"))
    assert (told["state"], told["report"]["requests"], told["guardrails"]) == ("running", 0, [{"metric": "none_rate", "bound": 0.2}])
    assert "is stopped" in command("stop", 1, "--reason", "enough")
    assert "conclusion: winner again" in command("conclude", "new mlp", "winner", "--arm", "again", "--reason", "it won")
    assert "winner again" in command("list")
    assert json.loads(command("list", "--json"))[0]["winner"] == "again"


def test_who_did_it_and_why_is_kept(command, own_server):
    command("create", "--name", "a", *ARMS, "--smallest-effect", 0.1, "--baseline", 0.4, "--reason", "to see")
    command("start", "a", "--reason", "a look")
    with own_server.client() as client:
        history = client.get("/experiments/1/history").json
    assert [(event["what"], event["remark"], event["reason"]) for event in history] == [("started", "cli", "a look"), ("created", "cli", "to see")]


@pytest.mark.parametrize("name, text", [
    ("experiment.toml", 'name = "of a file"\nsmallest_effect = 0.1\nbaseline = 0.4\nguardrails = [{metric = "none_rate", bound = 0.1}]\n'
                        '[[arms]]\nname = "control"\nmodel_id = "champion"\nshare = 0.1\n'
                        '[[arms]]\nname = "first"\nmodel_id = 1\nshare = 0.1\n[ramp]\nhold_seconds = 60\n'),
    ("experiment.json", json.dumps({
        "name": "of a file", "smallest_effect": 0.1, "baseline": 0.4, "guardrails": [{"metric": "none_rate", "bound": 0.1}],
        "arms": [{"name": "control", "model_id": "champion", "share": 0.1}, {"name": "first", "model_id": 1, "share": 0.1}],
        "ramp": {"hold_seconds": 60}})),
])
def test_it_is_drafted_from_a_file_that_options_go_before(command, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    made = json.loads(command("create", "--file", tmp_path / name, "--share", 0.25, "--unit", "request", "--json"))
    assert (made["name"], made["unit"], made["ramp"]["hold_seconds"]) == ("of a file", "request", 60)
    assert [(arm["name"], arm["model_id"], arm["share"]) for arm in made["arms"]] == [("control", "champion", 0.25), ("first", 1, 0.25)]
    assert made["guardrails"] == [{"metric": "none_rate", "bound": 0.1}]


def test_sizes_are_computed(command):
    assert "14751 people in each of two equal arms, 29502 in all" in command("size", "--baseline", 0.1, "--effect", 0.01)
    assert command("size", "--baseline", 0.5, "--effect", 0.1, "--interleaved").startswith("385 people with lists of both arms")
    assert json.loads(command("size", "--deviation", 1, "--effect", 0.1, "--json"))["people_per_arm"] == 1570


def test_what_is_wrong_is_told(command, tmp_path):
    assert "no experiment has the number or the name 'x'" in command("show", "x", refused=True)
    assert "smallest_effect: Field required" in command("create", "--name", "a", *ARMS, refused=True)
    assert "NAME=MODEL" in command("create", "--arm", "control", refused=True)
    assert "'a=b': a model is a number or 'champion'" in command("create", "--arm", "a=b", refused=True)
    assert "a bound is a number" in command("create", "--guardrail", "none_rate=x", refused=True)
    assert "there are none" in command("create", "--share", 0.1, refused=True)
    assert "cannot read" in command("create", "--file", tmp_path / "none.toml", refused=True)
    (tmp_path / "bad.toml").write_text("name = \n")
    assert "line 1" in command("create", "--file", tmp_path / "bad.toml", refused=True)
    (tmp_path / "bad.json").write_text("[]")
    assert "no JSON object" in command("create", "--file", tmp_path / "bad.json", refused=True)
    same = command("create", "--name", "a", *ARMS, "--smallest-effect", 0.1, "--method", "interleaving", refused=True)
    assert "both arms name one model" in same.lower()
    for _ in range(2):
        command("create", "--name", "twice", *ARMS, "--smallest-effect", 0.1, "--baseline", 0.4)
    assert "say the number, one of 1, 2" in command("start", "twice", refused=True)
    assert "409" in command("stop", 1, refused=True)


def test_without_a_server_it_says_so(tmp_path):
    refused = run("experiments", "list", "--url", "http://127.0.0.1:9", cwd=tmp_path)
    assert refused.returncode == 1 and "127.0.0.1:9" in refused.stderr, refused
