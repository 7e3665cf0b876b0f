"""What calls give: the project's own functions, the platform's for lists and objects, schema builders."""

from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript_classes import bind_parameters, lineage, this_env
from mcpaudit.manifests.javascript_schema import converted, zod_call
from mcpaudit.manifests.javascript_tree import CLASSES, FUNCTIONS, Source, arguments, inside, string, unwrap
from mcpaudit.manifests.javascript_values import (
    FLAGS,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Bound,
    Cls,
    Env,
    Ext,
    Func,
    Inst,
    Item,
    Lazy,
    Ns,
    Obj,
    Shape,
    merged,
    truth,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript_eval import Engine

_SAME = frozenset(
    ["Object.freeze", "Object.seal", "Promise.resolve", "structuredClone", "Object.create", "Array.from", "Promise.all", "__importStar", "__importDefault", "__toESM", "__toCommonJS", "Set", "Map", "Array.of", "Promise.allSettled"]
)
"""What gives back what it is given, as far as the content goes."""
_FLAG_CALLS = frozenset({"opts", "parseSync", "optsWithGlobals"})
_RETURNS = frozenset({"return_statement"})


def call(engine: "Engine", source: Source, node: Node, env: Env) -> object:
    """The value of a call or of `new`."""
    target = node.child_by_field_name("constructor" if node.type == "new_expression" else "function")
    if target is None:
        return UNKNOWN
    target = unwrap(target)
    given = arguments(node)
    if target.type == "import" or (target.type == "identifier" and source.text(target) == "require"):
        if given and given[0].type == "string":
            return engine.imported(source, string(source, given[0]), "*")
        return UNKNOWN
    name = _name(source, target)
    receiver = target.child_by_field_name("object") if target.type == "member_expression" else None
    chained: object = UNDEFINED
    if node.type == "call_expression":
        if receiver is not None and receiver.type == "call_expression":
            chained = engine.eval(source, receiver, env)  # once, as chains of calls are long
        shape = zod_call(engine, source, target, given, env, chained)
        if shape is not None:
            return shape
    if target.type in FUNCTIONS:  # called where it is written
        return apply(engine, Func(source, target, env), [Lazy(source, one, env) for one in given])
    if name in _FLAG_CALLS:
        return FLAGS
    if converted(name) and given:
        return engine.eval(source, given[0], env)
    function = engine.eval(source, target, env) if chained is UNDEFINED else engine.member(chained, name)
    values = _arguments(engine, source, given, env)
    if isinstance(function, Cls):
        return Inst(function, tuple(values))
    if isinstance(function, Func):
        return _own(engine, function, values)
    if isinstance(function, Bound):
        return method(engine, function, values)
    if isinstance(function, Ext):
        return _foreign(engine, function.path, values)
    if function is UNKNOWN and len(values) == 1 and given[0].type == "object":
        return engine.force(values[0])  # a helper that cannot be read usually hands its definition on
    return UNKNOWN


def _own(engine: "Engine", function: Func, values: list[object]) -> object:
    value = apply(engine, function, values)
    if value is UNKNOWN and values:
        shape = engine.force(values[0])
        if isinstance(shape, Shape):  # a converter of schemas whose name was minified away
            return shape
    return value


def _name(source: Source, target: Node) -> str:
    prop = target.child_by_field_name("property") if target.type == "member_expression" else target
    return source.text(prop) if prop is not None and prop.end_byte - prop.start_byte < 80 else ""


def _arguments(engine: "Engine", source: Source, given: list[Node], env: Env) -> list[object]:
    values: list[object] = []
    for one in given:
        if one.type == "spread_element" and one.named_child_count:
            spread = engine.eval(source, one.named_children[0], env)
            if not isinstance(spread, Arr):
                break
            values += [item.value for item in spread.items]
        else:
            values.append(Lazy(source, one, env))
    return values


def apply(engine: "Engine", function: Func, values: list[object], this: Inst | None = None) -> object:
    """What a function of the project returns."""
    env = function.env
    if this is not None:
        for one in lineage(engine, this.made_of):
            env = env.bind(engine.key(one.source, one.node), {"this": this})
    env = bind_parameters(engine, function.source, function.node, values, env)
    body = function.node.child_by_field_name("body")
    if body is None:
        return UNKNOWN
    if body.type != "statement_block":
        return engine.eval(function.source, body, env)
    return returned(engine, function.source, function.node, body, env)


def returned(engine: "Engine", source: Source, function: Node, body: Node, env: Env) -> object:
    from mcpaudit.manifests.javascript_context import guards

    ways: list[object] = []
    for count, statement in enumerate(inside(body, _RETURNS, FUNCTIONS | CLASSES)):
        if count > 30:
            break
        told: bool | None = True
        for condition, wanted in guards(statement, function):
            holds, _ = engine.condition(source, condition, env)
            if holds is None:
                told = None if told is not False else False
            elif holds != wanted:
                told = False
        if told is False:
            continue
        value = statement.named_children[0] if statement.named_child_count else None
        ways.append(engine.eval(source, value, env) if value is not None else UNDEFINED)
        if told is True:
            break
    return merged(ways) if ways else UNDEFINED


def method(engine: "Engine", bound: Bound, values: list[object]) -> object:
    """What a method of a list, an object, a string or a function gives."""
    of, name = bound.of, bound.name
    first = values[0] if values else UNDEFINED
    if isinstance(of, Func):
        if name == "bind":
            return of
        return _own(engine, of, values[1:]) if name == "call" else UNKNOWN
    if isinstance(of, str):
        return _string(name, of, [engine.force(value) for value in values])
    if isinstance(of, Obj):
        return _object(engine, of, name, values)
    if not isinstance(of, Arr):
        return UNKNOWN
    if name in ("map", "flatMap"):
        return _mapped(engine, of, engine.force(first), flat=name == "flatMap")
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
        wanted = engine.force(first)
        have = [engine.force(item.value) for item in of.items]
        plain = isinstance(wanted, (str, int)) and all(isinstance(one, (str, int)) for one in have)
        return wanted in have if plain and not of.open else UNKNOWN
    if name == "join":
        parts = [engine.force(item.value) for item in of.items]
        glue = engine.force(first) if values else ","
        if isinstance(glue, str) and not of.open and all(isinstance(part, (str, int)) for part in parts):
            return glue.join(str(part) for part in parts)
    if name in ("find", "some"):
        test = engine.force(first)
        sought = _sought(engine, test) if isinstance(test, Func) else None
        if sought is not None:
            field, wanted = sought
            for item in of.items:
                if engine.member(item.value, field) == wanted:
                    return engine.force(item.value) if name == "find" else True
            return UNKNOWN if of.open else UNDEFINED if name == "find" else False
        if name == "some" or len(of.items) > 50:
            return UNKNOWN
        for item in of.items:
            if isinstance(test, Func) and truth(apply(engine, test, [item.value])) is True:
                return engine.force(item.value)
    if name == "at" or name == "pop":
        return engine.force(of.items[-1].value) if of.items else UNKNOWN
    return UNKNOWN


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
        if one.type == "member_expression" and holder is not None and prop is not None:
            if source.text(holder) == names[0]:
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


def _filtered(engine: "Engine", of: Arr, function: object) -> object:
    if not isinstance(function, Func) or len(of.items) > 2000:
        return of
    items: list[Item] = []
    for item in of.items:
        trace, missing = engine.trace, len(engine.missing)
        engine.trace = []
        told = truth(apply(engine, function, [item.value]))
        switch = ", ".join(dict.fromkeys(engine.trace))
        engine.trace = trace
        del engine.missing[missing:]
        if told is not False:
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
        names = engine.exported_names(value.source)
        return Obj({name: engine.member(value, name) for name in names if name != "__esModule"})
    return value


def _foreign(engine: "Engine", path: str, values: list[object]) -> object:
    """A call of something outside the project; only what hands its arguments on tells anything."""
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
    if last in ("readFileSync", "readFile") and values:
        return engine.document(first) if isinstance(first, str) and first.endswith(".json") else UNKNOWN
    if last in ("join", "resolve", "fileURLToPath") and values:
        parts = [engine.force(value) for value in values]
        return parts[-1] if isinstance(parts[-1], str) else UNKNOWN
    if last == "URL" and isinstance(first, str):
        return first
    if tail in ("JSON.parse", "JSON.stringify"):
        return first if isinstance(first, (Obj, Arr)) else UNKNOWN
    if path.startswith("process.argv") and last in ("includes", "some"):
        engine.trace += [first] if isinstance(first, str) else []
        return False
    if path.startswith("process.argv") and last == "slice":
        return Ext("process.argv")
    for value in values[:3]:
        handed = engine.force(value)
        if isinstance(handed, Obj) and {"name", "id", "description", "inputSchema"} & set(handed.props):
            return handed  # `defineTool({...})` of a framework
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


def _string(name: str, text: str, values: list[object]) -> object:
    plain = [value for value in values if isinstance(value, str)]
    if name in ("toLowerCase", "toUpperCase", "trim", "toString"):
        return {"toLowerCase": text.lower, "toUpperCase": text.upper, "trim": text.strip}.get(
            name, text.__str__
        )()
    if len(plain) != len(values) or not plain:
        return UNKNOWN
    if name == "concat":
        return text + "".join(plain)
    if name in ("startsWith", "endsWith", "includes"):
        one = plain[0]
        return {"startsWith": text.startswith(one), "endsWith": text.endswith(one)}.get(name, one in text)
    if name in ("replace", "replaceAll") and len(plain) == 2:
        return text.replace(plain[0], plain[1], 1 if name == "replace" else -1)
    if name == "split" and plain[0]:
        return Arr([Item(part) for part in text.split(plain[0])])
    return UNKNOWN


__all__ = ["apply", "call", "this_env"]
