"""What can overlap what: a look-up by provider and by place, so that not every two things are compared."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

from mcpaudit.model.resource import FILES, FORGES, UNKNOWN, Resource

Thing = TypeVar("Thing")
_Path = tuple[str, ...]


class Near(Generic[Thing]):
    """Things that are each about a resource; tells which of them a resource may overlap, in their order."""

    def __init__(self, things: Iterable[tuple[Resource, Thing]]) -> None:
        self._things: list[Thing] = []
        self._by_family: dict[str, list[int]] = defaultdict(list)
        self._at: dict[_Path, list[int]] = defaultdict(list)
        self._below: dict[_Path, list[int]] = defaultdict(list)
        self._elsewhere: list[int] = []
        """Local things without a place in the file tree."""
        for number, (resource, thing) in enumerate(things):
            self._things.append(thing)
            self._by_family[_family(resource)].append(number)
            if _placed(resource):
                self._at[resource.path].append(number)
                for length in range(1, len(resource.path)):
                    self._below[resource.path[:length]].append(number)
            elif resource.provider == "local":
                self._elsewhere.append(number)

    def of(self, resource: Resource) -> list[Thing]:
        """All that may overlap a resource, and little else."""
        return [self._things[number] for number in self.numbers(resource)]

    def numbers(self, resource: Resource) -> list[int]:
        """The same by position."""
        if not _placed(resource):
            return self._by_family.get(_family(resource), [])
        path = resource.path
        found = [*self._elsewhere, *self._below.get(path, ())]
        for length in range(1, len(path) + 1):
            found += self._at.get(path[:length], ())
        return sorted(found)


def _family(resource: Resource) -> str:
    """A clone whose host is not known may be a repository of any forge."""
    return "forge" if resource.provider in FORGES else resource.provider


def _placed(resource: Resource) -> bool:
    """Whether it is a place in the file tree, whose overlaps are those above it and below it."""
    file = resource.provider == "local" and resource.kind in FILES
    return file and bool(resource.path) and UNKNOWN not in resource.path
