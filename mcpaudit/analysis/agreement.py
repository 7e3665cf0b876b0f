"""Whether a supposition and the patch that was made of it come to the same."""

from collections.abc import Collection, Sequence

from mcpaudit.analysis.facts import Facts
from mcpaudit.model.access import Access
from mcpaudit.model.action import in_words

_Running = tuple[str, str, str, str, frozenset[str], str]


def disagreements(supposed: Facts, patched: Facts, without: Collection[str] = ()) -> tuple[str, ...]:
    """Access that runs in one state and not in the other, a sentence each; conflicts follow from it.

    Agents in `without` are left out.
    """
    wanted, got = _running(supposed.rows, without), _running(patched.rows, without)
    more = [f"{_told(one)} is there all the same" for one in sorted(got - wanted, key=_key)]
    less = [f"{_told(one)} is gone as well" for one in sorted(wanted - got, key=_key)]
    return (*more, *less)


def _running(rows: Sequence[Access], without: Collection[str]) -> set[_Running]:
    return {
        (row.agent, row.server, row.tool, str(row.resource), row.actions, row.decision.verdict.value)
        for row in rows
        if row.runs and row.agent not in without
    }


def _key(one: _Running) -> tuple[str, ...]:
    agent, server, tool, resource, actions, verdict = one
    return agent, server, tool, resource, *sorted(actions), verdict


def _told(one: _Running) -> str:
    agent, server, tool, resource, actions, verdict = one
    return f"{agent}: {in_words(actions)} {resource} by `{tool}` of {server} ({verdict})"
