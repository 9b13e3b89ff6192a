"""The domain of a server over HTTP: a first file for a table, what a change means, and the change itself."""

import gzip
import json
import threading
import urllib.parse

import pytest

from rankloop_process import Client, Server, run, wait_until

FILMS = "film_id,title,genre,price,added\n" + "".join(
    f"{n},Film {n},{('drama', 'comedy', 'war')[n % 3]},{n / 4},2026-01-{n % 28 + 1:02}\n" for n in range(1, 41))
TOML = "application/toml"
MORE = """
[[item.field]]
name = "stars"
type = "float"
required = false
"""


def infer(client, text, content_type="text/csv", **query):
    query.setdefault("file", "films.csv")
    body = text if isinstance(text, bytes) else text.encode()
    return client.post(f"/domain:infer?{urllib.parse.urlencode(query)}", body=body, headers={"Content-Type": content_type})


def diff(client, text):
    return client.post("/domain:diff", body=text.encode(), headers={"Content-Type": TOML})


def put(client, text, fingerprint):
    return client.put("/domain", body=text.encode(), headers={"Content-Type": TOML, "If-Match": f'"{fingerprint}"'})


def change(server, text):
    """Changes the domain of a server that takes it, and waits until it serves."""
    with server.client() as client:
        answer = put(client, text, client.get("/domain").json["fingerprint"])
        assert answer.status == 202, answer
    return wait_for(server, answer.json["fingerprint"])


def wait_for(server, fingerprint):
    def served():
        with server.client() as client:
            state = client.get("/domain").json
        assert state["fault"] is None, state
        return state if state["fingerprint"] == fingerprint else None
    return wait_until(served, 60, "the new domain")


def bring(client, text=FILMS):
    answer = client.post("/items:import", body=text.encode(), headers={"Content-Type": "text/csv"})
    assert answer.status == 200, answer
    return answer.json


@pytest.fixture
def empty():
    with Server("--empty") as server:
        yield server


@pytest.fixture
def films(empty):
    """A server that was empty, with films in it."""
    with empty.client() as client:
        text = infer(client, FILMS).json["text"]
    change(empty, text)
    with empty.client() as client:
        bring(client)
    empty.text = text
    return empty


def test_a_table_gets_a_first_file(empty):
    with empty.client() as client:
        told = infer(client, gzip.compress(FILMS.encode())).json
        assert (told["name"], told["id_column"], told["number_rows"]) == ("films", "film_id", False)
        columns = {column["column"]: column for column in told["columns"] if column["table"] == "items"}
        assert columns["price"]["type"] == "float" and columns["price"]["required"]
        assert columns["genre"]["values"] and columns["added"]["type"] == "date"
        assert diff(client, told["text"]).json["good"]
        assert client.get("/domain").json["name"] == "locations"  # nothing was kept


def test_a_first_file_is_corrected(empty):
    known = json.dumps([{"column": "price", "type": "category"}, {"column": "added", "ignored": True}])
    with empty.client() as client:
        told = infer(client, FILMS, corrections=known, number_rows="true").json
        columns = {column["column"]: column for column in told["columns"] if column["table"] == "items"}
        assert columns["price"]["type"] == "category" and columns["added"]["role"] == "ignored"
        assert told["number_rows"] and columns["film_id"]["role"] == "field"
        for wrong in ("[", json.dumps([{"column": "nothing"}]), json.dumps([{"column": "price", "type": "x"}])):
            assert infer(client, FILMS, corrections=wrong).status == 422
        assert infer(client, FILMS, id_column="genre").status == 422


@pytest.mark.parametrize("text, why", [
    ("", "is empty"), ("a,b\n", "no row"), ("a,b\n\xe9,2\n".encode("latin1"), "no UTF-8"),
])
def test_what_is_no_table_is_refused(empty, text, why):
    with empty.client() as client:
        answer = infer(client, text)
        assert answer.status == 422 and why in json.dumps(answer.json), answer


def test_an_empty_server_takes_a_domain_and_ranks_by_it(films):
    with films.client() as client:
        state = client.get("/domain").json
        assert state["in_use"] and state["refusal"] is None
        assert state["file"] == str(films.data_dir / "domain.toml")
        answer = client.post("/inference/start?wait=20s&limit=5", {})
        assert answer.status == 200 and len(answer.json["results"]) == 5
    films.stop()
    films.start()
    with films.client() as client:
        assert client.get("/domain").json["text"] == films.text
        assert client.get("/content/info").json["films"] == 40


