"""`rankloop evaluate` and `rankloop compare` on files."""

import json
import math
import random

import pytest

from rankloop_process import ROOT, run

VECTORS = sorted((ROOT / "tests/unit/ml/vectors").glob("*.json"))
METRICS = ["auc", "logloss", "acc", "pre", "rec", "f1", "ndcg@1", "ndcg@3", "ndcg@5", "ndcg@10", "mrr", "map",
           "calibration_error", "calibration_curve", "rows", "requests", "requests_with_positive"]


def write(file, rows, columns=("request", "label", "score")):
    separator = "," if file.suffix == ".csv" else "\t"
    lines = [columns, *rows]
    file.write_text("".join(separator.join(map(str, line)) + "\n" for line in lines))
    return file


def evaluated(file, *args):
    outcome = run("evaluate", file, "--json", *args)
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def compared(champion, challenger, *args):
    outcome = run("compare", champion, challenger, "--json", *args)
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def refused(*args):
    outcome = run(*args)
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    return outcome.stderr


@pytest.mark.parametrize("vector", [path for path in VECTORS if path.stem != "weights"], ids=lambda path: path.stem)
@pytest.mark.parametrize("ending", [".tsv", ".csv"])
def test_figures_are_those_of_scikit_learn(vector, ending, tmp_path):
    data = json.loads(vector.read_text())
    file = write(tmp_path / ("scored" + ending), zip(data["requests"], data["labels"], data["scores"]))
    metrics = evaluated(file, "--gain", data["gain"])
    assert list(metrics) == METRICS
    for name, expected in data["expected"].items():
        assert metrics[name] == (None if expected is None else pytest.approx(expected, abs=1e-9)), name


def test_rows_of_a_request_need_not_stand_together(tmp_path):
    rows = [(request, 1 if item == request % 4 else 0, (item * 7 + request) % 11 / 10)
            for request in range(5) for item in range(6)]
    together = evaluated(write(tmp_path / "together.tsv", rows))
    apart = evaluated(write(tmp_path / "apart.tsv", sorted(rows, key=lambda row: row[2])))
    assert apart["requests"] == 5
    for there, here in zip(together.pop("calibration_curve"), apart.pop("calibration_curve"), strict=True):
        assert here.pop("ci") == pytest.approx(there.pop("ci"), abs=1e-12)
        assert here == pytest.approx(there, abs=1e-12)
    assert apart == {name: pytest.approx(value, abs=1e-12) for name, value in together.items()}


def test_probabilities_are_held_against_what_happened(tmp_path):
    draw = random.Random(4)
    rows = [(request, 1 if draw.random() < probability / 2 else 0, probability)
            for request in range(400) for probability in [draw.random() for _ in range(10)]]
    curve = evaluated(write(tmp_path / "too_sure.tsv", rows))["calibration_curve"]
    assert [one["rows"] for one in curve] == [400] * 10
    for one in curve:
        assert one["observed"] == pytest.approx(one["predicted"] / 2, abs=0.08)
        assert 0 <= one["ci"][0] <= one["observed"] <= one["ci"][1] <= 1
    shares = evaluated(write(tmp_path / "counts.tsv", [(1, 3, 0.5), (1, 0, 0.2)]))
    assert shares["calibration_curve"] is None


def test_other_columns_and_quotes_are_no_hindrance(tmp_path):
    file = tmp_path / "scored.csv"
    file.write_text('score,note,label,request\r\n0.9,"a, ""b""",1,"r,1"\r\n0.1,,0,"r,1"\r\n')
    metrics = evaluated(file)
    assert (metrics["rows"], metrics["requests"], metrics["auc"]) == (2, 1, 1)


def test_a_table_is_for_people(tmp_path):
    file = write(tmp_path / "scored.tsv", [(1, 1, 0.9), (1, 0, 0.2), (2, 0, 3.5)])
    outcome = run("evaluate", file)
    assert outcome.returncode == 0
    assert "3 rows, 2 requests, 1 of them with a positive" in outcome.stdout
    lines = {line.split()[0]: line.split()[1] for line in outcome.stdout.splitlines() if line.startswith("  ")}
    assert lines["mrr"] == "1.0000"
    assert lines["acc"] == "-"
    assert "predicted" not in outcome.stdout, "scores above 1 are no probabilities"


def test_a_table_tells_where_probabilities_are_wrong(tmp_path):
    file = write(tmp_path / "scored.tsv", [(1, 1, 0.25)] * 3 + [(2, 0, 0.75)])
    table = run("evaluate", file).stdout.split("predicted  observed")[1].splitlines()
    assert [line.split() for line in table[1:3]] == [["0.2500", "1.0000", "0.4385", "to", "1.0000", "3"],
                                                     ["0.7500", "0.0000", "0.0000", "to", "0.7935", "1"]]


def test_a_header_alone_has_no_figures(tmp_path):
    metrics = evaluated(write(tmp_path / "scored.tsv", []))
    assert (metrics["rows"], metrics["auc"], metrics["mrr"]) == (0, None, None)


