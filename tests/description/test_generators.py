"""Generators make clients of the whole description, and the clients' types hold."""

import pathlib
import shutil

from conftest import PACKAGES, tool

HERE = pathlib.Path(__file__).parent


def functions_of(document):
    return {operation["operationId"] for methods in document["paths"].values() for operation in methods.values()}


def test_a_python_client_has_every_operation_and_its_types_hold(document, document_file, tmp_path):
    client = tmp_path / "rankloop_client"
    made = tool("openapi-python-client", "generate", "--path", document_file, "--meta", "none", "--output-path", client,
                "--config", HERE / "python-client.yaml", cwd=tmp_path)
    assert made.returncode == 0 and "arning" not in made.stdout + made.stderr, made.stdout + made.stderr
    assert {file.stem for file in (client / "api").glob("*/*.py")} - {"__init__"} == functions_of(document)
    checked = tool("mypy", "--config-file", HERE / "mypy.ini", "--cache-dir", tmp_path / "cache", "rankloop_client",
                   cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout[-4000:] + checked.stderr[-2000:]


def test_types_of_typescript_are_made_and_hold(kind, npm_tool, document, document_file, tmp_path):
    made = npm_tool("openapi-typescript", document_file, "--output", tmp_path / "api.ts")
    assert made.returncode == 0 and "⚠" not in made.stdout + made.stderr, made.stdout + made.stderr
    types = (tmp_path / "api.ts").read_text()
    assert [name for name in functions_of(document) if f'operations["{name}"]' not in types] == []
    files = [tmp_path / "api.ts"]
    if kind != "flights":  # it has another domain's fields
        files.append(shutil.copy(HERE / "use_types.ts", tmp_path))
    checked = npm_tool("tsc", "--noEmit", "--strict", *files, cwd=PACKAGES)
    assert checked.returncode == 0, checked.stdout[-4000:] + checked.stderr[-2000:]
