"""What holds after a branch that may not be taken; what a function gives back that has many returns."""

from tree_sitter import Node

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.values import UNKNOWN, Env, OpenList, Outside, Struct, zero

_STOPS = frozenset(["os.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln", "panic"])
LEAVES = ("return_statement", "continue_statement", "break_statement")


def in_sight(env: Env) -> list[tuple[Env, dict[str, object]]]:
    """The variables in sight, to be put back or compared with."""
    found: list[tuple[Env, dict[str, object]]] = []
    one: Env | None = env
    while one is not None and len(found) < 12:
        found.append((one, dict(one.names)))
        one = one.outer
    return found


def restore(env: Env, before: list[tuple[Env, dict[str, object]]]) -> None:
    """As it was before a branch that is not taken."""
    for one, names in before:
        one.names = dict(names)


def merge(env: Env, before: list[tuple[Env, dict[str, object]]]) -> None:
    """After a branch that may not be taken: what both ways agree on, of two lists the longer."""
    for one, names in before:
        for name, old in names.items():
            new = one.names.get(name, old)
            if new is not old:
                one.names[name] = either(old, new)


def either(old: object, new: object) -> object:
    """One value for two that a variable may have."""
    if isinstance(old, list) and isinstance(new, list):
        longer = new if len(new) >= len(old) else old
        known = not isinstance(old, OpenList) and not isinstance(new, OpenList)
        return longer if known else OpenList(longer)
    if old is None or old is UNKNOWN:
        return new
    if new is None or new is UNKNOWN or isinstance(old, Struct | Outside):
        return old
    return old if old == new or zero(new) else new if zero(old) and isinstance(new, str) else UNKNOWN


def joined(values: list[object]) -> object:
    """One value for all that a function may return."""
    if not values:
        return None
    if any(isinstance(one, tuple) for one in values):
        rows = [one for one in values if isinstance(one, tuple) and one]
        # Of what comes with an error and what comes without, the latter counts.
        rows = [row for row in rows if row[-1] is None] or rows
        width = min(len(row) for row in rows)
        return tuple(joined([row[at] for row in rows]) for at in range(width))
    lists = [one for one in values if isinstance(one, list)]
    if lists:
        longest = max(lists, key=len)
        known = all(one is longest or one == longest or not one for one in lists) and UNKNOWN not in values
        return longest if known and not any(isinstance(one, OpenList) for one in lists) else OpenList(longest)
    solid = [one for one in values if one is not None and one is not UNKNOWN]
    if any(isinstance(one, bool) for one in values):
        return values[0] if all(one is values[0] for one in values) else UNKNOWN
    plain = [one for one in solid if isinstance(one, str) and one]
    if plain and len(solid) == len([one for one in solid if isinstance(one, str)]):
        return plain[0] if len(set(plain)) == 1 else UNKNOWN
    return solid[0] if solid else values[0]


def fails(node: Node | None) -> bool:
    """Whether a block ends the program, or its function with an error."""
    rows: list[Node] = []
    for one in syntax.listed(node):
        rows.extend(syntax.listed(one) if one.type == "statement_list" else [one])
    if not rows:
        return False
    last = rows[-1]
    if last.type == "return_statement":
        said = syntax.text(last)
        return "err" in said.lower()
    said = syntax.text(last)[:60]
    return any(said.startswith(stop) for stop in _STOPS) or ".Fatal" in said


def leaves(node: Node) -> bool:
    """Whether a block ends with leaving what is around it."""
    rows: list[Node] = []
    for one in syntax.listed(node):
        rows.extend(syntax.listed(one) if one.type == "statement_list" else [one])
    return bool(rows) and rows[-1].type in LEAVES