@pytest.mark.parametrize("text, line, words", [
    ("", 1, ["empty", "request"]),
    ("request\tlabel\tscores\n", 1, ["'score'", "'scores'"]),
    ("request\tlabel\tscore\tscore\n", 1, ["'score'", "twice"]),
    ("request\tlabel\tscore\n1\t1\t0.5\n1\t0\thigh\n", 3, ["'score'", "'high'", "finite number"]),
    ("request\tlabel\tscore\n1\t1\tnan\n", 2, ["'score'", "'nan'", "finite number"]),
    ("request\tlabel\tscore\n1\t1\t\n", 2, ["'score'", "''", "finite number"]),
    ("request\tlabel\tscore\n1\t-1\t0.5\n", 2, ["'label'", "'-1'", "from 0"]),
    ("request\tlabel\tscore\n\t1\t0.5\n", 2, ["'request'", "not empty"]),
    ("request\tlabel\tscore\n1\t1\n", 2, ["2 cells", "3 columns"]),
    ("request\tlabel\tscore\n\n1\t1\t\"0.5\n", 3, ["quote", "never closed"]),
    ("request\tlabel\tscore\tperson\n1\t1\t0.5\tann\n1\t0\t0.4\tbob\n", 3, ["'person'", "'bob'", "'ann'"]),
])
def test_a_bad_file_is_explained_with_its_line(text, line, words, tmp_path):
    file = tmp_path / "bad.tsv"
    file.write_text(text)
    message = refused("evaluate", file)
    assert f"{file}:{line}: " in message
    for word in words:
        assert word in message


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    assert "no-such.tsv" in refused("evaluate", tmp_path / "no-such.tsv")
    assert str(tmp_path) in refused("evaluate", tmp_path)


def test_an_unknown_gain_or_metric_is_refused_with_what_is_allowed(tmp_path):
    file = write(tmp_path / "scored.tsv", [(1, 1, 0.9)])
    assert "linear" in refused("evaluate", file, "--gain", "cubic")
    assert "ndcg@10" in refused("compare", file, file, "--metric", "ndcg@20")


def two_models(tmp_path, requests=300, skill=1.0, people=0, seed=5):
    """Files of a champion that guesses and of a challenger that sees `skill` of the truth."""
    draw = random.Random(seed)
    rows = []
    for request in range(requests):
        best = draw.randrange(8)
        for item in range(8):
            truth = 1 if item == best else 0
            rows.append((f"r{request}", truth, draw.random(), truth * skill + draw.random(), f"p{request % (people or 1)}"))
    columns = ("request", "label", "score") + (("person",) if people else ())
    last = 5 if people else 4
    champion = write(tmp_path / "champion.tsv", [row[:3] + row[4:last] for row in rows], columns)
    challenger = write(tmp_path / "challenger.csv", [row[:2] + row[3:last] for row in rows], columns)
    return champion, challenger


def test_a_better_challenger_is_promoted(tmp_path):
    outcome = compared(*two_models(tmp_path))
    assert outcome["verdict"] == "promote"
    assert outcome["n_requests"] == 300
    assert 0 < outcome["ci"][0] < outcome["delta"] < outcome["ci"][1]
    assert outcome["delta"] == pytest.approx(outcome["challenger"] - outcome["champion"], abs=1e-12)
    assert all(guardrail["state"] == "not_evaluated" for guardrail in outcome["guardrails"])
    assert any("above the margin" in reason for reason in outcome["reasons"])


def test_the_worse_one_is_not_when_the_sides_are_swapped(tmp_path):
    champion, challenger = two_models(tmp_path)
    outcome = compared(challenger, champion)
    assert outcome["verdict"] == "reject"
    assert outcome["ci"][1] < 0


def test_a_model_does_not_beat_itself(tmp_path):
    champion, _ = two_models(tmp_path)
    outcome = compared(champion, champion)
    assert (outcome["verdict"], outcome["delta"], outcome["ci"]) == ("reject", 0, [0, 0])


def test_too_few_requests_are_no_evidence(tmp_path):
    files = two_models(tmp_path, requests=199)
    outcome = compared(*files)
    assert outcome["verdict"] == "insufficient_evidence"
    assert any("199" in reason and "200" in reason for reason in outcome["reasons"])
    assert compared(*files, "--min-requests", 199)["verdict"] == "promote"


def test_a_margin_has_to_be_passed(tmp_path):
    files = two_models(tmp_path)
    delta = compared(*files)["delta"]
    assert compared(*files, "--margin", delta)["verdict"] == "reject"
    assert compared(*files, "--margin", delta / 2)["verdict"] == "promote"


@pytest.mark.parametrize("metric", ["ndcg@1", "ndcg@3", "ndcg@5", "ndcg@10", "mrr", "map"])
def test_every_metric_decides(metric, tmp_path):
    assert compared(*two_models(tmp_path), "--metric", metric)["verdict"] == "promote"


