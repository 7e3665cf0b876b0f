"""What further tests will do to a server, in words, before anything is done."""

from collections.abc import Mapping, Sequence

from mcpaudit.audit import Request, configuration_of, gather
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
    state: Mapping[str, str],
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
        found.append(Work(launch, one.health.way, calls, state.get(launch.server, "")))
    return tuple(found)


def state_of(request: Request) -> dict[str, str]:
    """What the source of each server keeps between requests, as words, where its source was read."""
    facts = gather(request, configuration_of(request)[0])
    found: dict[str, set[str]] = {}
    for name, one in facts.access.installations.items():
        for state in facts.access.manifests[name].state:
            found.setdefault(one.server.id, set()).add(f"`{state.name}` ({state.spot})")
    return {server: ", ".join(sorted(names)) for server, names in found.items()}


def deeds(work: Work, test: Test) -> str:
    """What one test does to a server, in a sentence."""
    call = f"calls {work.call}" if work.call else "calls no tool, as none is proved to only read"
    start = "contacts it" if work.launch.remote else "starts it"
    process = "kills it, makes it stand still, closes its input, takes its backend's addresses away"
    fault = "spoils its answers by a relay on this machine" if work.launch.remote else process
    sentences: dict[Test, str] = {
        "auth": f"{start} with no, an invalid and an expired credential instead of its own, and {call}",
        "faults": f"{start} many times, {call}, and one that is none, sends it nonsense and much; {fault}",
        "leaks": f"{start} twice, {call}, its texts and the client's name a canary, and reads what it offers",
    }
    return f"{test}: {sentences[test]}"
