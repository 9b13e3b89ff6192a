"""Generators make clients of the whole description, and the clients' types hold."""

import pathlib
import shutil

from conftest import PACKAGES, tool

HERE = pathlib.Path(__file__).parent


def functions_of(document):
    return {operation["operationId"] for methods in document["paths"].values() for operation in methods.values()}


def ids_of_tasks(node):
    """How each parameter and each member that is called task_id is described."""
    if isinstance(node, list):
        return [schema for each in node for schema in ids_of_tasks(each)]
    if not isinstance(node, dict):
        return []
    members = node.get("properties")
    found = [members["task_id"]] if isinstance(members, dict) and "task_id" in members else []
    found += [node["schema"]] if node.get("name") == "task_id" and "schema" in node else []
    return found + ids_of_tasks(list(node.values()))


def test_every_id_of_a_task_is_a_uuid(document):
    found = ids_of_tasks(document)
    assert len(found) > 10
    assert all((schema["type"], schema["format"]) == ("string", "uuid") for schema in found), found


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