def test_smaller_loss_is_better(tmp_path):
    good = write(tmp_path / "good.tsv", [(i, i % 2, 0.2 + 0.6 * (i % 2)) for i in range(250)])
    bad = write(tmp_path / "bad.tsv", [(i, i % 2, 0.5) for i in range(250)])
    outcome = compared(bad, good, "--metric", "logloss")
    assert outcome["verdict"] == "promote"
    assert outcome["delta"] == pytest.approx(math.log(2) + math.log(0.8))
    assert compared(good, bad, "--metric", "logloss")["verdict"] == "reject"


def test_requests_of_one_person_are_resampled_together(tmp_path):
    outcome = compared(*two_models(tmp_path, people=30))
    assert (outcome["n_requests"], outcome["n_people"]) == (300, 30)


def test_requests_without_a_positive_are_left_out(tmp_path):
    rows = [(i, 1 if i < 250 and k == 0 else 0, (k * 3 + i) % 5) for i in range(260) for k in range(4)]
    file = write(tmp_path / "scored.tsv", rows)
    outcome = compared(file, file)
    assert (outcome["n_requests"], outcome["left_out"]) == (250, 10)


def test_the_same_seed_gives_the_same_interval(tmp_path):
    files = two_models(tmp_path, skill=0.1)
    assert compared(*files) == compared(*files)
    assert compared(*files)["ci"] != compared(*files, "--seed", 7)["ci"]


def test_files_that_are_compared_again_and_again_have_a_wider_interval(tmp_path):
    files = two_models(tmp_path)
    once, again = compared(*files), compared(*files, "--again")
    assert again["ci"][0] < once["ci"][0] < once["ci"][1] < again["ci"][1]
    assert any("all looks together" in reason for reason in again["reasons"])


def test_a_comparison_that_is_left_open_says_what_would_settle_it(tmp_path):
    files = two_models(tmp_path)
    margin = compared(*files)["delta"]
    power = compared(*files, "--margin", margin, "--effect", 0.01)["power"]
    assert power["effect"] == pytest.approx(margin + 0.01)
    assert power["detectable"] > margin
    assert power["requests"] > 200 and power["randomised_share"] is None
    assert compared(*files)["power"] is None  # it is settled
    assert "effect" in refused("compare", *files, "--effect", -1)


def test_requests_may_stand_in_another_order(tmp_path):
    rows = [(i, k % 2, (i * 5 + k * 3) % 7) for i in range(220) for k in range(4)]
    one = write(tmp_path / "one.tsv", rows)
    other = write(tmp_path / "other.tsv", sorted(rows, key=lambda row: -row[0]))
    outcome = compared(one, other)
    assert (outcome["n_requests"], outcome["delta"]) == (220, 0)


@pytest.mark.parametrize("challenger, words", [
    ([(1, 1, 0.5), (1, 0, 0.4)], ["champion.tsv:4", "request '2'", "challenger.tsv"]),
    ([(1, 1, 0.5), (1, 0, 0.4), (2, 1, 0.3), (3, 1, 0.3)], ["challenger.tsv:5", "request '3'", "champion.tsv"]),
    ([(1, 1, 0.5), (2, 1, 0.3)], ["challenger.tsv:2", "request '1'", "1 rows", "2 in"]),
    ([(1, 0, 0.5), (1, 1, 0.4), (2, 1, 0.3)], ["challenger.tsv:2", "label 0", "1 at", "champion.tsv:2"]),
])
def test_files_of_different_rows_are_refused(challenger, words, tmp_path):
    one = write(tmp_path / "champion.tsv", [(1, 1, 0.5), (1, 0, 0.4), (2, 1, 0.3)])
    message = refused("compare", one, write(tmp_path / "challenger.tsv", challenger))
    for word in words:
        assert word in message


def test_the_verdict_for_people_has_its_interval_drawn(tmp_path):
    outcome = run("compare", *two_models(tmp_path))
    assert outcome.returncode == 0
    assert outcome.stdout.startswith("PROMOTE")
    assert "95 % interval" in outcome.stdout and "300 requests" in outcome.stdout
    drawing = next(line for line in outcome.stdout.splitlines() if "[" in line)
    assert drawing.index("|") < drawing.index("[") < drawing.index("o") < drawing.index("]")


@pytest.mark.parametrize("command", ["evaluate", "compare"])
def test_help_has_examples(command):
    outcome = run(command, "--help")
    assert outcome.returncode == 0
    assert f"rankloop {command} " in outcome.stdout


def test_a_weight_counts_as_so_many_rows(tmp_path):
    rows = [("a", 1, 0.9, 3), ("a", 0, 0.8, 1), ("a", 0, 0.95, 2)]
    weighted = evaluated(write(tmp_path / "w.tsv", rows, ("request", "label", "score", "weight")))
    repeated = evaluated(write(tmp_path / "r.tsv", [row[:3] for row in rows for _ in range(row[3])]))
    for name in ("auc", "logloss", "acc", "calibration_error"):
        assert weighted[name] == pytest.approx(repeated[name], abs=1e-12)
    refused = run("evaluate", write(tmp_path / "n.tsv", [("a", 1, 0.9, -1)], ("request", "label", "score", "weight")))
    assert refused.returncode != 0 and "'-1'" in refused.stderr and "weight" in refused.stderr
