"""`rankloop quickstart`: from tables to a ranking that is learned, judged and served, by one command."""

import csv
import json
import signal
import subprocess

import pytest

from films import FILMS, write_clicks, write_films, write_shown
from rankloop_process import BINARY, ROOT, Server, environment, run, wait_until

FAST = ("--families", "logistic")


class Quickstart(Server):
    """What the command serves when all is ready."""

    command = "quickstart"


@pytest.fixture(name="folder")
def _folder(tmp_path):
    write_films(tmp_path)
    write_clicks(tmp_path)
    write_shown(tmp_path)
    return tmp_path


def quickstart(folder, *args, code=0):
    outcome = run("quickstart", "films.csv", "--data-dir", "made", "--no-serve", *args, cwd=folder)
    assert outcome.returncode == code, outcome.stderr
    return outcome


def steps(folder, *args):
    outcome = quickstart(folder, "--json", *args)
    assert outcome.stderr == ""
    told = [json.loads(line) for line in outcome.stdout.splitlines()]
    return {each["step"]: each for each in told}


def standing(models, family):
    return next(each for each in models["families"] if each["family"] == family)


def models_of(folder):
    return json.loads(run("models", "list", "--json", "--data-dir", "made", cwd=folder).stdout)


def test_a_log_of_clicks_becomes_a_ranking_over_http(folder):
    tables = (folder / "films.csv", "--history", folder / "clicks.csv", "--requests", folder / "people.csv")
    with Quickstart(*tables, *FAST, data_dir=folder / "made") as server:
        with server.client() as client:
            champion = next(model for model in client.get("/models").json if model["champion"])
            assert champion["family"] == "logistic"
            answer = client.post("/inference/start?wait=20s&limit=10", json={"genre": "war"}).json
            assert sum(film["genre"] == "war" for film in answer["results"]) == 10
    assert (folder / "made/domain.toml").exists()


def test_a_learner_beats_popularity_and_chance(folder):
    told = steps(folder, "--history", "clicks.csv", "--requests", "people.csv", *FAST)
    assert (told["history"]["kind"], told["history"]["unknown_items"], told["history"]["facts"]) == ("events", 0, 60)
    models = told["models"]
    best, popular, chance = (standing(models, family)["ndcg@10"] for family in ("logistic", "popularity", "random"))
    assert best["low"] > popular["high"] and best["low"] > chance["high"]
    assert [each["family"] for each in models["families"]][0] == "logistic"
    assert models["judged_requests"] >= 150 and models["judged_people"] <= 60
    assert told["end"]["next"] == "rankloop serve --data-dir made"


def test_people_are_known_by_what_they_picked(folder):
    models = steps(folder, "--history", "clicks.csv", "--families", "factorization")["models"]
    assert models["families"][0]["family"] == "factorization"
    assert models["families"][0]["ndcg@10"]["low"] > standing(models, "popularity")["ndcg@10"]["high"]


def test_lists_that_were_shown_are_learned_from_as_they_are(folder):
    told = steps(folder, "--history", "shown.csv", *FAST)
    assert (told["history"]["kind"], told["history"]["requests"]) == ("lists", 300)
    assert told["models"]["families"][0]["family"] == "logistic"
    assert "request" in told["domain"]["history_columns"] and told["domain"]["inferred"] is True


def test_bad_rows_of_events_are_kept_and_told(folder):
    lines = (folder / "clicks.csv").read_text().splitlines()
    lines[3:3] = ["u1,4711,2026-01-01 00:00:00", "u1,3"]
    (folder / "clicks.csv").write_text("\n".join(lines) + "\n")
    outcome = quickstart(folder, "--history", "clicks.csv", *FAST)
    assert "2 bad rows are left out and stand in made/bad-history.csv:\n  line 4: names no item: '4711'\n" in outcome.stdout
    assert (folder / "made/bad-history.csv").read_text().splitlines() == [
        "line,reason,user_id,film_id,clicked_at",
        "4,names no item: '4711',u1,4711,2026-01-01 00:00:00",
        "5,the row has 2 cells; the header has 3,u1,3"]