def test_a_diff_says_what_a_change_means(films):
    with films.client() as client:
        more = diff(client, films.text + MORE).json
        assert more["good"] and more["taken_over"] and more["in_use"]
        assert [one["additive"] for one in more["changes"]] == [True]
        less = diff(client, films.text.replace('"genre"', '"kind"')).json
        assert not less["taken_over"] and any(not one["additive"] for one in less["changes"])
        wrong = diff(client, films.text + "[[item.field]]\nname = 3\n").json
        assert not wrong["good"] and wrong["faults"][0]["line"] > 1 and wrong["changes"] == []


def test_a_store_in_use_takes_what_adds(films):
    state = change(films, films.text + MORE)
    assert state["text"] == films.text + MORE
    with films.client() as client:
        assert "stars" not in client.get("/content/film/7").json
        answer = client.post("/items", {"title": "New", "genre": "war", "price": 1, "added": "2026-02-01", "stars": 4.5})
        assert answer.status == 201 and answer.json["stars"] == 4.5
    assert "domain change" in films.log


def test_what_is_no_change_for_this_store_changes_nothing(films):
    before = (films.data_dir / "domain.toml").read_text()
    with films.client() as client:
        fingerprint = client.get("/domain").json["fingerprint"]
        assert put(client, films.text + MORE, "0" * 64).status == 412
        assert client.put("/domain", body=b"x", headers={"Content-Type": TOML}).status == 422
        wrong = put(client, "name = [", fingerprint)
        assert wrong.status == 422 and wrong.json["detail"][0]["loc"][:2] == ["body", "line"]
        other = put(client, films.text.replace('"genre"', '"kind"'), fingerprint)
        assert other.status == 409 and "genre" in other.json["detail"]
        assert put(client, "#" * ((1 << 20) + 1), fingerprint).status == 413
        assert put(client, films.text, fingerprint).status == 202  # the same: nothing to do
        assert client.get("/domain").json["fingerprint"] == fingerprint
    assert (films.data_dir / "domain.toml").read_text() == before


def test_an_edit_that_nobody_took_over_is_not_lost(films):
    edited = films.text + "# by hand\n"
    (films.data_dir / "domain.toml").write_text(edited)
    with films.client() as client:
        answer = put(client, films.text + MORE, client.get("/domain").json["fingerprint"])
    assert answer.status == 409 and "domain.toml" in answer.json["detail"]
    assert (films.data_dir / "domain.toml").read_text() == edited


def test_a_configured_file_is_changed_where_it_is(tmp_path, films):
    configured = tmp_path / "films.toml"
    configured.write_text(films.text)
    films.stop()
    with Server("--domain", configured, data_dir=films.data_dir) as server:
        state = change(server, films.text + MORE)
        assert state["file"] == str(configured)
        assert configured.read_text() == films.text + MORE
    assert (films.data_dir / "domain.toml").read_text() == films.text


def test_a_file_that_may_not_be_written_is_named(tmp_path, films):
    # A folder in the draft's place stops a privileged user, too.
    configured = tmp_path / "films.toml"
    configured.write_text(films.text)
    (tmp_path / "films.toml.draft").mkdir()
    films.stop()
    with Server("--domain", configured, data_dir=films.data_dir) as server, server.client() as client:
        answer = put(client, films.text + MORE, client.get("/domain").json["fingerprint"])
        assert answer.status == 409 and str(configured) in answer.json["detail"]
        assert client.get("/domain").json["text"] == films.text


def test_a_guest_may_not_change_the_domain(tmp_path):
    with Server("--empty", env={"RANKLOOP_AUTH_TOKEN": "a-token-of-operators", "RANKLOOP_AUTH_GUEST_TOKEN": "a-token-of-guests"}) as server:
        with server.client(headers={"Authorization": "Bearer a-token-of-guests"}) as client:
            assert client.get("/domain").status == 403
            assert put(client, MORE, "0").status == 403
        with server.client() as client:
            assert put(client, MORE, "0").status == 401
        with server.client(headers={"Authorization": "Bearer a-token-of-operators"}) as client:
            foreign = client.put("/domain", body=b"", headers={"Content-Type": TOML, "If-Match": "0", "Origin": "https://elsewhere.example"})
            assert foreign.status == 403


