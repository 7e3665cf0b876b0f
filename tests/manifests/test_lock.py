"""The lock: what is written is read back, what is no lock is refused with its place, nothing is hidden."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mcpaudit.errors import ConfigurationError
from mcpaudit.installed import installed
from mcpaudit.manifests.lock import read as lock_read
from mcpaudit.manifests.lock.drift import compare
from mcpaudit.manifests.lock.read import from_document, read_lock
from mcpaudit.manifests.lock.shapes import shape, widened
from mcpaudit.manifests.lock.write import dump, sealed, text_digest
from mcpaudit.model.action import ACTIONS
from mcpaudit.model.lock import Lock, LockedServer, LockedTool, LockedTouch, Writer
from mcpaudit.model.manifest import Manifest, Source
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.reader import parse
from mcpaudit.report.schema import lock_schema
from tests.installation import facts_of, npx, request_of, saved, servers

FILES = "@modelcontextprotocol/server-filesystem"
NOTE: dict[str, Any] = {
    "name": "add_note",
    "title": "Add",
    "description": "Adds a note.",
    "inputSchema": {
        "type": "object",
        "properties": {"text": {"type": "string"}, "colour": {"enum": ["red", "blue"]}},
        "required": ["text"],
    },
    "annotations": {"readOnlyHint": False, "title": "Add a note"},
}


def desktop(**entries: Any) -> dict[str, Any]:
    return {"~/.config/Claude/claude_desktop_config.json": servers(**entries)}


def locked(folder: Path, files: Any, manifests: Any = None, *, full: bool = False) -> Lock:
    """The lock of such a site."""
    return installed(request_of(folder, files, manifests), full=full).lock


def reread(raw: bytes) -> Lock:
    document = parse(raw, "mcpaudit.lock", "json")
    assert isinstance(document, Document)
    return from_document(document)


def test_an_entry(tmp_path: Path) -> None:
    lock = locked(tmp_path, desktop(notes=npx("acme-notes@1.2.3", KEY="hunter2")), {"notes": saved(NOTE)})
    (server,) = lock.servers
    (tool,) = server.tools
    assert (server.id, server.installed_as) == ("npm:acme-notes", ("claude-desktop/notes",))
    assert (server.version, server.pinned, server.given_env) == ("1.2.3", True, ("KEY",))
    assert (server.integrity, server.integrity_reason) == (
        None,
        "its configuration names a version and no hash",
    )
    assert (server.manifest.source, server.manifest.complete) == ("supplied", True)
    assert tool.parameters == (("colour", "'blue' | 'red'"), ("text", "string"))
    assert tool.required == ("text",)
    assert tool.annotations[0] == ("readOnlyHint", False)
    assert tool.annotations[1][0] == "title"
    assert str(tool.annotations[1][1]).startswith("sha256:")
    assert tool.actions == ("create",)
    assert tool.description == text_digest("Adds a note.")
    assert (tool.full_title, tool.full_description) == ("", "")
    assert b"hunter2" not in dump(lock)
    assert b"Adds a note." not in dump(lock)


def test_full_texts(tmp_path: Path) -> None:
    short = locked(tmp_path, desktop(notes=npx("acme")), {"notes": saved(NOTE)})
    full = locked(tmp_path, desktop(notes=npx("acme")), {"notes": saved(NOTE)}, full=True)
    assert full.servers[0].tools[0].full_description == "Adds a note."
    assert full.servers[0].digest == short.servers[0].digest
    assert compare(short, full) == compare(full, short) == ()
    assert reread(dump(full)) == full


def test_a_catalogued_server_says_what_is_not_known_of_its_tools(tmp_path: Path) -> None:
    (server,) = locked(tmp_path, desktop(files=npx(f"{FILES}@2026.8.31"))).servers
    assert server.manifest.without == (
        "titles, descriptions and input schemas: the shipped catalog does not hold them"
    )
    assert {(one.title, one.description, one.schema, one.required) for one in server.tools} == {(None,) * 4}
    assert dict(server.tools[0].annotations)["readOnlyHint"] is False


@pytest.mark.parametrize(
    ("entry", "id", "reason"),
    [
        (npx("acme"), "npm:acme", "no version is pinned"),
        ({"url": "https://mcp.acme.example/x"}, "url:https://mcp.acme.example/x", "a remote server has none"),
        ({"command": "/srv/own"}, "path:/srv/own", "it is started from this machine's files"),
        (
            {"command": "docker", "args": ["run", "acme/x:1"]},
            "oci:acme/x",
            "its image is not named by its digest",
        ),
    ],
)
def test_a_server_whose_tools_are_not_known_is_there(
    tmp_path: Path, entry: dict[str, Any], id: str, reason: str
) -> None:
    (server,) = locked(tmp_path, desktop(x=entry)).servers
    assert (server.id, server.tools, server.manifest.source) == (id, (), "none")
    assert server.manifest.reason
    assert server.integrity_reason.startswith(reason)


def test_an_image_is_hashed_by_its_digest(tmp_path: Path) -> None:
    image = f"acme/x@sha256:{'a' * 64}"
    (server,) = locked(tmp_path, desktop(x={"command": "docker", "args": ["run", image]})).servers
    assert (server.integrity, server.integrity_reason) == (f"sha256:{'a' * 64}", "")


def test_one_server_under_several_names_is_one_entry_and_in_two_versions_two(tmp_path: Path) -> None:
    files = {
        **desktop(one=npx("acme@1.0.0"), two=npx("acme@1.0.0", KEY="x")),
        ".cursor/mcp.json": servers(one=npx("acme@2.0.0")),
    }
    first, second = locked(tmp_path, files).servers
    assert (first.installed_as, first.given_env) == (("claude-desktop/one", "claude-desktop/two"), ("KEY",))
    assert (second.version, second.installed_as) == ("2.0.0", ("cursor/one",))


def test_the_order_of_keys_and_tools_is_no_drift(tmp_path: Path) -> None:
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return value

    other = {"name": "list_notes", "inputSchema": {"properties": {"n": {"minimum": 1.0}}}}
    same = {"inputSchema": {"properties": {"n": {"minimum": 1}}}, "name": "list_notes"}
    entries = {"a": npx("a"), "b": npx("b")}
    one = locked(tmp_path / "1", desktop(**entries), {"a": saved(NOTE, other)})
    two = locked(tmp_path / "2", desktop(**turned(entries)), {"a": saved(same, turned(NOTE))})
    assert dump(one) == dump(two)


# Locks of any content, as a hostile server or a hostile commit could bring them about.
TEXT = st.text(max_size=12)
HASH = st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:{}".format)
NAMES = st.lists(TEXT, max_size=3, unique=True).map(tuple)
TOUCH = st.builds(
    LockedTouch,
    on=st.sampled_from(["local:file", "unknown:", "google:calendar"]),
    do=st.sets(st.sampled_from(ACTIONS), min_size=1).map(
        lambda found: tuple(a for a in ACTIONS if a in found)
    ),
)


def with_actions(tool: LockedTool) -> LockedTool:
    done = {action for touch in tool.touches for action in touch.do}
    return replace(tool, actions=tuple(action for action in ACTIONS if action in done))  # type: ignore[misc]


def pairs(values: Any) -> Any:
    return st.dictionaries(TEXT, values, max_size=3).map(lambda found: tuple(found.items()))


TOOL = st.builds(
    LockedTool,
    name=TEXT,
    actions=st.just(()),
    touches=st.lists(TOUCH, max_size=2).map(tuple),
    annotations=pairs(st.booleans() | TEXT),
    parameters=pairs(st.none() | TEXT),
    required=st.none() | NAMES,
    title=st.none() | HASH | st.just(""),
    description=st.none() | HASH | st.just(""),
    schema=st.none() | HASH,
    full_title=st.just(""),
    full_description=st.just(""),
).map(with_actions)
SERVER = st.builds(
    LockedServer,
    id=st.sampled_from(["npm:a", "npm:b", "url:https://x"]),
    installed_as=st.sets(st.sampled_from(["c/a", "c/b", "d/a"]), min_size=1).map(lambda s: tuple(sorted(s))),
    integrity=st.none() | HASH,
    tools=st.lists(TOOL, max_size=3).map(tuple),
    given_env=NAMES,
    given_headers=NAMES,
    needs_env=NAMES,
    needs_scopes=NAMES,
    digest=st.just(""),
).map(sealed)
LOCK = st.builds(
    Lock,
    format=st.just(1),
    tool=st.builds(Writer, TEXT, TEXT),
    servers=st.lists(SERVER, max_size=3).map(tuple),
)


@given(LOCK)
def test_what_is_written_is_read_back(lock: Lock) -> None:
    assert reread(dump(lock)) == lock


@given(LOCK)
def test_every_lock_fits_the_published_schema(lock: Lock) -> None:
    Draft202012Validator(lock_schema()).validate(json.loads(dump(lock)))


@given(SERVER, SERVER)
def test_nothing_changes_without_a_word(one: LockedServer, two: LockedServer) -> None:
    def plain(server: LockedServer) -> LockedServer:
        # Reasons are words about the same; the order of equals is the writer's.
        manifest = replace(server.manifest, reason="", without="")
        return replace(server, manifest=manifest, integrity_reason="", digest="")

    writer = Writer("mcpaudit", "1")
    before, after = Lock(1, writer, "machine", (one,)), Lock(1, writer, "machine", (two,))
    assert compare(before, before) == ()
    rows = compare(before, after)
    if plain(one) == plain(two):
        assert rows == ()
    elif [sorted(t.name for t in s.tools) for s in (one, two)] == [[], []] or one.id != two.id:
        assert rows


def test_any_single_change_of_an_entry_is_told(tmp_path: Path) -> None:
    lock = locked(tmp_path, desktop(notes=npx("acme@1.0.0")), {"notes": saved(NOTE)})
    data = json.loads(dump(lock))
    silent = {"reason", "without", "integrity_reason", "digest"}
    for path in [*leaves(data["servers"][0])]:
        changed = json.loads(dump(lock))
        alter(changed["servers"][0], path)
        if path[-1] in silent or path[:1] == ["id"] or "actions" in path or "full" in str(path[-1]):
            continue
        try:
            other = unsealed(changed)
        except ConfigurationError:
            continue
        assert compare(lock, other), path


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """Every route to a plain value."""
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if inner is None:
        yield [*path]
    for key, held in inner or ():
        yield from leaves(held, (*path, key))


def alter(data: Any, path: list[Any]) -> None:
    for step in path[:-1]:
        data = data[step]
    held = data[path[-1]]
    if isinstance(held, bool):
        data[path[-1]] = not held
    elif isinstance(held, str) and held.startswith("sha256:"):
        data[path[-1]] = f"sha256:{'0' * 64}"
    elif path[-1] == "source":
        data[path[-1]] = "docker"
    elif path[-1] == "certainty":
        data[path[-1]] = "unknown"
    else:
        data[path[-1]] = "changed"


def unsealed(data: Any) -> Lock:
    """A lock that somebody has edited, and sealed again."""
    lock = lock_read._Reader(parsed(data)).row(data, Lock, ())
    if lock is None:
        raise ConfigurationError([])
    return replace(lock, servers=tuple(map(sealed, lock.servers)))


def parsed(data: Any) -> Document:
    document = parse(json.dumps(data).encode(), "mcpaudit.lock", "json")
    assert isinstance(document, Document)
    return document


# Reading it back: a source of manifests that may add and never takes away.
def lock_text(folder: Path, entry: Any, *tools: Any, change: Any = None) -> str:
    """The lock of an installation `x`, made from a saved list and perhaps edited (and sealed again)."""
    lock = locked(folder / "before", desktop(x=entry), {"x": saved(*tools)})
    if change is not None:
        lock = replace(lock, servers=tuple(sealed(change(one)) for one in lock.servers))
    return dump(lock).decode()


def manifest(folder: Path, entry: Any, lock: str, manifests: Any = None, **more: Any) -> Manifest:
    facts = facts_of(folder / "now", {**desktop(x=entry), "mcpaudit.lock": lock, **more}, manifests)
    return facts.access.manifests["claude-desktop/x"]


@pytest.mark.parametrize(
    ("was", "now", "certainty", "reason"),
    [
        ("acme@1.0.0", "acme@1.0.0", "certain", "mcpaudit.lock, which has version 1.0.0 of it"),
        (
            *("acme@1.0.0", "acme@2.0.0", "possible"),
            "mcpaudit.lock, which has version 1.0.0 of it; version 2.0.0 runs here",
        ),
        (
            *("acme@1.0.0", "acme", "possible"),
            "mcpaudit.lock, which has version 1.0.0 of it; which version runs here is not pinned",
        ),
        (
            *("acme", "acme", "possible"),
            "mcpaudit.lock, which has no version of it; which version runs here is not pinned",
        ),
    ],
)
def test_it_is_certain_only_of_the_pinned_version(
    tmp_path: Path, was: str, now: str, certainty: str, reason: str
) -> None:
    found = manifest(tmp_path, npx(now), lock_text(tmp_path, npx(was), NOTE))
    assert (found.source, found.certainty, found.reason) == ("lock", certainty, reason)
    assert [tool.name for tool in found.tools] == ["add_note"]
    assert found.tools[0].touches[0].evidence == ("mcpaudit.lock says so",)


def test_what_was_not_certain_does_not_become_it_by_being_locked(tmp_path: Path) -> None:
    lock = locked(tmp_path / "before", desktop(x=npx(f"{FILES}@1.0.0")))
    found = manifest(tmp_path, npx(f"{FILES}@1.0.0"), dump(lock).decode())
    assert (found.source, found.certainty) == ("lock", "possible")
    assert found.reason.endswith("its tools were not certain when it was locked")


def test_a_saved_list_is_better_and_a_catalog_is_not(tmp_path: Path) -> None:
    lock = lock_text(tmp_path, npx("acme"), NOTE)
    assert manifest(tmp_path, npx("acme"), lock, {"x": saved("own")}).source == "supplied"
    entry = {"command": "docker", "args": ["run", "mcp/acme"]}
    catalog = {"registry": {"acme": {"image": "mcp/acme", "about": {}, "tools": [{"name": "delete_all"}]}}}
    more = {"~/.docker/mcp/catalogs/x.yaml": json.dumps(catalog)}
    found = manifest(tmp_path / "d", entry, lock_text(tmp_path / "d", entry, NOTE), None, **more)
    assert (found.source, found.complete) == ("lock", False)
    assert [tool.name for tool in found.tools] == ["add_note", "delete_all"]
    assert found.reason.endswith("it leaves out `delete_all`, known from Docker's catalog")


def test_it_cannot_hide_what_the_catalog_knows(tmp_path: Path) -> None:
    def tame(server: LockedServer) -> LockedServer:
        """As a pull request could edit it: fewer tools, one of them harmless."""
        kept = [one for one in server.tools if one.name in ("write_file", "read_file")]
        harmless = [
            replace(one, actions=("read",), touches=(LockedTouch("local:file", ("read",), "certain"),))
            for one in kept
        ]
        return replace(server, tools=tuple(harmless), installed_as=("claude-desktop/x",))

    entry = npx(f"{FILES}@2026.8.31")
    whole = locked(tmp_path / "before", desktop(x=entry))
    lock = replace(whole, servers=tuple(sealed(tame(one)) for one in whole.servers))
    found = manifest(tmp_path, entry, dump(lock).decode())
    tools = {tool.name: tool for tool in found.tools}
    assert set(tools) >= {"write_file", "edit_file", "move_file"}
    assert "write" in tools["write_file"].actions
    (extra,) = [one for one in tools["write_file"].touches if "write" in one.actions]
    assert extra.evidence[-1] == "known from the shipped catalog, and left out of mcpaudit.lock"
    assert not found.complete
    plain = facts_of(tmp_path / "plain", desktop(x=entry)).access.manifests["claude-desktop/x"]
    for tool in plain.tools:
        assert tools[tool.name].actions >= tool.actions
        assert tools[tool.name].hints == tool.hints


def test_claims_are_joined_to_what_lets_more_run(tmp_path: Path) -> None:
    def silent(server: LockedServer) -> LockedServer:
        return replace(server, tools=tuple(replace(one, annotations=()) for one in server.tools))

    entry = npx(f"{FILES}@2026.8.31")
    whole = locked(tmp_path / "before", desktop(x=entry))
    lock = replace(whole, servers=tuple(sealed(silent(one)) for one in whole.servers))
    found = manifest(tmp_path, entry, dump(lock).decode())
    assert next(one for one in found.tools if one.name == "read_text_file").hints.read_only is True


def test_an_entry_without_tools_hides_nothing_either(tmp_path: Path) -> None:
    entry = npx(f"{FILES}@2026.8.31")
    lock = lock_text(tmp_path, entry, "x", change=lambda one: replace(one, tools=()))
    assert manifest(tmp_path, entry, lock).source == "catalog"


def test_two_tools_of_one_name_are_both_counted(tmp_path: Path) -> None:
    two = ({"name": "run", "description": "Deletes a file."}, {"name": "run", "description": "Sends a mail."})
    found = manifest(tmp_path, npx("acme"), lock_text(tmp_path, npx("acme"), *two))
    assert found.tools[0].actions >= {"delete", "send"}


def test_the_lock_is_an_input_of_the_report(tmp_path: Path) -> None:
    lock = lock_text(tmp_path, npx("acme"), NOTE)
    facts = facts_of(tmp_path / "now", {**desktop(x=npx("acme")), "mcpaudit.lock": lock})
    assert facts.collected.roles["mcpaudit.lock"] == "lock"


# What is no lock.
def broken(folder: Path, content: Any) -> str:
    """The message for such a file."""
    (folder / "mcpaudit.lock").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationError) as caught:
        read_lock(folder / "mcpaudit.lock")
    return str(caught.value)


GOOD = '{"format": 1, "tool": {"name": "mcpaudit", "version": "1"}, "scope": "machine", "servers": []}'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "mcpaudit.lock: the file is empty"),
        (b"\x00", "mcpaudit.lock: binary data"),
        (b'{"a": "\xff"}', "mcpaudit.lock:1:8: not UTF-8 text"),
        ("[" * 100, "mcpaudit.lock:1:65: nested deeper than 64 levels"),
        ("[]", "mcpaudit.lock:1:1: this is no lock of mcpaudit: it has no `format`"),
        ("{}", "mcpaudit.lock:1:1: this is no lock of mcpaudit: it has no `format`"),
        ('{"format": "1"}', "mcpaudit.lock:1:12: format should be a whole number"),
        ('{"format": true}', "mcpaudit.lock:1:12: format should be a whole number"),
        (GOOD.replace(": 1,", ": 7,"), "format 7 cannot be read by this version"),
        (GOOD.replace(": 1,", ": -1,"), "format -1 cannot be read by this version"),
        (GOOD.replace('"scope"', '"scop"'), 'mcpaudit.lock:1:61: "scop" is no key of the lock'),
        (GOOD.replace('"scope"', '"scop"'), "did you mean `scope`?"),
        (GOOD.replace('"machine"', '"machin"'), "did you mean `machine`?"),
        (GOOD.replace('"machine"', "[]"), "mcpaudit.lock:1:70: scope cannot be []"),
        (GOOD.replace(', "servers": []', ""), "mcpaudit.lock:1:1: the lock needs the key `servers`"),
        (GOOD.replace("[]", "{}"), "mcpaudit.lock:1:92: servers should be a list"),
        (GOOD.replace("[]", "[5]"), "mcpaudit.lock:1:93: servers.0 should be an object"),
        (GOOD.replace("{", "{ // x\n", 1), "a comment, which plain JSON has not"),
        (GOOD.replace("[]", "[],"), "a trailing comma, which plain JSON has not"),
        (GOOD.replace("{", '{"format": 1, ', 1), "a duplicate key, which plain JSON has not"),
        (f"<<<<<<< HEAD\n{GOOD}\n=======\n{GOOD}\n>>>>>>> x\n", "it holds the marks of a merge conflict"),
    ],
)
def test_what_is_no_lock(tmp_path: Path, content: Any, message: str) -> None:
    assert message in broken(tmp_path, content)


def test_a_link_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"password": "hunter2"}')
    (tmp_path / "mcpaudit.lock").symlink_to("secret.json")
    with pytest.raises(ConfigurationError, match="a link, and a lock has to be a file of its own"):
        read_lock(tmp_path / "mcpaudit.lock")
    assert read_lock(tmp_path / "other.lock") is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"pinned": false', '"pinned": "no"', "servers.0.pinned should be true or false"),
        ('"pinned": false', '"pined": false', "did you mean `pinned`?"),
        (
            '"version": "", "pinned"',
            '"version": "9", "pinned"',
            'the digest of "npm:acme" is not that of its entry',
        ),
        (
            '"actions": ["create"]',
            '"actions": []',
            'the actions of "add_note" are not those of its `touches`',
        ),
        ('"do": ["create"]', '"do": ["craete"]', "did you mean `create`?"),
        ('"text": "string"', '"text": 5', "parameters.text should be a text or null"),
        ('"required": ["text"]', '"required": 5', "required should be a list or null"),
        ('"source": "supplied"', '"source": "me"', 'manifest.source cannot be "me"'),
    ],
)
def test_an_edited_entry(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = lock_text(tmp_path, npx("acme"), NOTE)
    assert old in text
    found = broken(tmp_path, text.replace(old, new, 1))
    assert message in found
    assert found.startswith("mcpaudit.lock:")


def test_a_full_text_that_is_not_the_digested_one(tmp_path: Path) -> None:
    lock = locked(tmp_path / "a", desktop(x=npx("acme")), {"x": saved(NOTE)}, full=True)
    text = dump(lock).decode().replace("Adds a note.", "Adds harmless notes.")
    assert "`full_description` is not the text whose digest stands here" in broken(tmp_path, text)


def test_hostile_names_cannot_break_a_message(tmp_path: Path) -> None:
    found = broken(tmp_path, GOOD.replace('"scope"', '"x\\n\\u001b[2J\\u202e"'))
    assert "\x1b" not in found
    assert "\u202e" not in found


def test_an_older_format_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def upgrade(tree: lock_read.Tree) -> lock_read.Tree:
        renamed = {("tool" if key == "by" else key): value for key, value in tree.items()}
        return {**renamed, "format": 1, "scope": "machine"}

    monkeypatch.setitem(lock_read.UPGRADES, 0, upgrade)
    text = lock_text(tmp_path, npx("acme"), NOTE)
    older = (
        text.replace('"format": 1', '"format": 0')
        .replace('"tool"', '"by"')
        .replace('  "scope": "machine",\n', "")
    )
    (tmp_path / "mcpaudit.lock").write_text(older)
    found = read_lock(tmp_path / "mcpaudit.lock")
    assert found is not None
    assert dump(found[0]).decode() == text
    # A mistake in an older file is shown where it stands there.
    assert "mcpaudit.lock:8:18: " in broken(tmp_path, older.replace('"version": ""', '"version": 5', 1))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_lock_or_a_message(tmp_path_factory: Any, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.lock"
    path.write_bytes(raw)
    with pytest.raises(ConfigurationError):
        read_lock(path)


@settings(deadline=None)
@given(st.data())
def test_any_damaged_lock_is_a_lock_or_a_message(tmp_path_factory: Any, data: Any) -> None:
    text = (
        '{"format": 1, "tool": {"name": "m", "version": "1"}, "scope": "machine", "servers": [{"id": "a"}]}'
    )
    at = data.draw(st.integers(0, len(text) - 1))
    put = data.draw(st.sampled_from(['"', "{", "}", "[", "1", "null", "\\", ",", "\x1b", ""]))
    path = tmp_path_factory.getbasetemp() / "damaged.lock"
    path.write_text(text[:at] + put + text[at + 1 :])
    with pytest.raises(ConfigurationError):
        read_lock(path)


# Shapes of arguments.
@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["string", "null"]}, "null | string"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer | null"),
        ({"enum": ["b", "a", 1, None]}, "'a' | 'b' | 1 | null"),
        ({"const": "x"}, "'x'"),
        ({"enum": list(range(40))}, "one of 40 values"),
        ({"enum": ["x" * 99]}, "one of 1 values"),
        ({"$ref": "#/$defs/a"}, "boolean"),
        ({"$ref": "#/$defs/loop"}, "any"),
        ({"$ref": "https://x"}, "any"),
        ({}, "any"),
        (True, "any"),
        ({"type": 5}, "any"),
        ({"enum": 5}, "any"),
    ],
)
def test_shapes(schema: Any, expected: str) -> None:
    root: Any = {"$defs": {"a": {"type": "boolean"}, "loop": {"$ref": "#/$defs/loop"}}}
    assert shape(schema, root) == expected


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        ("string", "any", True),
        ("'a' | 'b'", "string", True),
        ("'a'", "'a' | 'b'", True),
        ("integer", "number", True),
        ("string", "null | string", True),
        ("string", "integer", False),
        ("string", "'a'", False),
        ("string", "string", False),
    ],
)
def test_wider(before: str, after: str, wider: bool) -> None:
    assert widened(before, after) is wider


def test_every_source_has_a_name_in_sentences() -> None:
    from typing import get_args

    from mcpaudit.manifests.lock.drift_server import _FROM

    assert set(_FROM) == set(get_args(Source))