def test_bad_requests_of_lists_are_kept_and_brought_again(folder):
    lines = (folder / "shown.csv").read_text().splitlines()
    cells = lines[10].split(",")
    film = cells[4]
    lines[10] = ",".join([*cells[:4], "4711", *cells[5:]])
    (folder / "shown.csv").write_text("\n".join(lines) + "\n")
    told = steps(folder, "--history", "shown.csv", *FAST)
    assert told["history"]["requests"] == 299
    assert told["history"]["bad_rows_file"] == "made/bad-history.csv"
    (bad,) = told["history"]["bad"]
    assert bad["line"] == 10 and "4711" in bad["reason"]
    rows = (folder / "made/bad-history.csv").read_text().splitlines()
    assert len(rows) == 9 and all(",s1," in row for row in rows[1:])
    (folder / "mended.csv").write_text("\n".join(rows).replace(",4711,", f",{film},") + "\n")
    again = run("import", "history", "mended.csv", "--request-column", "search_id", "--picked-column", "clicked",
                "--item-column", "film_id", "--user-column", "user_id", "--data-dir", "made", "--json", cwd=folder)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["requests"] == 1


def test_items_may_be_lines_of_json(folder):
    rows = [{"film_id": number, "title": f"Film {number}", "genre": genre, "price": price} for number, genre, price in FILMS]
    lines = "".join(json.dumps(row) + "\n" for row in rows) + '{"film_id": 61, "title": \n'
    (folder / "films.jsonl").write_text(lines)
    outcome = run("quickstart", "films.jsonl", "--history", "clicks.csv", "--data-dir", "made", "--no-serve", "--json", *FAST,
                  cwd=folder)
    assert outcome.returncode == 0, outcome.stderr
    told = {each["step"]: each for each in map(json.loads, outcome.stdout.splitlines())}
    assert told["items"]["rows"] == 60 and told["history"]["unknown_items"] == 0
    assert told["items"]["bad_rows_file"] == "made/bad-items.jsonl"
    assert '"film_id": 61' in (folder / "made/bad-items.jsonl").read_text()


def as_lines(folder, name):
    """A table as lines of JSON, whose numbers are numbers."""
    def value(cell):
        return json.loads(cell) if cell.isdigit() else cell
    with open(folder / f"{name}.csv", encoding="utf-8") as table:
        lines = [{column: value(cell) for column, cell in row.items()} for row in csv.DictReader(table)]
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return lines


def test_events_and_people_may_be_lines_of_json(folder):
    as_lines(folder, "clicks")
    as_lines(folder, "people")
    with open(folder / "clicks.jsonl", "a", encoding="utf-8") as log:
        log.write('{"user_id": "u1", "film_id": 4711, "clicked_at": "2026-01-05 10:00:00"}\nnonsense\n')
    told = steps(folder, "--history", "clicks.jsonl", "--requests", "people.jsonl", *FAST)
    history = told["history"]
    assert (history["kind"], history["unknown_items"], history["facts"]) == ("events", 1, 60)
    assert told["models"]["families"][0]["family"] == "logistic"
    assert history["bad_rows_file"] == "made/bad-history.jsonl"
    bad = (folder / "made/bad-history.jsonl").read_text().splitlines()
    assert json.loads(bad[0]) == {"line": 901, "reason": "names no item: '4711'", "user_id": "u1", "film_id": 4711,
                                  "clicked_at": "2026-01-05 10:00:00"}
    assert json.loads(bad[1])["text"] == "nonsense"


