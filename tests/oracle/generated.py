"""Random configuration trees, the same ones each time: combinations that nobody thinks of by hand.

`generated.yaml` has what they are made of. Every row there is taken by its chance; rows of one file are
merged. In a row `$WORD` stands for some servers whose entries end in that word, `#` for a list of some names,
and `HASH` for what Qwen Code binds an approval to. Other numbers than those of `trees` give further trees, to
look for more differences.
"""

import hashlib
import json
from pathlib import Path
from random import Random
from typing import Any

import yaml

KEPT = 12
NAMES = ("a", "a", "a", "b", "b", "c", "A", "a b", "c.d", "ü", "x/y", "1", "workspace")
SPOILS = ("comment", "comment", "comma", "mark", "twice", "twice", "empty", "cut")
FOLDERS = ("", "", "", "sub", "sub/deep", "../other")
# How often an entry is a bad one, and a file spoiled; less where that stops the client.
SLIPS = {
    "claude-code": 0.15,
    "copilot-cli": 0.15,
    "qwen-code": 0.1,
    "auggie": 0.06,
    "gemini-cli": 0.05,
    "kilo-code": 0.05,
    "codex": 0.03,
    "opencode": 0.03,
}
KINDS = {"codex": "codex", "opencode": "opencode", "kilo-code": "opencode"}


def _hash(word: str) -> str:
    return hashlib.sha256(f'{{"args":["{word}"],"command":"true"}}'.encode()).hexdigest()


_TEXT = (Path(__file__).parent / "generated.yaml").read_text("utf-8")
DATA: dict[str, Any] = yaml.safe_load(
    _TEXT.replace('"SHARED_HASH"', f'"{_hash("shared")}"').replace('"HASH"', f'"{_hash("project")}"')
)


def tree(client: str, number: int) -> dict[str, Any]:
    """One random tree, always the same for the same number."""
    random = Random(f"{client} {number}")
    slip = SLIPS[client]
    contents: dict[str, Any] = {}
    for path, chance, part in DATA["rows"][client]:
        if random.random() < chance:
            contents[path] = _merged(contents.get(path, {}), _filled(random, client, slip, part))
    cwd = random.choice(FOLDERS)
    made: dict[str, Any] = {"name": f"generated {number:02}", "cwd": cwd, "files": {f"{cwd or 'sub'}/x": ""}}
    paths: dict[str, str] = {}
    if client in DATA["moved"] and random.random() < 0.15:
        variable, folder, paths = DATA["moved"][client]
        made["env"] = {variable: f"{{home}}/{folder}"}
    for path, content in contents.items():
        for old, new in paths.items():
            if path.startswith(old) and random.random() < 0.8:
                path = new + path.removeprefix(old)
        made["files"][path] = _text(random, path, content, slip)
    return made


def _filled(random: Random, client: str, slip: float, part: Any) -> Any:
    """A row's content with servers and names put in."""
    if part == "#":
        return [random.choice(NAMES) for _ in range(random.randrange(1, 3))]
    if isinstance(part, dict):
        # Kilo Code's older files have entries as other clients know them.
        kind = "" if "mcpServers" in part else client
        return {key: _filled(random, kind, slip, one) for key, one in part.items()}
    if not (isinstance(part, str) and part.startswith("$")):
        return part
    entries = DATA["entries"][KINDS.get(client, "common")]
    servers = {}
    for _ in range(random.randrange(1, 4)):
        roll, name = random.random(), random.choice(NAMES)
        entry = entries["plain"]
        if roll < slip + 0.3:
            entry = random.choice(entries["bad" if roll < slip else "good"])
        servers[name] = json.loads(json.dumps(entry).replace("@", part[1:]))
    return servers


def _merged(one: Any, other: Any) -> Any:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    return {**one, **{key: _merged(one.get(key), value) for key, value in other.items()}}


def _text(random: Random, path: str, content: Any, slip: float) -> str:
    """The file's text, sometimes with what only some clients accept."""
    toml = path.endswith(".toml")
    text = _toml(content) if toml else json.dumps(content, ensure_ascii=False)
    spoil = random.choice(SPOILS) if random.random() < slip else ""
    twice: Any = {key: {} for key in list(content)[:1]}
    return {
        "comment": text + (" # why\n" if toml else " // why\n"),
        "comma": text if toml else text[:-1] + ",}",
        "mark": "\ufeff" + text,
        "twice": text + text if toml else json.dumps(twice)[:-1] + ", " + text[1:],
        "empty": "",
        "cut": text[:-1] if not toml else text + "[",
    }.get(spoil, text)


def _toml(table: dict[str, Any]) -> str:
    """Two levels of dotted keys, with inline tables below."""
    return "".join(
        f"{key}.{_inline(name)} = {_inline(value)}\n"
        for key, one in table.items()
        for name, value in one.items()
    )


def _inline(value: Any) -> str:
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return "{" + ", ".join(f"{_inline(key)} = {_inline(one)}" for key, one in value.items()) + "}"