def test_nothing_accepted_is_lost_and_nobody_is_refused_during_a_change(films):
    """Guests ask without pause, each over new connections, while the domain changes twice."""
    over = threading.Event()
    accepted, faults = [], []

    def guest():
        while not over.is_set():
            try:
                with Client(films.host, films.port) as client:
                    answer = client.post("/inference/start", {})
                    (accepted if answer.status == 200 else faults).append(answer.json.get("task_id", answer.text))
            except OSError as error:
                faults.append(repr(error))

    guests = [threading.Thread(target=guest) for _ in range(4)]
    for one in guests:
        one.start()
    try:
        change(films, films.text + MORE)
        before = len(accepted)
        wait_until(lambda: len(accepted) > before, 30, "requests under the changed domain")
        change(films, films.text + MORE + MORE.replace("stars", "stars_2"))
    finally:
        over.set()
        for one in guests:
            one.join()
    assert faults == []
    with films.client() as client:
        for task in accepted:
            assert client.get(f"/inference/status/{task}?wait=20s").json["status"] == "SUCCESS"


def test_a_long_poll_is_answered_by_the_change():
    with Server("--empty", "--workers", "0") as server:
        with server.client() as client:
            text = infer(client, FILMS).json["text"]
        change(server, text)
        with server.client() as client:
            bring(client)
            task = client.post("/inference/start", {}).json["task_id"]
        answers = []
        asking = threading.Thread(target=lambda: answers.append(server.client().get(f"/inference/status/{task}?wait=30s")))
        asking.start()
        change(server, text + MORE)
        asking.join()
        assert answers[0].status == 200 and answers[0].json["status"] == "PENDING"


def test_a_kill_between_the_file_and_the_change_leaves_a_server_that_starts(films):
    with films.client() as waiting, films.client() as client:
        fingerprint = client.get("/domain").json["fingerprint"]
        waiting.get("/health/live")  # a connection that is kept open makes the server linger before the change
        assert put(client, films.text + MORE, fingerprint).status == 202
        films.kill()
    films.start()
    with films.client() as client:
        assert client.get("/domain").json["text"] == films.text + MORE
        assert client.get("/content/info").json["films"] == 40


def test_a_domain_that_cannot_follow_is_taken_back(empty):
    """Items come in after the store was found empty: what would replace its domain is no longer taken."""
    with empty.client() as client, empty.client() as other:
        text = infer(client, FILMS).json["text"]
        before = client.get("/domain").json
        other.get("/health/live")  # kept open, so that there is a moment before the change
        assert put(client, text, before["fingerprint"]).status == 202
        place = {"children": True, "breakfast": True, "lunch": False, "dinner": False, "price": 120.5, "has_pool": True,
                 "has_spa": False, "animals": False, "near_lake": True, "near_mountains": False, "has_sport": False,
                 "family_rating": 3.5, "outdoor_rating": 2.5, "food_rating": 4.0, "leisure_rating": 1.5,
                 "service_rating": 2.0, "user_score": 4.5}
        assert other.post("/items", place).status == 201

    def told():
        with empty.client() as client:
            return client.get("/domain").json["fault"]
    assert "another domain" in wait_until(told, 60, "the fault")
    with empty.client() as client:
        assert client.get("/domain").json["text"] == before["text"]
        assert client.get("/content/info").json["locations"] == 1
    assert not (empty.data_dir / "domain.toml").exists()


def test_two_changes_at_once_are_one(films):
    answers = []

    def ask(n):
        with films.client() as client:
            answers.append(put(client, films.text + MORE.replace("stars", f"stars_{n}"), fingerprint).status)

    with films.client() as client:
        fingerprint = client.get("/domain").json["fingerprint"]
    askers = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    assert sorted(answers)[0] == 202 and answers.count(202) == 1
    assert set(answers) <= {202, 409, 412}


def test_commands_take_the_domain_of_the_data_directory(films, tmp_path):
    films.stop()
    more = tmp_path / "more.csv"
    more.write_text("film_id,title,genre,price,added\n41,Film 41,war,1,2026-02-01\n")
    outcome = run("import", "items", more, "--data-dir", films.data_dir)
    assert outcome.returncode == 0, outcome.stderr
    films.start()
    with films.client() as client:
        assert client.get("/content/film/41").json["genre"] == "war"
