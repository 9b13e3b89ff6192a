"""Linters of API descriptions find no error, and no warning but of a few kinds: no licence and no contact are told, a
header is told that only servers with a token send, and bearers are asked for roles, as OpenAPI 3.1 allows."""

import json
import pathlib

HERE = pathlib.Path(__file__).parent


def test_redocly_finds_nothing_to_mend(npm_tool, document_file):
    outcome = npm_tool("redocly", "lint", document_file, "--extends", "recommended", "--format", "json",
                       cwd=document_file.parent)
    found = json.loads(outcome.stdout[outcome.stdout.index("{"):])["problems"]
    assert {problem["ruleId"] for problem in found} <= {"info-license", "no-unused-components"}, found[:10]


def test_spectral_finds_nothing_to_mend(npm_tool, document_file):
    outcome = npm_tool("spectral", "lint", document_file, "--ruleset", HERE / "spectral.yaml", "--format", "json",
                       "--quiet", cwd=document_file.parent)
    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-2000:]
    found = json.loads(outcome.stdout)
    assert {problem["code"] for problem in found} <= {"info-contact", "oas3-unused-component", "oas3-operation-security-defined"}, found[:10]
