"""The dashboard's types of what the API answers are made from its description."""

import json

from conftest import ROOT

FILE = ROOT / "web/dashboard/api/openapi.ts"
MADE = ROOT / "build/openapi.ts"
NO_PART_OF_TYPES = {"example", "examples", "description", "title", "format"}


def of_any_domain(schema, shared):
    """The schema less what types do not say; the domain's records are objects of unknown members."""
    if isinstance(schema, list):
        return [of_any_domain(part, shared) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return schema if schema["$ref"].rsplit("/", 1)[1] in shared else {"type": "object", "additionalProperties": True}
    kept = {key: part for key, part in schema.items() if key not in NO_PART_OF_TYPES}
    return {key: {name: of_any_domain(one, shared) for name, one in part.items()} if key == "properties" else
            of_any_domain(part, shared) for key, part in kept.items()}


def answers_of(document):
    """A description of nothing but the JSON answers, each under the name of its operation."""
    shared = {"TaskStatus": document["components"]["schemas"]["TaskStatus"]}
    answers = dict(shared)
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                schema = response.get("content", {}).get("application/json", {}).get("schema")
                if status.startswith("2") and schema:
                    answers[operation["operationId"]] = schema
    schemas = {name: of_any_domain(schema, shared) for name, schema in answers.items()}
    return {"openapi": "3.1.0", "info": {"title": "rankloop", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


def test_the_dashboards_types_are_those_of_the_description(descriptions, npm_tool, tmp_path):
    slim = tmp_path / "answers.json"
    slim.write_text(json.dumps(answers_of(descriptions["locations"])))
    made = npm_tool("openapi-typescript", slim, "--output", MADE)
    assert made.returncode == 0, made.stdout + made.stderr
    assert MADE.read_text() == FILE.read_text(), f"the description has changed: cp {MADE} {FILE}"
