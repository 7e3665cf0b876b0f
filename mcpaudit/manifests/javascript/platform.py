"""What the platform's own functions give: those of lists, objects and strings."""

from typing import TYPE_CHECKING

from mcpaudit.manifests.javascript.calls import apply, own
from mcpaudit.manifests.javascript.classes import bind_parameters
from mcpaudit.manifests.javascript.modules import exported_names
from mcpaudit.manifests.javascript.paths import of_files
from mcpaudit.manifests.javascript.strings import of_text
from mcpaudit.manifests.javascript.values import (
    ARGUMENTS,
    FLAGS,
    GUESS,
    MAYBE,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Bound,
    Cls,
    Ext,
    Func,
    Item,
    Ns,
    Obj,
    together,
    truth,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

MAX_TESTED, MAX_REDUCED = 50, 500
_COMMAND_LINES = frozenset({"minimist", "yargs-parser", "mri", "getopts"})
"""Packages whose one function reads the command line: nothing is set where the entry does not set it."""
_SAME = frozenset(
    [
        "Object.freeze",
        "Object.seal",
        "Promise.resolve",
        "structuredClone",
        "Object.create",
        "Array.from",
        "Promise.all",
        "Set",
        "Map",
        "Array.of",
        "Promise.allSettled",
    ]
)
"""What gives back what it is given, as far as the content goes."""


def method(engine: "Engine", bound: Bound, values: list[object]) -> object:
    """What a method of a list, an object, a string or a function gives."""
    of, name = bound.of, bound.name
    if name == "gives":
        return of
    first = values[0] if values else UNDEFINED
    if isinstance(of, Func):
        if name == "bind":
            return of
        return own(engine, of, values[1:]) if name == "call" else UNKNOWN
    if isinstance(of, str):
        return of_text(name, of, [engine.force(value) for value in values])
    if isinstance(of, Obj):
        return _object(engine, of, name, values)
    if not isinstance(of, Arr):
        return UNKNOWN
    if name in ("map", "flatMap"):
        return _mapped(engine, of, engine.force(first), flat=name == "flatMap")
    if name == "reduce" and len(values) > 1:
        return _reduced(engine, of, engine.force(first), engine.force(values[1]))
    if name == "filter":
        return _filtered(engine, of, engine.force(first))
    if name in ("slice", "sort", "reverse", "values", "toSorted", "toReversed"):
        return of if name != "slice" or not values else _slice(engine, of, values)
    if name == "concat":
        items, is_open = list(of.items), of.open
        for value in values:
            other = engine.force(value)
            items += other.items if isinstance(other, Arr) else [Item(other)]
            is_open |= other is UNKNOWN or (isinstance(other, Arr) and other.open)
        return Arr(items, is_open)
    if name == "flat":
        return _flat(engine, of)
    if name == "entries":
        return Arr(
            [Item(Arr([Item(index), item]), item.switch) for index, item in enumerate(of.items)], of.open
        )
    if name in ("includes", "has"):
        return _includes(engine, of, engine.force(first))
    if name == "join":
        parts = [engine.force(item.value) for item in of.items]
        glue = engine.force(first) if values else ","
        if isinstance(glue, str) and not of.open and all(isinstance(part, (str, int)) for part in parts):
            return together([str(part) for part in parts], glue)
    if name in ("find", "some", "every"):
        test = engine.force(first)
        sought = _sought(engine, test) if isinstance(test, Func) and name != "every" else None
        if sought is not None:
            field, wanted = sought
            for item in of.items:
                if engine.member(item.value, field) == wanted:
                    return engine.force(item.value) if name == "find" else True
            return UNKNOWN if of.open else UNDEFINED if name == "find" else False
        if name != "find":
            return _tested(engine, of, test, name)
        for item in of.items if len(of.items) <= MAX_TESTED else ():
            if isinstance(test, Func) and truth(apply(engine, test, [item.value])) is True:
                return engine.force(item.value)
    if name == "at" or name == "pop":
        return engine.force(of.items[-1].value) if of.items else UNKNOWN
    return UNKNOWN


def _tested(engine: "Engine", of: Arr, test: object, name: str) -> object:
    """`some` and `every`."""
    decisive = name == "some"
    if not isinstance(test, Func) or len(of.items) > MAX_TESTED:
        return UNKNOWN
    told = [truth(apply(engine, test, [item.value])) for item in of.items]
    if decisive in told:
        return decisive
    return UNKNOWN if of.open or None in told else not decisive


def _includes(engine: "Engine", of: Arr, wanted: object) -> object:
    if of.plain is None:
        have = [engine.force(item.value) for item in of.items]
        if of.open or not all(isinstance(one, (str, int)) for one in have):
            return UNKNOWN
        of.plain = frozenset(have)
    return wanted in of.plain if isinstance(wanted, (str, int)) else UNKNOWN


def _sought(engine: "Engine", test: Func) -> tuple[str, str] | None:
    """The field and the value of `(one) => one.field === value`, which large tables are searched by."""
    body, source = test.node.child_by_field_name("body"), test.source
    names = list(engine.table(source, test.node))
    if body is None or body.type != "binary_expression" or len(names) != 1:
        return None
    left, right = body.child_by_field_name("left"), body.child_by_field_name("right")
    operator = body.child_by_field_name("operator")
    if left is None or right is None or operator is None or source.text(operator) not in ("==", "==="):
        return None
    for one, other in ((left, right), (right, left)):
        holder, prop = one.child_by_field_name("object"), one.child_by_field_name("property")
        if holder is not None and prop is not None and source.text(holder) == names[0]:
            wanted = engine.eval(source, other, test.env)
            return (source.text(prop), wanted) if isinstance(wanted, str) else None
    return None


def _mapped(engine: "Engine", of: Arr, function: object, flat: bool) -> object:
    if isinstance(function, Ext):
        return Arr(list(of.items), of.open)
    if not isinstance(function, Func):
        return Arr([], True)
    items: list[Item] = []
    is_open = of.open
    for index, item in enumerate(of.items):
        value = apply(engine, function, [item.value, index])
        if flat and isinstance(value, Arr):
            items += [Item(one.value, one.switch or item.switch) for one in value.items]
            is_open |= value.open
        elif value is UNKNOWN:
            is_open = True
        else:
            items.append(Item(value, item.switch))
    return Arr(items, is_open)


def _reduced(engine: "Engine", of: Arr, function: object, made: object) -> object:
    """What `reduce` gives: what the function returns, or what it puts into the value that it is handed."""
    if not isinstance(function, Func) or len(of.items) > MAX_REDUCED or of.open:
        return UNKNOWN
    names = [name for name, one in engine.table(function.source, function.node).items() if len(one.path) == 1]
    for index, item in enumerate(of.items):
        before = made
        made = apply(engine, function, [before, item.value, index])
        if made is before and isinstance(made, (Arr, Obj)) and names:
            env = bind_parameters(
                engine, function.source, function.node, [before, item.value, index], function.env
            )
            made = engine.grown(function.source, function.node, names[0], made, env)
        if made is UNKNOWN:
            return UNKNOWN
    return made


def _filtered(engine: "Engine", of: Arr, function: object) -> object:
    if function == Ext("Boolean"):
        return Arr([item for item in of.items if truth(engine.force(item.value)) is not False], of.open)
    if not isinstance(function, Func) or len(of.items) > 2000:
        return of
    items: list[Item] = []
    for item in of.items:
        with engine.traced() as names:
            told = truth(apply(engine, function, [item.value]))
        switch = ", ".join(name for name in names if not name.startswith(GUESS))
        if (told is None or (told and GUESS in names)) and not item.switch:
            items.append(Item(item.value, MAYBE + engine.written(function.source, function.node)))
        elif told is not False:
            items.append(item)
        elif switch:
            items.append(Item(item.value, item.switch or switch))
    return Arr(items, of.open)


def _flat(engine: "Engine", of: Arr) -> Arr:
    items: list[Item] = []
    is_open = of.open
    for item in of.items:
        value = engine.force(item.value)
        if isinstance(value, Arr):
            items += [Item(one.value, one.switch or item.switch) for one in value.items]
            is_open |= value.open
        else:
            items.append(item)
    return Arr(items, is_open)


def _slice(engine: "Engine", of: Arr, values: list[object]) -> Arr:
    numbers = [engine.force(value) for value in values[:2]]
    if all(isinstance(one, int) for one in numbers):
        return Arr(of.items[slice(*(int(str(one)) for one in (*numbers, len(of.items))[:2]))], of.open)
    return of


def _object(engine: "Engine", of: Obj, name: str, values: list[object]) -> object:
    if name == "values":
        return Arr([Item(one, of.switches.get(key, "")) for key, one in of.props.items()], of.open)
    if name == "keys":
        return Arr([Item(key, of.switches.get(key, "")) for key in of.props], of.open)
    if name == "entries":
        return entries(of)
    if name == "get" and values:
        key = engine.force(values[0])
        return engine.member(of, key) if isinstance(key, str) else UNKNOWN
    if name == "has" and values and not of.open:
        key = engine.force(values[0])
        return key in of.props if isinstance(key, str) else UNKNOWN
    return UNKNOWN


def entries(of: Obj) -> Arr:
    made = [Item(Arr([Item(key), Item(one)]), of.switches.get(key, "")) for key, one in of.props.items()]
    return Arr(made, of.open)


def as_object(engine: "Engine", value: object) -> object:
    if isinstance(value, Ns):
        names = exported_names(engine, value.source)
        return Obj({name: engine.member(value, name) for name in names if name != "__esModule"})
    return value


def foreign(engine: "Engine", path: str, values: list[object]) -> object:
    """A call of something outside the project; only what hands its arguments on tells anything."""
    if path.removesuffix(".default") in _COMMAND_LINES:
        return FLAGS
    if path == "util.parseArgs":
        return Obj({"values": FLAGS, "positionals": Arr(open=True)})
    tail = ".".join(path.split(".")[-2:])
    last = path.rsplit(".", 1)[-1]
    first = as_object(engine, engine.force(values[0])) if values else UNDEFINED
    if tail in _SAME or last in _SAME:
        if last in ("Map", "Set"):
            return _collection(engine, first, values, last)
        if last == "from" and len(values) > 1 and isinstance(first, Arr):
            return _mapped(engine, first, engine.force(values[1]), flat=False)
        return entries(first) if last == "from" and isinstance(first, Obj) else first
    if tail in ("Object.values", "Object.keys", "Object.entries"):
        if isinstance(first, Arr) and last == "values":
            return first
        return _object(engine, first, last, []) if isinstance(first, Obj) else Arr([], True)
    if tail in ("Object.assign", "Object.fromEntries"):
        return _assembled(engine, [engine.force(value) for value in values], last)
    if tail == "String" and isinstance(first, str):
        return first
    if last == "Boolean":
        told = truth(first)
        return UNKNOWN if told is None else told
    if (found := of_files(engine, last, [engine.force(value) for value in values[:8]])) is not None:
        return found
    if tail in ("JSON.parse", "JSON.stringify"):
        return first if isinstance(first, (Obj, Arr)) else UNKNOWN
    if path.startswith(ARGUMENTS.path):
        return _arguments(engine, last, first)
    for value in values[:3]:
        handed = engine.force(value)
        if isinstance(handed, Obj) and {"name", "id", "description", "inputSchema"} & set(handed.props):
            return handed  # `defineTool({...})` of a framework
    return UNKNOWN


def _arguments(engine: "Engine", name: str, first: object) -> object:
    """What a method of the command line's list gives where nothing is given."""
    if name in ("slice", "map", "filter", "flatMap"):
        return ARGUMENTS
    if name in ("includes", "some", "find", "indexOf", "findIndex"):
        engine.trace.append(first if isinstance(first, str) else ARGUMENTS.path)
        return False if name in ("includes", "some") else UNDEFINED if name == "find" else -1
    return UNKNOWN


def _collection(engine: "Engine", first: object, values: list[object], kind: str) -> object:
    if not values or first is UNDEFINED:
        return Obj() if kind == "Map" else Arr()
    if kind == "Set" or not isinstance(first, Arr):
        return first
    return _assembled(engine, [first], "fromEntries")


def _assembled(engine: "Engine", values: list[object], name: str) -> object:
    made = Obj()
    for value in values:
        value = as_object(engine, value)
        if name == "fromEntries" and isinstance(value, Arr):
            made.open |= value.open
            for item in value.items:
                pair = engine.force(item.value)
                key = engine.force(pair.items[0].value) if isinstance(pair, Arr) and pair.items else UNKNOWN
                if isinstance(key, str) and isinstance(pair, Arr) and len(pair.items) > 1:
                    made.props[key] = pair.items[1].value
                    if item.switch:
                        made.switches[key] = item.switch
                else:
                    made.open = True
        elif isinstance(value, Obj):
            made.props.update(value.props)
            made.open |= value.open
        elif isinstance(value, (Func, Cls)):
            return value
        elif value is UNKNOWN:
            made.open = True
    return made
