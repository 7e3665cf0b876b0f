"""`mcpaudit minimize`: from files to advice that a person can act on."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
from mcpaudit.model.plan import Plan, suggestion
from mcpaudit.questions import minimize, patch
from mcpaudit.request import Request
from tests.hostile import HOSTILE
from tests.installation import AS_OF, npx, request_of, saved, servers, site_of, uvx
from tests.parsing.test_diff import GIT, git_apply
from tests.report.test_text import same_as_snapshot

EXAMPLE = Path(__file__).parent.parent / "examples" / "logistics"
FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
PG = uvx("postgres-mcp==0.3.0", DATABASE_URI="postgresql://db.example/app")
READ_SRV = '{actions: [read], resource: "local:host/file/srv/**"}'
READ_DB = '{actions: [read], resource: "sql:db.example:5432/app/**"}'


def profile(*needs: str, **prices: int) -> str:
    lines = [f"    - {need}" for need in needs]
    more = [f"  prices: {json.dumps(prices)}"] if prices else []
    head = ["apiVersion: mcpaudit/v1", "kind: Profile", "metadata: {id: task, title: A task}", "spec:"]
    return "\n".join([*head, "  needs:", *lines, *more, ""])


def plans_of(folder: Path, files: dict[str, Any], *needs: str, **more: Any) -> dict[str, Plan]:
    """The plans by agent, for files and saved manifests."""
    manifests = more.pop("manifests", {})
    site = site_of(folder, {**files, ".mcpaudit/profiles/task.yaml": profile(*needs, **more)})
    (folder / "manifests").mkdir(exist_ok=True)
    for name, content in manifests.items():
        (folder / "manifests" / f"{name}.json").write_text(json.dumps(content))
    request = Request(site, AS_OF, profile="task", manifests=folder / "manifests")
    return {plan.agent: plan for plan in minimize(request).plans}


def desktop(**entries: Any) -> dict[str, Any]:
    return {"~/.config/Claude/claude_desktop_config.json": servers(**entries)}


def test_the_example_as_it_stands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    words = ["minimize", str(EXAMPLE), "--home", str(EXAMPLE / "home"), "--profile", "dispatch"]
    assert run(words) == 0
    same_as_snapshot("minimize.txt", capsys.readouterr().out)
    assert run([*words, "--format", "json"]) == 0
    same_as_snapshot("minimize.json", capsys.readouterr().out)


def test_why_servers_stay_and_go(tmp_path: Path) -> None:
    entries = {
        "pg": PG,
        "files": npx(FILES, "/srv"),
        "wide": npx(FILES, "/srv", "/etc"),
        "web": uvx("mcp-server-fetch==2026.10.24"),
        "own": npx("acme-own"),
    }
    plan = plans_of(tmp_path, desktop(**entries), READ_DB, READ_SRV)["claude-desktop"]
    assert {one.name: one.reason for one in plan.keep} == {
        "files": "it offers read local:host/file/srv/**; so does wide, but at more cost",
        "pg": "only it is known to offer read sql:db.example:5432/app/**",
    }
    gone = {one.name: one.reason for one in plan.remove}
    assert gone["web"] == "nothing in the profile `task` needs it"
    assert "files offers as well, in every set at less cost" in gone["wide"]
    assert "beyond the need it could also" in gone["wide"]
    assert plan.undecided == ("own",)
    assert plan.proved
    assert plan.beyond[0] > plan.beyond[1] > plan.beyond[2]


def test_servers_that_would_do_as_well(tmp_path: Path) -> None:
    entries = {"a": npx(FILES, "/srv"), "b": npx(FILES, "/srv/")}
    plan = plans_of(tmp_path, desktop(**entries), READ_SRV)["claude-desktop"]
    assert [one.reason for one in plan.keep] == ["it offers read local:host/file/srv/**; b would do as well"]
    assert plan.others == (("b",),)
    assert "at the same cost: either can go" in plan.remove[0].reason


def test_a_wider_root_is_more_than_the_need(tmp_path: Path) -> None:
    entries = {"all": npx(FILES, "/"), "some": npx(FILES, "/srv")}
    plan = plans_of(tmp_path, desktop(**entries), READ_SRV)["claude-desktop"]
    assert [one.name for one in plan.keep] == ["some"]


def test_prices_of_a_profile_decide(tmp_path: Path) -> None:
    """Two narrow servers or a wide one: dear servers make the wide one the cheaper."""
    entries = {"both": npx("acme-both"), "r": npx("acme-r"), "s": npx("acme-s")}
    more = ("delete_row", "update_row", "drop_table", "grant_permission")
    needs = (
        '{actions: [read], resource: "sql:**"}',
        '{actions: [create], resource: "sql:**"}',
    )
    env = {"DATABASE_URI": "postgresql://db.example/app"}
    entries = {name: uvx(f"postgres-{name}", **env) for name in entries}
    manifests = {
        "both": saved("query_database", "insert_row", *more),
        "r": saved("query_database"),
        "s": saved("insert_row"),
    }
    kept = {}
    for server in (1, 100):
        folder = tmp_path / str(server)
        folder.mkdir()
        plan = plans_of(folder, desktop(**entries), *needs, manifests=manifests, server=server)
        kept[server] = [one.name for one in plan["claude-desktop"].keep]
    assert kept[100] == ["both"]
    assert kept[1] != kept[100]


def asking(**entries: Any) -> dict[str, Any]:
    """Qwen Code leaves it to a model whether a tool runs, unless a file says otherwise."""
    return {**servers(**entries), "tools": {"approvalMode": "default"}}


RULES: dict[str, tuple[str, Any, str, str]] = {
    "claude-code": (".mcp.json", servers, '"mcp__files__write_file"', "permissions.deny"),
    "cursor": (".cursor/mcp.json", servers, '"Mcp(files:write_file)"', "permissions.deny"),
    "gemini-cli": (".gemini/settings.json", servers, '"write_file"', "excludeTools"),
    "qwen-code": (".qwen/settings.json", asking, '"write_file"', "excludeTools"),
}


@pytest.mark.parametrize("client", RULES)
def test_rules_are_those_of_the_client_and_do_what_they_say(client: str, tmp_path: Path) -> None:
    file, shape, rule, where = RULES[client]
    entry = npx(FILES, "/srv")
    plan = plans_of(tmp_path, {file: shape(files=entry)}, READ_SRV)[client]
    denied = {one.tool: one.rule for one in plan.keep[0].deny}
    assert denied["write_file"] == rule
    assert "read_file" not in denied
    assert where in plan.where
    names = [json.loads(text) for text in denied.values()]
    files: dict[str, Any] = {file: shape(files=entry)}
    if where == "excludeTools":
        files = {file: shape(files={**entry, "excludeTools": names})}
    else:
        files["~/.claude/settings.json"] = {"permissions": {"deny": names}}
        files[".cursor/cli.json"] = {"permissions": {"deny": names}}
    after = tmp_path / "after"
    after.mkdir()
    again = plans_of(after, files, READ_SRV)[client]
    assert not again.keep[0].deny, "once the rules are written nothing is left to deny"
    assert again.beyond[1] == plan.beyond[2]


def test_a_client_without_rules_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {**desktop(files=npx(FILES, "/srv")), ".mcpaudit/profiles/task.yaml": profile(READ_SRV)}
    site = site_of(tmp_path, files)
    assert run(["minimize", str(site.project), "--home", str(site.home), "--profile", "task"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "in Claude Desktop itself, for no file of it is known to deny a tool" in shown


def test_what_may_meet_a_need_is_not_sent_away(tmp_path: Path) -> None:
    files = {".qwen/settings.json": servers(files=npx(FILES, "/srv"))}
    plan = plans_of(tmp_path, files, READ_SRV)["qwen-code"]
    assert (plan.keep, plan.remove, plan.undecided) == ((), (), ("files",))
    assert plan.unmet == ("read local:host/file/srv/**",)


def test_two_of_one_name_are_told_apart(tmp_path: Path) -> None:
    files = {
        ".cursor/mcp.json": servers(files=npx(FILES, "/srv")),
        "~/.cursor/mcp.json": servers(files=uvx("mcp-server-fetch==2026.10.24")),
    }
    plan = plans_of(tmp_path, files, READ_SRV)["cursor"]
    assert len(plan.keep) == len(plan.remove) == 1
    assert plan.keep[0].name != plan.remove[0].name


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_stay_harmless(
    hostile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = [{"name": f"delete_{hostile}", "description": "Deletes a row"}, {"name": "query_database"}]
    files = {
        ".mcp.json": servers(pg=uvx("acme-pg", DATABASE_URI="postgresql://db.example/app")),
        ".mcpaudit/profiles/task.yaml": profile(READ_DB),
        "saved/pg.json": {"tools": tools},
    }
    site = site_of(tmp_path, files)
    assert site.project is not None
    words = ["minimize", str(site.project), "--no-home", "--profile", "task"]
    words += ["--manifests", str(site.project / "saved")]
    assert run(words) == 0
    shown = capsys.readouterr().out
    assert all(char == "\n" or char.isprintable() for char in shown)
    assert run([*words, "--format", "json"]) == 0
    json.loads(capsys.readouterr().out)


def test_a_quote_in_a_name_does_not_end_the_rule(tmp_path: Path) -> None:
    evil = 'x": "allow", "*'
    tools = {"pg": {"tools": [{"name": f"delete_{evil}"}, {"name": "query_database"}]}}
    entry = {
        "type": "local",
        "command": ["uvx", "acme-pg"],
        "environment": {"DATABASE_URI": "postgresql://db.example/app"},
    }
    plan = plans_of(tmp_path, {"opencode.json": {"mcp": {"pg": entry}}}, READ_DB, manifests=tools)["opencode"]
    for one in plan.keep[0].deny:
        assert set(json.loads(f"{{{one.rule}}}").values()) == {"deny"}
    assert plan.keep[0].deny


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (profile(READ_SRV, server=0), "less than the minimum"),
        (profile(READ_SRV, sever=1), "sever"),
    ],
)
def test_mistakes_in_prices(text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = site_of(tmp_path, {".mcp.json": servers(pg=PG), ".mcpaudit/profiles/task.yaml": text})
    assert run(["minimize", str(site.project), "--no-home", "--profile", "task"]) == 2
    assert said in capsys.readouterr().err


def test_no_such_profile_and_nothing_to_look_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = site_of(tmp_path, {".mcpaudit/profiles/task.yaml": profile(READ_SRV)})
    assert run(["minimize", str(site.project), "--no-home", "--profile", "tusk"]) == 2
    assert "there is no profile `tusk`" in capsys.readouterr().err
    assert run(["minimize", str(site.project), "--no-home", "--profile", "task"]) == 3


def test_the_example_as_a_patch(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    words = ["minimize", str(EXAMPLE), "--home", str(EXAMPLE / "home"), "--profile", "dispatch"]
    assert run([*words, f"--patch={tmp_path / 'least.patch'}"]) == 0
    told = capsys.readouterr().out
    assert "access changes as was supposed, and in no other way" in " ".join(told.split())
    text = (tmp_path / "least.patch").read_text()
    same_as_snapshot("minimize.patch", text)
    assert run([*words, "--patch"]) == 0
    assert capsys.readouterr().out == text
    assert not (tmp_path / "least.home.patch").exists()
    if GIT:
        copy = tmp_path / "copy"
        shutil.copytree(EXAMPLE, copy)
        assert git_apply(copy, text).returncode == 0
        again = ["minimize", str(copy), "--home", str(copy / "home"), "--profile", "dispatch", "--patch"]
        assert run(again) == 0
        shown = capsys.readouterr()
        assert shown.out == "", "what was applied leaves nothing to patch"
        assert "0 changes in 0 files" in shown.err


def test_patches_of_two_trees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        ".cursor/mcp.json": servers(
            files=npx(FILES, "/srv", "/etc"), web=uvx("mcp-server-fetch==2026.10.24")
        ),
        **desktop(files=npx(FILES, "/srv"), web=uvx("mcp-server-fetch==2026.10.24")),
        ".mcpaudit/profiles/task.yaml": profile(READ_SRV),
    }
    site = site_of(tmp_path, files)
    words = ["minimize", str(site.project), "--home", str(site.home), "--profile", "task"]
    target = tmp_path / "out" / "least.patch"
    assert run([*words, f"--patch={target}"]) == 0
    capsys.readouterr()
    project, home = target.read_text(), target.with_name("least.home.patch").read_text()
    assert "b/.cursor/mcp.json" in project
    assert "claude_desktop_config" not in project
    assert '-        "/etc"' in project
    assert "b/.config/Claude/claude_desktop_config.json" in home
    assert "run `git apply` on this file" in home
    assert run([*words, "--patch"]) == 0
    shown = capsys.readouterr()
    assert shown.out == project
    assert "--patch=FILE also gives the patch for your home" in shown.err
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    assert run([*words, f"--patch={tmp_path}"]) == 2
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*.json")}, (
        "nothing is written there"
    )


def test_a_patch_that_does_not_do_what_was_supposed_is_loud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two servers whose tools rules cannot tell apart: denying one denies the other."""
    entry = uvx("acme-pg", DATABASE_URI="postgresql://db.example/app")
    files = {
        ".mcp.json": servers(
            **{"p.g": entry, "p_g": uvx("acme-pg", DATABASE_URI="postgresql://db.example/b")}
        ),
        ".mcpaudit/profiles/task.yaml": profile(
            READ_DB, READ_DB.replace("/app", "/b").replace("read", "delete")
        ),
    }
    for name in ("p.g", "p_g"):
        files[f"saved/{name}.json"] = {"tools": [{"name": "delete_row"}, {"name": "query_database"}]}
    site = site_of(tmp_path, files)
    words = ["minimize", str(site.project), "--no-home", "--profile", "task"]
    assert run([*words, "--manifests", str(tmp_path / "project" / "saved"), "--patch"]) == 1
    shown = " ".join(capsys.readouterr().err.split())
    assert "THE PATCHED FILES DO NOT COME TO WHAT WAS SUPPOSED" in shown
    assert "is gone as well" in shown


