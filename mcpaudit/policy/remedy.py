"""The edits that a policy can name as its remedy: a closed list, so that a policy stays data."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.finding import Safety


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a policy says of the edit that answers it."""

    edit: str
    safety: Safety


@dataclass(frozen=True, slots=True)
class Kind:
    """One edit that policies can name."""

    says: str
    subjects: tuple[str, ...]
    """What a policy that names it may be put to."""
    may_be_safe: bool = True


REMEDIES = {
    "remove-installation": Kind("remove the server's entry", ("excess", "installation", "server")),
    "deny-tool": Kind("deny the tool", ("excess", "tool", "access")),
    "drop-rule": Kind(
        "remove the rule, or the rules that allow the tool", ("rule", "tool", "access", "credential")
    ),
    "drop-setting": Kind("remove the key that has no effect", ("gap",)),
    "turn-off-switch": Kind("remove the switch", ("switch",)),
    "bind-locally": Kind("listen on 127.0.0.1 only", ("installation",), may_be_safe=False),
    "pin-version": Kind(
        "write the version of `mcpaudit.lock` behind the package's name", ("server",), may_be_safe=False
    ),
    "advised": Kind("the change that ends it and takes least access away", ("conflict", "flow", "excess")),
}
