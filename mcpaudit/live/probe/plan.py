"""What further tests will do to a server, in words, before anything is done."""

from collections.abc import Collection, Mapping, Sequence
from shlex import join

from mcpaudit.audit import gather
from mcpaudit.dataclass import dataclass
from mcpaudit.live.probe.choice import Call
from mcpaudit.live.probe.credentials import holds_credential
from mcpaudit.live.probe.metadata import origin
from mcpaudit.live.probe.run import Tested
from mcpaudit.live.probe.tested import Seen, Terms, Work
from mcpaudit.live.talk import Way
from mcpaudit.live.values import Launch
from mcpaudit.model.credential import Credential
from mcpaudit.model.probe import Test
from mcpaudit.request import Request, configuration_of


@dataclass(frozen=True, slots=True)
class Known:
    """What files tell of servers, by id."""

    state: Mapping[str, str]
    """What their sources keep between requests."""
    stored: Mapping[str, Seen]
    """What is known of the tokens that are stored for them."""


def known(request: Request) -> Known:
    """What the files of an audit tell that tests set beside what they see."""
    facts = gather(request, configuration_of(request)[0])
    kept: dict[str, set[str]] = {}
    held: dict[str, list[Credential]] = {}
    for name, one in facts.access.installations.items():
        for state in facts.access.manifests[name].state:
            kept.setdefault(one.server.id, set()).add(f"`{state.name}` ({state.spot})")
    for credential in facts.credentials:
        holder = facts.access.installations.get(credential.holder)
        if holder is not None:
            held.setdefault(holder.server.id, []).append(credential)
    return Known(
        {server: ", ".join(sorted(names)) for server, names in kept.items()},
        {server: seen for server, ones in held.items() if (seen := _stored(ones))},
    )


def _stored(credentials: Sequence[Credential]) -> Seen | None:
    """Whether what ends is renewed; `None` where no file tells."""
    ending = [one for one in credentials if one.secret.expires or one.lifetime == "expiring"]
    for one in ending:
        if one.refresh is False:
            name = one.secret.name or one.secret.kind
            when = f" on {one.secret.expires}" if one.secret.expires else ""
            return Seen("stored-token", "fail", f"`{name}` expires{when}, and no refresh token is with it")
    if ending or any(one.lifetime == "refreshing" for one in credentials):
        return Seen("stored-token", "pass", "a refresh token is with it")
    return None


def works(
    launches: Sequence[Launch],
    tested: Sequence[Tested],
    calls: Mapping[str, tuple[Call, ...]],
    files: Known,
    tests: Collection[Test],
    notes: list[str],
) -> tuple[Work, ...]:
    """The servers that can be tested further, each with the calls that may be made."""
    found = []
    for launch, one in zip(launches, tested, strict=True):
        way = one.health.way if one.health else None
        login = one.health is not None and one.health.refusal is not None
        if way is None and not ("rotation" in tests and login):
            notes.append(f"{launch.names[0]} was not tested further, as it was not reached.")
            continue
        found.append(
            Work(
                launch,
                way or Way("http"),
                calls.get(launch.names[0], ()),
                reached=way is not None,
                stored=files.stored.get(launch.server),
                state=files.state.get(launch.server, ""),
            )
        )
    return tuple(found)


def deeds(work: Work, test: Test, terms: Terms) -> str:
    """What one test does to a server, in a sentence."""
    if test == "auth" and not holds_credential(work.launch):
        return "auth: does nothing, as its entry holds no credential"
    start = "contacts it" if work.launch.remote else "starts it"
    call = f"calls {work.call}" if work.call else "calls no tool, as none is proved to only read"
    other = "calls one that it does not have, also with 1 MiB of text"
    process = "sends it nonsense, kills it, makes it stand still, closes its input, takes its backend away"
    fault = "spoils its answers by a relay on this machine" if work.launch.remote else process
    telling = work.telling
    told = f"calls {telling} and with a canary in {_named(telling.texts)}" if telling else call
    sentences: dict[Test, str] = {
        "auth": f"{start} with no, an invalid and an expired credential instead of its own; {call}",
        "faults": f"{start} many times; {call}; {other}; {fault}",
        "leaks": f"{start} twice, under a name that is a canary; {told}; reads what it offers",
        "rotation": _rotates(work, terms, call),
    }
    return f"{test}: {sentences[test]}"


def _named(texts: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in texts) or "none of its arguments"


def _rotates(work: Work, terms: Terms, call: str) -> str:
    if work.launch.remote:
        also = "".join(f" and {one}" for one in sorted(terms.contact))
        asks = f"asks {origin(work.launch.url)}{also} for the metadata of its login, without a credential"
        if terms.rotation is None:
            return asks
        again = "with the new token, and with the old one"
        return f"{asks}; {call}, runs `{join(terms.rotation.command)}`, and does so again {again}"
    if terms.rotation is None:
        return "looks at the tokens that are stored for it"
    return f"starts it, {call}, runs `{join(terms.rotation.command)}`, does so again, and starts it anew"
