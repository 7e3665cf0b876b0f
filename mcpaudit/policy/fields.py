"""The table of what policies can speak of, from `fields.yaml`."""

from collections.abc import Iterator
from functools import lru_cache

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass

# What a policy's `for` may say, and the message of the table that describes it.
SUBJECTS = {
    "agent": "Agent",
    "installation": "Installation",
    "server": "Server",
    "tool": "Tool",
    "rule": "Rule",
    "switch": "Switch",
    "credential": "Credential",
    "scope": "Scope",
    "access": "Access",
    "conflict": "Conflict",
    "flow": "Flow",
    "excess": "Excess",
    "state": "State",
    "drift": "Drift",
    "probe": "Probe",
    "file": "File",
    "gap": "Gap",
    "review": "Review",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message."""

    name: str
    type: str
    """`string`, `bool`, `int`, or the name of a message."""
    repeated: bool
    nullable: bool
    doc: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of thing with its fields."""

    name: str
    doc: str
    fields: dict[str, Field]


@lru_cache(maxsize=1)
def table() -> dict[str, Message]:
    """Every message by name, in the table's order."""
    raw = shipped.table("policy/fields.yaml")
    return {name: Message(name, body["doc"], _fields(body["fields"])) for name, body in raw.items()}


def _fields(raw: dict[str, dict[str, str | list[str]]]) -> dict[str, Field]:
    found = {}
    for name, body in raw.items():
        kind = str(body["type"])
        repeated, nullable = kind.startswith("list "), kind.endswith("?")
        found[name] = Field(
            name=name,
            type=kind.removeprefix("list ").removesuffix("?"),
            repeated=repeated,
            nullable=nullable,
            doc=str(body["doc"]),
            values=tuple(body.get("values", ())),
        )
    return found


def find(subject: str, path: str) -> Field | None:
    """The field that a dotted path such as `conflict.resource.id` names; `None` where there is none."""
    first, *rest = path.split(".")
    if first != subject or not rest or subject not in SUBJECTS:
        return None
    message, field = table()[SUBJECTS[subject]], None
    for step in rest:
        field = message.fields.get(step)
        if field is None:
            return None
        message = table().get(field.type, Message("", "", {}))
    return field


def paths(subject: str) -> Iterator[str]:
    """The dotted paths of a subject's own fields and of those one step below, for did-you-mean."""
    for name, field in table()[SUBJECTS[subject]].fields.items():
        yield f"{subject}.{name}"
        for below in table()[field.type].fields if field.type in table() else ():
            yield f"{subject}.{name}.{below}"
