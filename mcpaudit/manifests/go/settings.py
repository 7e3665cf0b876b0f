"""Variables of the environment and flags: they are at their defaults, and whatever hangs on them says so."""

import re
from collections.abc import Sequence

from tree_sitter import Node

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.core import Core
from mcpaudit.manifests.go.values import UNKNOWN, Env, Outside, Struct

# Variables without which a server of their kind does nothing: whether they are set is not taken as a switch.
ASKED = re.compile(
    r"(?:^|_)(?:KEYS?|APIKEY|TOKENS?|SECRET|PASSWORD|PASSWD|PASS|PAT|CREDENTIALS?|AUTH|COOKIE|DSN|URL|URI|HOST"
    r"|HOSTNAME|ENDPOINT|SERVER|ADDRESS|ADDR|DOMAIN|ACCOUNT|USER|USERNAME|EMAIL|WEBHOOK|CONNECTION_STRING"
    r"|DATABASE|APP_ID|API_HASH|KUBECONFIG|WORKSPACE)(?:_|$)",
    re.I,
)
_GETS = re.compile(r"Get(?:Bool|String|StringSlice|Int)|UnmarshalKey")
FLAGS = re.compile(r"(?:.*\.)?(Bool|String|StringSlice|Int|Duration|StringArray)(Var)?(P)?")


def variable(ev: Core, args: Sequence[object], pair: bool) -> object:
    """What a variable holds where none is set."""
    name = args[0] if args else None
    if not isinstance(name, str):
        return UNKNOWN
    if ASKED.search(name):
        return UNKNOWN
    ev.asked.append(name)
    return ("", False) if pair else ""


def flag(ev: Core, found: re.Match[str], args: Sequence[object], node: Node, env: Env) -> object:
    """`flag.Bool("name", false, "use")`, `fs.StringVar(&kept, "name", ...)`, `fs.BoolVarP(...)`."""
    at = 1 if found[2] else 0
    given = args[at + (2 if found[3] else 1)] if len(args) > at + 1 + bool(found[3]) else UNKNOWN
    name = args[at] if len(args) > at else ""
    if isinstance(name, str):
        ev.flags.append(f"--{name}")
        ev.defaults.setdefault(_key(name), given)
    if not isinstance(name, str) or not isinstance(given, str | bool | int | list):
        return UNKNOWN
    if not found[2]:
        ev.asked.append(f"--{name}")
        return given
    target = syntax.called(node)[1][0]
    place = syntax.field(target, "operand") if target.type == "unary_expression" else None
    if place is not None and place.type == "selector_expression":
        base = ev.value(syntax.field(place, "operand"), env)
        field = syntax.text(syntax.field(place, "field"))
        if isinstance(base, Struct):
            base.fields[field], base.notes[field] = given, (f"--{name}",)
    elif place is not None and place.type == "identifier":
        kept = syntax.text(place)
        if (holder := env.holder(kept)) is not None:
            holder.names[kept], holder.notes[kept] = given, (f"--{name}",)
        else:
            ev.globals[env.file.package.path, kept] = given
    return None


def configured(ev: Core, callee: Outside, args: Sequence[object]) -> object:
    """Settings that are asked for by their keys: https://pkg.go.dev/github.com/spf13/viper"""
    key = args[0] if args else None
    if not isinstance(key, str):
        return UNKNOWN
    other = args[1] if len(args) > 1 else UNKNOWN
    if callee.last == "SetDefault":
        ev.defaults[_key(key)] = other
    elif callee.last == "BindPFlag" and isinstance(other, Outside) and other.args:
        name = other.args[0]
        ev.defaults.setdefault(_key(key), ev.defaults.get(_key(str(name)), UNKNOWN))
    elif _GETS.fullmatch(callee.last) and not ASKED.search(key):
        given = ev.defaults.get(_key(key), UNKNOWN)
        ev.asked.extend([f"--{key.replace('_', '-')}"] if given is not UNKNOWN else [])
        return given
    return UNKNOWN


def _key(name: str) -> str:
    return name.lower().replace("-", "_")