NARROWER = [
    (["/srv", "/data"], READ_SRV.replace("/srv/", "/srv/in/"), ["/srv/in"]),
    (["/srv"], READ_SRV, ["/srv"]),
    (["/"], READ_SRV, ["/srv"]),
    (["/srv"], READ_SRV.replace("/**", "/a/one.txt"), ["/srv/a"]),
    (["/srv"], READ_SRV.replace("/**", "/one.txt"), ["/srv"]),
    (["/srv"], READ_SRV.replace("/srv/**", "/srv/*/in"), ["/srv"]),
    (["/srv"], READ_SRV.replace("host/file/srv/**", "**"), ["/srv"]),
    (["."], READ_SRV.replace("/srv/", "/./in/"), ["./in"]),
]


@pytest.mark.parametrize(("roots", "need", "wanted"), NARROWER)
def test_roots_become_as_narrow_as_the_need(
    roots: list[str], need: str, wanted: list[str], tmp_path: Path
) -> None:
    plan = plans_of(tmp_path, {".cursor/mcp.json": servers(files=npx(FILES, *roots))}, need)["cursor"]
    (kept,) = plan.keep
    texts = dict(enumerate(roots))
    texts |= {int(root.place.route[-1]) - 2: root.text for root in kept.narrow}
    assert [text for text in texts.values() if text] == wanted


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("chat:write,users:read channels:history", "chat:write"),
        (["chat:write", "users:read", "channels:history"], ["chat:write"]),
        ("chat:write made:up users:read", "chat:write made:up users:read"),
    ],
)
def test_scopes_that_nothing_needs_any_more_go(
    asked: str | list[str], left: str | list[str], tmp_path: Path
) -> None:
    """`users:read` is for a tool that is denied; of a scope that nobody knows nothing is said of any."""
    oauth = {"enabled": True, "clientId": "1.2", "scopes": asked}
    entry = {"httpUrl": "https://mcp.slack.com/mcp", "oauth": oauth}
    need = '{actions: [create], resource: "slack:**"}'
    files = {
        ".gemini/settings.json": servers(slack=entry),
        ".mcpaudit/profiles/task.yaml": profile(need),
    }
    tools = saved(
        {"name": "send_message", "description": "Post a message to a channel"},
        {"name": "list_users", "description": "List users"},
    )
    request = request_of(tmp_path, files, {"slack": tools}, profile="task")
    found = minimize(request)
    done = patch(request, suggestion(found.plans), found.facts)
    assert done.disagreements == ()
    (content,) = done.patches.contents.values()
    assert json.loads(content)["mcpServers"]["slack"]["oauth"]["scopes"] == left


