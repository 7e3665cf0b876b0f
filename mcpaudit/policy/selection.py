"""Packs: the policies of one folder, or those that a pack file puts together for one purpose."""

from collections.abc import Iterable, Sequence
from functools import cache

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError, did_you_mean
from mcpaudit.parsing.node import Node
from mcpaudit.policy.policy import PACK_ENDING, Policy, shipped_folder
from mcpaudit.policy.validation import read_valid


@dataclass(frozen=True, slots=True)
class Control:
    """What a pack asks for, and the policies that speak for it."""

    text: str
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """Policies that together speak for one purpose."""

    id: str
    title: str
    source: str
    includes: tuple[str, ...]
    controls: tuple[Control, ...]
    duties: tuple[str, ...]
    """What no configuration shows."""


@cache
def shipped_packs() -> dict[str, Pack]:
    """The pack files that ship with mcpaudit, by id."""
    folder = shipped_folder()
    found = [_pack(path.name) for path in sorted(folder.glob(f"*{PACK_ENDING}"))]
    return {pack.id: pack for pack in found}


def _pack(name: str) -> Pack:
    document = read_valid(shipped_folder() / name, f"shipped:{name}", "pack")
    root = Node(document, document.data)
    metadata, spec = root.child("metadata"), root.child("spec")
    assert metadata is not None
    assert spec is not None
    controls = spec.child("policies")
    return Pack(
        id=metadata.text("id"),
        title=metadata.text("title"),
        source=metadata.text("source"),
        includes=_texts(spec, "includes"),
        controls=tuple(
            Control(node.text("control"), _texts(node, "policies"))
            for node in (controls.elements() if controls else ())
        ),
        duties=_texts(spec, "duties"),
    )


def _texts(node: Node, key: str) -> tuple[str, ...]:
    return tuple(str(one.value) for one in node.texts(key) or ())


def policies_of(pack: Pack) -> frozenset[str]:
    """The ids of all its policies, those of the packs that it includes among them."""
    own = frozenset(policy for control in pack.controls for policy in control.policies)
    return own.union(*(policies_of(shipped_packs()[name]) for name in pack.includes))


def selected(policies: Sequence[Policy], names: Iterable[str]) -> list[Policy]:
    """The policies of the named packs and folders, all without a name; raises UsageError for unknown ones."""
    wanted: set[str] = set()
    folders = {policy.pack for policy in policies}
    chosen = tuple(names)
    for name in chosen:
        if name in shipped_packs():
            wanted |= policies_of(shipped_packs()[name])
        elif name in folders:
            wanted |= {policy.id for policy in policies if policy.pack == name}
        else:
            known = sorted({*shipped_packs(), *folders})
            hint = did_you_mean(name, known)
            raise UsageError(
                f"there is no pack `{name}`{f'; {hint}' if hint else ''}; there are {', '.join(known)}"
            )
    return [policy for policy in policies if policy.id in wanted] if chosen else list(policies)