def test_lists_that_are_lines_of_json_are_learned_from_and_brought_again(folder):
    lines = as_lines(folder, "shown")
    mended = lines[9]["film_id"]
    lines[9]["film_id"] = 4711
    (folder / "shown.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = steps(folder, "--history", "shown.jsonl", *FAST)
    assert (told["history"]["kind"], told["history"]["requests"]) == ("lists", 299)
    assert told["models"]["families"][0]["family"] == "logistic"
    assert told["history"]["bad_rows_file"] == "made/bad-history.jsonl"
    bad = (folder / "made/bad-history.jsonl").read_text()
    assert [json.loads(line)["search_id"] for line in bad.splitlines()] == ["s1"] * 8
    (folder / "mended.jsonl").write_text(bad.replace('"film_id": 4711', f'"film_id": {mended}'))
    again = run("import", "history", "mended.jsonl", "--request-column", "search_id", "--picked-column", "clicked",
                "--item-column", "film_id", "--user-column", "user_id", "--data-dir", "made", "--json", cwd=folder)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["requests"] == 1


def test_the_registry_says_where_the_champion_came_from(folder):
    steps(folder, "--history", "shown.csv", *FAST)
    listed = models_of(folder)
    champion = next(model for model in listed if model["champion"])
    assert [model["family"] for model in listed] == ["logistic", "popularity"]
    shown = json.loads(run("models", "show", champion["model_id"], "--json", "--data-dir", "made", cwd=folder).stdout)
    lineage = shown["lineage"]
    assert (lineage["cause"], lineage["imported"], lineage["requests"]) == ("quickstart", 300, 300)
    assert lineage["test_requests"] == 60
    events = json.loads(run("models", "history", "--json", "--data-dir", "made", cwd=folder).stdout)
    promoted = next(event for event in events if event["what"] == "promoted")
    assert promoted["actor"] == "quickstart"
    assert "on the newest 60 requests of imported history, popularity" in promoted["reason"]


def test_people_read_a_table(folder):
    outcome = quickstart(folder, "--history", "clicks.csv", *FAST)
    assert "doubt: the log says what was picked and not what else was shown" in outcome.stdout
    assert "60 films imported" in outcome.stdout
    assert "95 % intervals" in outcome.stdout and "hit@10" in outcome.stdout
    assert "answers from now on: ndcg@10" in outcome.stdout
    assert outcome.stdout.endswith("next:\n  rankloop serve --data-dir made\n")


def test_the_directory_is_served_as_it_is(folder):
    steps(folder, "--history", "shown.csv", *FAST)
    with Server(data_dir=folder / "made") as server, server.client() as client:
        assert client.get("/content/films?limit=1").status == 200
        assert any(model["champion"] for model in client.get("/models").json)


def test_without_a_history_the_order_is_random(folder):
    told = steps(folder)
    assert told["models"]["families"] == [] and "--history" in told["models"]["reason"]
    with Server(data_dir=folder / "made") as server, server.client() as client:
        assert len(client.post("/inference/start?wait=20s&limit=5", json={}).json["results"]) == 5
    told = steps(folder, "--history", "clicks.csv", *FAST)  # later, into the same directory
    assert told["items"]["updated"] == 60
    assert told["models"]["families"][0]["model_id"] == 1


def test_too_little_to_learn_from_is_told(folder):
    write_clicks(folder, clicks=40)
    told = steps(folder, "--history", "clicks.csv", *FAST)
    assert told["models"]["families"] == []
    assert told["models"]["reason"].startswith("too little to learn from: 40 of 250 requests")
    assert models_of(folder) == []


def test_a_directory_with_models_is_left_alone(folder):
    steps(folder, "--history", "shown.csv", *FAST)
    refused = quickstart(folder, "--history", "shown.csv", code=1)
    assert "has models already" in refused.stderr and "rankloop serve --data-dir made" in refused.stderr


def test_a_directory_of_another_catalog_is_left_alone(folder):
    steps(folder)
    (folder / "books.csv").write_text("book_id,pages\n1,200\n2,300\n")
    before = (folder / "made/domain.toml").read_bytes()
    refused = run("quickstart", "books.csv", "--data-dir", "made", "--no-serve", cwd=folder)
    assert refused.returncode == 1 and "'made' is the data directory of another catalog" in refused.stderr
    assert "--data-dir" in refused.stderr
    assert (folder / "made/domain.toml").read_bytes() == before
    with Server(data_dir=folder / "places"):
        pass
    refused = run("quickstart", "films.csv", "--data-dir", "places", "--no-serve", cwd=folder)
    assert refused.returncode == 1 and "no domain.toml beside it" in refused.stderr
    assert not (folder / "places/domain.toml").exists()


def test_a_directory_in_use_is_left_alone(folder):
    steps(folder)
    with Server(data_dir=folder / "made"):
        refused = quickstart(folder, code=1)
        assert "uses the data directory 'made'" in refused.stderr


def test_a_domain_of_ones_own_is_taken(folder):
    steps(folder)
    mine = (folder / "made/domain.toml").read_text().replace('noun = "film"', 'noun = "movie"').replace('plural = "films"', 'plural = "movies"')
    (folder / "mine.toml").write_text(mine)
    told = run("quickstart", "films.csv", "--domain", "mine.toml", "--data-dir", "other", "--no-serve", "--json", cwd=folder)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout.splitlines()[0])["inferred"] is False
    assert (folder / "other/domain.toml").read_text() == mine


