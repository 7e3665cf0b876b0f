"""What further tests will do to a server, in words, before anything is done."""

from collections.abc import Mapping, Sequence

from mcpaudit.live.probe.choice import Call
from mcpaudit.live.probe.run import Tested
from mcpaudit.live.probe.tested import Work
from mcpaudit.live.values import Launch
from mcpaudit.model.probe import Test


def works(
    launches: Sequence[Launch],
    tested: Sequence[Tested],
    named: Mapping[str, Call],
    proved: Mapping[str, tuple[Call, ...]],
    notes: list[str],
) -> tuple[Work, ...]:
    """The servers that can be tested further, each with the calls that may be made."""
    found = []
    for launch, one in zip(launches, tested, strict=True):
        name = launch.names[0]
        if one.health is None or one.health.way is None:
            notes.append(f"{name} was not tested further, as it was not reached.")
            continue
        calls = (named[name],) if name in named else proved.get(name, ())
        found.append(Work(launch, one.health.way, calls))
    return tuple(found)


def deeds(work: Work, test: Test) -> str:
    """What one test does to a server, in a sentence."""
    call = f"calls {work.call}" if work.call else "calls no tool, as none is proved to only read"
    start = "contacts it" if work.launch.remote else "starts it"
    sentences: dict[Test, str] = {
        "auth": f"{start} with no, an invalid and an expired credential instead of its own, and {call}",
    }
    return f"{test}: {sentences[test]}"
