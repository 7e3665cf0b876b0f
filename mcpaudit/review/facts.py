"""What policies were put to, as lines of JSON: from these, findings are worked out again without any file
of a client, and so without any secret.

Of each subject only the fields are kept that the packet's policies read.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ReportError
from mcpaudit.model.certainty import Certainty
from mcpaudit.policy.evaluate import Population, names_read
from mcpaudit.policy.expression import named
from mcpaudit.policy.policy import Policy
from mcpaudit.policy.subject import Subject


def written(policies: Sequence[Policy], population: Population) -> Iterator[bytes]:
    """All subjects that the policies are put to, a line each, in the order in which they are judged."""
    for kind in sorted({"agent"} | {policy.subject for policy in policies}):
        names = names_read(policy for policy in policies if policy.subject == kind)
        for subject in population.of(kind):
            line = {
                "kind": kind,
                "id": subject.id,
                "certainty": subject.certainty.value,
                "agents": list(subject.agents),
                "tree": named(subject.tree, names, once=False),
            }
            # ASCII: a name may hold half of a surrogate pair, which nothing else can write.
            yield json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Stored:
    """The subjects of a packet."""

    subjects: dict[str, tuple[Subject, ...]]
    facts: None = None

    def of(self, kind: str) -> Iterator[Subject]:
        """All subjects of a kind, one by one."""
        return iter(self.subjects.get(kind, ()))


def read(raw: bytes) -> Stored:
    """The subjects again; raises ReportError for what `written` does not write."""
    found: dict[str, list[Subject]] = {}
    for number, line in enumerate(raw.splitlines(), 1):
        try:
            kind, subject = _subject(json.loads(line))
        except (KeyError, TypeError, ValueError, RecursionError):
            raise ReportError(f"line {number} is no subject of a policy") from None
        found.setdefault(kind, []).append(subject)
    return Stored({kind: tuple(subjects) for kind, subjects in found.items()})


def _subject(row: dict[str, object]) -> tuple[str, Subject]:
    kind, name, agents, tree = row["kind"], row["id"], row["agents"], row["tree"]
    if not (isinstance(kind, str) and isinstance(name, str) and isinstance(tree, dict)):
        raise TypeError
    return kind, Subject(name, tree, Certainty(str(row["certainty"])), tuple(_texts(agents)))


def _texts(given: object) -> Iterable[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise TypeError
    return given
