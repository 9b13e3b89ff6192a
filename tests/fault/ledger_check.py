"""Holds a store, through the API and in the file, against a journal of what was answered."""

import contextlib
import sqlite3


def check_tasks(client, journal, catalog_size):
    """Every answered start has succeeded, is complete and there once; shown marks and picks are there."""
    result_ids = set()
    for start in {start.task: start for start in journal.starts}.values():
        status = client.get(f"/inference/status/{start.task}?wait=30s")
        assert status.status == 200 and status.json["status"] == "SUCCESS", (start.task, status)
        answer = client.get(f"/content/results?task_id={start.task}&limit=10000")
        assert answer.status == 200, answer
        rows = answer.json
        check_complete(start, rows, catalog_size)
        check_shown_and_picked(start.task, rows, journal)
        ids = {row["result_id"] for row in rows}
        assert len(ids) == len(rows) and not ids & result_ids, f"a result of {start.task} is there twice"
        result_ids |= ids


def check_complete(start, rows, catalog_size):
    items = [row["location_id"] for row in rows]
    assert len(set(items)) == len(items), f"an item of {start.task} is there twice"
    if "candidates" in start.body:
        assert set(items) == set(start.body["candidates"]), start.task
    else:
        assert len(items) == catalog_size, start.task
    assert {row["task_id"] for row in rows} == {start.task}
    assert len({row["user_id"] for row in rows}) == 1
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True), start.task


def check_shown_and_picked(task, rows, journal):
    shown = journal.shown.get(task, 0)
    for position, row in enumerate(rows[:shown], start=1):
        assert row["shown"] and row["position"] == position and row["shown_at"], (task, row)
    if task in journal.picks:
        labelled = [row["location_id"] for row in rows if row["label"] == 1]
        assert labelled == [journal.picks[task]], (task, labelled)


def check_keys(client, journal):
    """The same request under the same key gets the task of the first answer, and starts nothing."""
    by_key = {}
    for start in journal.starts:
        if start.key is not None:
            assert by_key.setdefault(start.key, start).task == start.task, start.key
    for start in by_key.values():
        again = client.post("/inference/start", start.body, headers={"Idempotency-Key": start.key})
        assert again.status == 200 and again.json["task_id"] == start.task, (start.key, again)
    return len(by_key)


def check_counts(client, journal):
    """Nobody is there twice: at least those that were answered, at most also those that nobody heard of."""
    users = client.get("/content/info").json["users"]
    answered = len({start.task for start in journal.starts})
    assert answered <= users <= answered + journal.unanswered_starts, (answered, users, journal.unanswered_starts)
    return users


def check_file(data_dir):
    """What SQLite itself says of a stopped server's file, and what no index of it can promise."""
    with contextlib.closing(sqlite3.connect(f"file:{data_dir}/rankloop.db?mode=ro", uri=True)) as database:
        def one(sql):
            return database.execute(sql).fetchone()[0]

        assert one("PRAGMA integrity_check") == "ok"
        inferences = one("SELECT count(*) FROM inferences")
        assert one("SELECT count(*) FROM users") == inferences
        assert one("SELECT count(DISTINCT task_id) FROM inferences") == inferences
        assert one("SELECT count(*) FROM tasks WHERE kind = 0") == inferences
        succeeded = one("SELECT count(*) FROM tasks WHERE kind = 0 AND state = 3")
        assert one("SELECT count(*) FROM rankings") == succeeded
        assert one("SELECT count(*) FROM items WHERE version > "
                   "(SELECT value FROM counters WHERE name = 'catalog_version')") == 0
        assert one("SELECT count(*) FROM models WHERE champion = 1") <= 1
