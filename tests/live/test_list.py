"""`mcpaudit live list` on servers that do as they should: what they are given, and what is kept of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.installation import servers, site_of
from tests.live.running import ODD, PYTHON, Live, odd
from tests.test_check import canary, forms

TWO = ["get_note", "delete_note"]


@pytest.mark.parametrize(
    ("kind", "revision"), [("first", "2024-11-05"), ("good", "2025-06-18"), ("modern", "2026-07-28")]
)
def test_a_list_over_every_era_of_the_handshake(live: Live, kind: str, revision: str) -> None:
    row = live.row(kind)
    assert (row["outcome"], row["tools"], row["protocol"]) == ("listed", TWO, revision)
    assert (row["own_name"], row["own_version"]) == ("odd", "4.5.6")


@pytest.mark.parametrize(
    ("kind", "tools", "note"),
    [
        ("none", [], ""),
        ("noisy", TWO, "it wrote a line to its standard output that no client understands"),
        ("asks-back", TWO, ""),
        ("strict", TWO, ""),
        ("changing-once", ["a", "b", "z"], ""),
        ("twice", ["same", "same"], "it lists `same` twice; clients differ in which they call"),
    ],
)
def test_oddities_that_clients_bear_are_no_failure(
    live: Live, kind: str, tools: list[str], note: str
) -> None:
    row = live.row(kind)
    assert (row["outcome"], row["tools"], row["notes"]) == ("listed", tools, [note] if note else [])


def test_the_line_of_each_server_and_the_advice(live: Live) -> None:
    live.install(good=odd("good"), gone={"command": "no-such-program"}, sick=odd("exits"))
    assert live.list() == 1
    assert live.out.startswith("Listed 1 of 3 servers: 2 tools.\n\n")
    assert "\n  cursor/gone not listed: there is no program `no-such-program` on PATH\n" in live.out
    assert "\n  cursor/good 2 tools, MCP 2025-06-18, " in live.out
    assert (
        "  cursor/sick not listed: it exited with code 3 and no answer\n    it said: the disk is full\n"
        in (live.out)
    )
    assert "- cursor/gone: see that its program is installed" in live.out
    assert "`--update-lock` puts these lists into mcpaudit.lock" in live.out
    assert f"cursor/good: starts\n  {PYTHON} -sS {ODD} good\n" in live.err


def test_one_entry_in_two_clients_is_asked_once_and_only_named_servers_are(live: Live) -> None:
    both = servers(one=odd("good"))
    site_of(live.folder, {"~/.cursor/mcp.json": servers(one=odd("good"), two=odd("exits"))})
    site_of(live.folder, {"~/.gemini/settings.json": both})
    assert live.list("one", "--format", "json") == 0
    assert [row["names"] for row in json.loads(live.out)["servers"]] == [["cursor/one", "gemini-cli/one"]]
    assert live.list("gemini-cli/one", "--format", "json") == 0
    assert [row["names"] for row in json.loads(live.out)["servers"]] == [["gemini-cli/one"]]
    assert live.list("oen") == 2
    assert "there is no server `oen` here; did you mean `one`?" in live.err


def test_a_server_is_given_little_and_an_empty_home(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 20)
    (live.folder / "real").mkdir()
    (live.folder / "real/treasure").touch()
    monkeypatch.setenv("HOME", str(live.folder / "real"))
    tools = live.row("surroundings", env={"DECLARED": "1"})["tools"]
    assert {"PATH", "HOME", "DECLARED"} <= {*tools}
    assert "AWS_SECRET_ACCESS_KEY" not in tools
    assert not any("treasure" in tool for tool in tools)
    assert f"cwd-{live.project}" in tools
    shared = live.rows("--share-home")["one"]["tools"]
    assert "home-treasure" in shared
    assert "AWS_SECRET_ACCESS_KEY" not in shared


def test_the_scratch_home_is_thrown_away(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = live.folder / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    assert live.row("good")["outcome"] == "listed"
    assert list(scratch.iterdir()) == []


def test_values_reach_the_server_and_no_secret_comes_out(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN_TOKEN", canary(3))
    env = {"API_KEY": canary(1), "PLAIN": "plainly-here", "TOKEN": "${env:OWN_TOKEN}"}
    row = live.row("echo", f"--token={canary(2)}", env=env)
    assert row["outcome"] == "listed"
    assert row["notes"] == ["it repeats a secret of its entry in its list; it is masked"]
    told = live.out + live.err
    assert live.list("--save", str(live.folder / "saved"), "--update-lock") == 0
    told += live.out + live.err + (live.project / "mcpaudit.lock").read_text()
    saved = (live.folder / "saved/one.json").read_text()
    assert "plainly-here" in saved
    assert "***" in saved
    leaked = [n for n in (1, 2, 3) for form in forms(canary(n)) if form in told + saved]
    assert leaked == []


def test_a_missing_variable_is_named_and_the_server_not_started(live: Live, tmp_path: Path) -> None:
    row = live.row("good", env={"API_TOKEN": "${env:NOT_SET_ANYWHERE}"})
    assert (row["outcome"], row["reason"]) == (
        "unexpanded",
        "no value is known for `${env:NOT_SET_ANYWHERE}`",
    )
    row = live.row("needs-token")
    assert (row["outcome"], row["said"]) == ("exited", ["API_TOKEN is not set"])
    assert live.row("needs-token", env={"API_TOKEN": "x"})["outcome"] == "listed"


def test_what_codex_takes_from_its_own_environment(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSED_TOKEN", canary(4))
    monkeypatch.setenv("OTHER_TOKEN", canary(5))
    config = f"""