@pytest.mark.parametrize("name, text, words", [
    ("none.csv", None, "none.csv"),
    ("empty.csv", "", "is empty"),
    ("header.csv", "user_id,film_id\n", "has a header and no row"),
    ("foreign.csv", "user_id,film_id\nu1,901\nu2,902\nu1,903\n",
     "none of its 3 rows names an item of the catalog: column 'film_id' has '901', '902', '903', the catalog's ids are as 1, 2, 3"),
    ("nothing.csv", "search_id,film_id,clicked\ns1,1,0\ns1,2,0\ns2,3,0\n", "picked"),
    ("itemless.csv", "user_id,clicked\nu1,1\nu2,1\n", "no column of the log holds the items' ids"),
    ("apart.csv", "search_id,film_id,clicked\ns1,1,0\ns2,2,1\ns1,3,1\n", "do not stand together"),
])
def test_a_bad_log_is_refused(folder, name, text, words):
    if text is not None:
        (folder / name).write_text(text)
    refused = quickstart(folder, "--history", name, code=2)
    assert words in refused.stderr, refused.stderr


def test_rows_of_unknown_items_are_counted_and_named(folder):
    with open(folder / "clicks.csv", "a", encoding="utf-8") as log:
        log.write("u1,901,2026-01-05 10:00:00\nu1,902,2026-01-05 10:00:00\n")
    outcome = quickstart(folder, "--history", "clicks.csv", *FAST)
    assert "2 of 902 rows name no item of the films, as '901', '902'" in outcome.stdout


def test_items_without_ids_cannot_be_named_by_a_log(folder):
    (folder / "films.csv").write_text("title,genre\nOne,war\nTwo,crime\n")
    refused = quickstart(folder, "--history", "clicks.csv", code=2)
    assert "--id-column" in refused.stderr and not (folder / "made").exists()


def test_an_interrupted_quickstart_goes_on(folder):
    command = [str(BINARY), "quickstart", "films.csv", "--history", "clicks.csv", "--data-dir", "made", "--no-serve",
               "--families", "logistic", "--tune", "10000"]
    with subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        told = []
        wait_until(lambda: told.append(process.stdout.readline()) or "requests imported" in told[-1], what="the import")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "interrupted; 'made' may be removed, or used as it is" in errors
    assert models_of(folder) == []
    told = steps(folder, "--history", "clicks.csv", *FAST)
    assert told["history"]["repeated"] > 0 and told["history"]["requests"] == 0
    assert told["models"]["families"][0]["family"] == "logistic"


def test_the_help_has_examples():
    assert "rankloop quickstart films.csv --history clicks.csv" in run("quickstart", "--help", cwd=ROOT).stdout
