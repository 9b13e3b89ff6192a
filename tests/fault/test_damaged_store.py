"""A store that cannot be used is refused with a clear reason and left exactly as it is."""

import contextlib
import hashlib
import shutil
import sqlite3

import pytest

from rankloop_process import run


def contents(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())
            if path.name != "rankloop.lock"}


def overwrite(file, offset, data):
    with open(file, "r+b") as target:
        target.seek(offset)
        target.write(data)


def no_database(file):
    file.write_bytes(b"These are somebody's notes, not a database.\n" * 500)


def broken_header(file):
    overwrite(file, 0, b"\0" * 100)


def broken_first_table(file):
    overwrite(file, 100, b"\xff" * 3_900)


def cut_off(file):
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])


def newer_version(file):
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("INSERT INTO schema_migrations VALUES (9999, '9999_from_the_future.sql', 0)")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def of_another_program(file):
    file.unlink()
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE recipes (name TEXT)")
        database.execute("INSERT INTO recipes VALUES ('soup')")
        database.commit()


@pytest.mark.parametrize("damage, reason", [
    (no_database, "damaged or is no SQLite database"),
    (broken_header, "damaged or is no SQLite database"),
    (broken_first_table, "damaged or is no SQLite database"),
    (cut_off, "damaged or is no SQLite database"),
    (newer_version, "schema version 9999, made by a newer rankloop"),
    (of_another_program, "belongs to another program"),
], ids=lambda value: value.__name__ if callable(value) else "")
def test_an_unusable_store_is_refused_and_left_alone(first_start, tmp_path, damage, reason):
    file = tmp_path / "rankloop.db"
    shutil.copy2(first_start.data_dir / "rankloop.db", file)
    damage(file)
    before = contents(tmp_path)
    outcome = run("serve", "--data-dir", tmp_path, "--listen", "127.0.0.1:0", seconds=60)
    assert outcome.returncode not in (0, None) and outcome.returncode > 0, outcome
    assert reason in outcome.stderr and str(file) in outcome.stderr, outcome.stderr
    assert outcome.stdout == ""
    assert contents(tmp_path) == before