[mcp_servers.one]
command = {PYTHON!r}
args = ["-sS", {ODD!r}, "echo"]
env_vars = ["PASSED_TOKEN"]
"""
    site_of(live.folder, {"~/.codex/config.toml": config})
    assert live.list("--save", str(live.folder / "saved")) == 0
    assert "with the variables PASSED_TOKEN=***" in live.err
    saved = (live.folder / "saved/one.json").read_text()
    assert "***" in saved
    assert canary(4) not in saved + live.out + live.err


def test_saved_lists_are_read_by_an_audit(live: Live) -> None:
    saved = live.folder / "saved"
    live.install(**{"notes": odd("good"), "../up": odd("good", "2"), "sick": odd("exits")})
    assert live.list("--save", str(saved)) == 1
    assert [path.name for path in saved.rglob("*")] == ["notes.json"]
    held: Any = json.loads((saved / "notes.json").read_text())
    assert held["tools"][0]["inputSchema"]["required"] == ["id"]
    words = ["--home", str(live.folder / "home"), "--manifests", str(saved), "--format", "json"]
    live.command("check", str(live.project), *words)
    tools = {(one["server"], one["name"]) for one in json.loads(live.out)["tools"]}
    assert (f"path:{ODD}", "delete_note") in tools


def test_lists_of_one_name_in_two_clients_are_saved_by_agent(live: Live) -> None:
    site_of(live.folder, {"~/.cursor/mcp.json": servers(one=odd("named", "of_cursor"))})
    site_of(live.folder, {"~/.gemini/settings.json": servers(one=odd("named", "of_gemini"))})
    assert live.list("one", "--save", str(live.folder / "saved")) == 0
    found = {str(path.relative_to(live.folder / "saved")) for path in (live.folder / "saved").rglob("*.json")}
    assert found == {"cursor/one.json", "gemini-cli/one.json"}


def test_nothing_is_written_through_a_link(live: Live) -> None:
    saved, other = live.folder / "saved", live.folder / "other.txt"
    saved.mkdir()
    other.write_text("mine")
    (saved / "one.json").symlink_to(other)
    live.install(one=odd("good"))
    assert live.list("--save", str(saved)) == 2
    assert "leads out of" in live.err
    assert other.read_text() == "mine"


def test_a_configuration_file_named_by_hand(live: Live) -> None:
    live.install()
    file = live.project / "other.json"
    file.write_text(json.dumps(servers(mine=odd("good"))))
    assert live.command("live", "list", "--path", str(file), "--no-home", "--yes") == 0
    assert "mine 2 tools, MCP 2025-06-18" in live.out


def test_nothing_to_list(live: Live) -> None:
    live.install()
    assert live.list() == 3
    assert "nothing was collected" in live.err


def test_what_nobody_has_approved_is_asked_only_by_name(live: Live) -> None:
    site_of(live.folder, {".mcp.json": servers(one=odd("good"))})
    assert live.list() == 3
    assert (
        "nobody has approved these servers in their client; name one to ask it: claude-code/one" in live.err
    )
    assert live.list("one") == 0
