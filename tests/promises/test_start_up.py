"""Start-up stays light: each class of commands loads what it needs and none of the heavy libraries beside."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.promises.stage import ROOT

pytestmark = pytest.mark.promise("start-up")
Record = Callable[[str, object], None]

SDK = {"mcp", "mcp_types", "pydantic", "httpx2", "anyio", "starlette", "uvicorn"}
NETWORK = {"socket", "ssl", "http.client", "urllib.request", "asyncio", "subprocess", "multiprocessing"}
EXTRAS = {"weasyprint", "cryptography", "highspy", "opentelemetry"}
RENDERERS = {"networkx", "jsonschema", "jinja2"}
PARSERS = {"yaml", "cel_expr_python", "google.protobuf", "tree_sitter"}
# What no static command needs to say how it is used.
HEAVY = SDK | NETWORK | EXTRAS | RENDERERS

# Runs command lines one after another, and says after each what has been loaded since the start.
PROGRAM = """
import io, json, os, sys
told, out = [], sys.stdout
for line in json.load(sys.stdin):
    os.environ.update(line["environment"])
    sys.argv = ["mcpaudit", *line["words"]]
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in "12")
    try:
        from mcpaudit.__main__ import main
        main()
    except SystemExit:
        pass
    told.append(sorted(sys.modules))
json.dump(told, out)
"""


def loaded(folder: Path, *lines: list[str], environment: dict[str, str] | None = None) -> list[set[str]]:
    """The modules that a process has loaded after each command line."""
    asked = [{"words": words, "environment": environment or {}} for words in lines]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)},
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return [set(one) for one in json.loads(done.stdout)]


def heavy(found: set[str], forbidden: set[str]) -> set[str]:
    """What was loaded of these packages and modules, or below them."""
    return {one for one in found if any(one == name or one.startswith(f"{name}.") for name in forbidden)}


def words_of(tree: list[str]) -> list[list[str]]:
    return [[*name.split(), "--help"] for name in tree]


def test_help_and_version_load_none_of_the_heavy_libraries(tmp_path: Path, record_property: Record) -> None:
    lines = [["--help"], ["--version"], [], ["live", "--help"]]
    for found in loaded(tmp_path, *lines):
        assert "click" in found
        assert not heavy(found, HEAVY | PARSERS)
    record_property("libraries that `--help` must not load", len(HEAVY | PARSERS))


def test_the_help_of_every_command_loads_neither_the_sdk_nor_the_network(
    tmp_path: Path, record_property: Record
) -> None:
    from tests.promises.commands import commands

    names = [name for name, _ in commands()]
    for name, found in zip(names, loaded(tmp_path, *words_of(names)), strict=True):
        assert "click" in found
        assert not heavy(found, HEAVY), name
    record_property("commands whose `--help` is held against the list", len(names))


def test_completion_loads_none_of_the_heavy_libraries(tmp_path: Path) -> None:
    for typed, forbidden in (("mcpaudit ", HEAVY | PARSERS), ("mcpaudit check --for", HEAVY)):
        environment = {
            "_MCPAUDIT_COMPLETE": "bash_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(typed.split(" ")) - 1),
        }
        (found,) = loaded(tmp_path, [], environment=environment)
        assert "click.shell_completion" in found
        assert not heavy(found, forbidden), typed


def test_an_audit_loads_no_validator_no_templates_and_nothing_that_could_reach_out(tmp_path: Path) -> None:
    config = {"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}
    (tmp_path / ".mcp.json").write_text(json.dumps(config))
    lines = [
        ["check", ".", "--no-home"],
        ["check", ".", "--no-home", "--format", "json"],
        ["check", ".", "--no-home", "--format", "sarif"],
        ["access", ".", "--no-home"],
    ]
    for words, found in zip(lines, loaded(tmp_path, *lines), strict=True):
        assert "mcpaudit.access.graph" in found
        assert not heavy(found, HEAVY), words


def test_nothing_but_a_server_that_was_agreed_to_loads_the_sdk(tmp_path: Path) -> None:
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor/mcp.json").write_text('{"mcpServers": {"time": {"command": "uvx"}}}')
    for found in loaded(tmp_path, ["live", "list"], ["live", "list", "--no-home"]):
        assert "mcpaudit.cli.live_list" in found
        assert not heavy(found, SDK)


def test_the_list_would_notice_what_it_forbids(tmp_path: Path) -> None:
    (found,) = loaded(tmp_path, ["policy", "lint", str(ROOT / "examples/logistics/.mcpaudit/policies")])
    assert heavy(found, {"jsonschema"})
    assert heavy(found, {"yaml"})