READ_TASKS = '{actions: [read], resource: "atlassian:**"}'


@pytest.mark.parametrize(
    ("file", "entry", "written"),
    [
        (
            ".cursor/mcp.json",
            uvx("mcp-atlassian==0.23.1", "--transport=stdio"),
            {"args": ["mcp-atlassian==0.23.1", "--transport=stdio", "--read-only"]},
        ),
        (
            ".cursor/mcp.json",
            npx("@roychri/mcp-server-asana@1.8.0", ASANA_ACCESS_TOKEN="${env:T}"),
            {"env": {"ASANA_ACCESS_TOKEN": "${env:T}", "READ_ONLY_MODE": "true"}},
        ),
        (".cursor/mcp.json", npx("@roychri/mcp-server-asana@1.8.0"), None),
        (".cursor/mcp.json", uvx("mcp-atlassian==0.23.1", "--read-only"), None),
    ],
)
def test_a_server_that_only_has_to_read_gets_its_switch(
    file: str, entry: dict[str, Any], written: dict[str, Any] | None, tmp_path: Path
) -> None:
    needs = READ_TASKS, READ_TASKS.replace("atlassian", "asana")
    files = {file: servers(tasks=entry), ".mcpaudit/profiles/task.yaml": profile(*needs)}
    request = request_of(tmp_path, files, profile="task")
    found = minimize(request)
    switches = [one for plan in found.plans for kept in plan.keep for one in kept.narrow]
    assert bool(switches) == (written is not None)
    done = patch(request, suggestion(found.plans), found.facts)
    assert done.disagreements == ()
    if written is not None:
        (content,) = (json.loads(one) for name, one in done.patches.contents.items() if name == file)
        assert content["mcpServers"]["tasks"].items() >= written.items()
        assert any(change.kind == "lost" for change in done.changes.changes)
