"""`rankloop evaluate policy` on files."""

import gzip
import json
import random

import pytest

from rankloop_process import ROOT, run

POLICIES = ROOT / "tests/fixtures/policies"
REWARDS = [0.1, 0.3, 0.5, 0.8]
DRAWN = [0.4, 0.3, 0.2, 0.1]
TARGET = [0.1, 0.2, 0.3, 0.4]
TRUTH = sum(share * reward for share, reward in zip(TARGET, REWARDS))


def log(file, lists=2000, drawn=tuple(DRAWN), target=tuple(TARGET)):
    chance = random.Random(3)
    with gzip.open(file, "wt") as out:
        out.write("person;request;item;propensity;reward;target;note\n")
        for number in range(lists):
            item = chance.choices(range(4), drawn)[0]
            reward = int(chance.random() < REWARDS[item])
            out.write(f"p{number // 2};r{number};{item};{drawn[item]};{reward};{target[item]};x\n")
    return file


def test_a_log_tells_what_another_policy_would_have_earned(tmp_path):
    outcome = run("evaluate", "policy", log(tmp_path / "log.csv.gz"), "--json")
    assert outcome.returncode == 0, outcome.stderr
    report = json.loads(outcome.stdout)
    assert (report["lists"], report["people"], report["refusals"], report["warnings"]) == (2000, 1000, [], [])
    assert [each["estimator"] for each in report["estimates"]] == ["ips", "clipped_ips", "snips"]
    for each in report["estimates"]:
        low, high = each["interval"]
        assert low < each["value"] < high
        assert each["value"] == pytest.approx(TRUTH, abs=0.08)
    assert report["weights"]["mean"] == pytest.approx(1, abs=0.1)


def test_people_read_a_table(tmp_path):
    outcome = run("evaluate", "policy", log(tmp_path / "log.csv.gz"))
    assert outcome.returncode == 0, outcome.stderr
    for words in ("2000 lists of 1000 people", "95 % interval", "snips", "empirical Bernstein", "without weights"):
        assert words in outcome.stdout


def test_a_log_that_cannot_know_is_refused_with_the_reason(tmp_path):
    outcome = run("evaluate", "policy", log(tmp_path / "log.csv.gz", drawn=(1, 0, 0, 0)), "--json")
    assert outcome.returncode == 1
    report = json.loads(outcome.stdout)
    assert report["estimates"] == []
    assert report["refusals"][0].startswith("Every propensity is 1")
    few = run("evaluate", "policy", log(tmp_path / "few.csv.gz", lists=60))
    assert few.returncode == 1
    assert "NO ANSWER" in few.stdout and "needed are 100" in few.stdout


def test_models_and_joint_probabilities_add_estimates():
    for name, estimators in (("synthetic", {"dm", "dr", "sndr", "switch_dr", "dros"}), ("slates", {"rips", "cascade_dr"})):
        outcome = run("evaluate", "policy", POLICIES / f"{name}.tsv.gz", "--json")
        assert outcome.returncode == 0, outcome.stderr
        assert estimators <= {each["estimator"] for each in json.loads(outcome.stdout)["estimates"]}


def test_wrong_files_are_named(tmp_path):
    wrong = tmp_path / "log.tsv"
    wrong.write_text("request\tpropensity\treward\ttarget\nr1\t0\t1\t1\n")
    for file, words in ((wrong, "log.tsv:2: column 'propensity': '0'"), (tmp_path / "none.tsv", "none.tsv")):
        outcome = run("evaluate", "policy", file)
        assert outcome.returncode == 2
        assert words in outcome.stderr
    help_text = run("evaluate", "policy", "--help").stdout
    assert "rankloop evaluate policy log.tsv" in help_text
    assert run("evaluate").returncode == 2
