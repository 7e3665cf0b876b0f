"""The decisions in a packet: what each says, and whether its signatures are of these bytes by a known key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import McpauditError
from mcpaudit.model.review import Decision, State
from mcpaudit.signoff import dsse, keys, sshsig, statement
from mcpaudit.signoff.layout import DSSE, SIGNATURES, SIGNED, SSHSIG, sha256
from mcpaudit.signoff.signers import Signer
from mcpaudit.signoff.wire import ED25519, fingerprint, kind


@dataclass(frozen=True, slots=True)
class Ballot:
    """One decision with all that is known of its signatures."""

    file: str
    """Its statement's name."""
    decision: Decision | None
    key: str = ""
    """The fingerprint of the key that signed it."""
    wrong: str = ""
    """What makes it worthless; empty where there is nothing."""
    open: str = ""
    """What could not be found out; empty where all was."""
    names: tuple[str, ...] = ()
    """All names of the person, by the signers file."""

    def by_any(self, people: Iterable[str]) -> bool:
        """Whether it is by one of these people, under any of their names."""
        own = {name.casefold() for name in (self.who, *self.names)}
        return not own.isdisjoint(name.casefold() for name in people)

    @property
    def who(self) -> str:
        """The reviewer, or the file where nobody can be made out."""
        return self.decision.reviewer if self.decision else self.file


def ballots(files: Mapping[str, bytes], state: State, signers: Sequence[Signer]) -> list[Ballot]:
    """Every decision, in the order of their files; files that belong to none are among them as wrong."""
    own = [name for name in files if name.startswith(SIGNATURES)]
    stems = [name.removesuffix(SIGNED) for name in own if name.endswith(SIGNED)]
    expected = {f"{stem}{ending}" for stem in stems for ending in (SIGNED, SSHSIG, DSSE)}
    found = [_ballot(files, stem, state, signers) for stem in stems]
    found += [Ballot(name, None, wrong="no statement belongs to it") for name in own if name not in expected]
    return sorted(found, key=lambda one: one.file)


def _ballot(files: Mapping[str, bytes], stem: str, state: State, signers: Sequence[Signer]) -> Ballot:
    file = f"{stem}{SIGNED}"
    decision = None
    try:
        said, decision = statement.read(files[file], file)
        if decision is None:
            return Ballot(file, None, wrong="it holds no decision")
        if said != state:
            return Ballot(file, decision, wrong="it was signed for another state than statement.json")
        return _signed(files, stem, decision, signers)
    except McpauditError as error:
        return Ballot(file, decision, wrong=str(error).split("\n")[0])


def _signed(files: Mapping[str, bytes], stem: str, decision: Decision, signers: Sequence[Signer]) -> Ballot:
    file, payload = f"{stem}{SIGNED}", files[f"{stem}{SIGNED}"]
    held = [form for form, ending in (("dsse", DSSE), ("sshsig", SSHSIG)) if f"{stem}{ending}" in files]
    if not held:
        return Ballot(file, decision, open="it waits for its signature")
    if sorted(held) != sorted(decision.forms):
        lacks = ", ".join(sorted({*held} ^ {*decision.forms}))
        return Ballot(file, decision, wrong=f"it should be signed as {' and '.join(decision.forms)}: {lacks}")
    own = [one for one in signers if decision.reviewer in one.names]
    if not own:
        return Ballot(file, decision, wrong=f"{decision.reviewer} is no signer")
    by: set[bytes] = set()
    unsure = ""
    for form in held:
        ending = DSSE if form == "dsse" else SSHSIG
        name = f"{stem}{ending}"
        key, message, signature = _parts(files[name], name, payload, decision, own)
        by.add(key)
        if kind(key) != ED25519:
            unsure = f"mcpaudit verifies no {kind(key)} signatures; the command below does"
        elif not keys.can_verify():
            unsure = f"its signature was not verified: {keys.MISSING}; the command below does without"
        else:
            keys.verify(key, message, signature)
    if len(by) > 1:
        return Ballot(file, decision, wrong="two keys signed it")
    (key,) = by
    names = tuple(sorted({name for one in own for name in one.names}))
    return Ballot(file, decision, fingerprint(key), _entitled(key, decision, own), unsure, names)


def _parts(
    raw: bytes, name: str, payload: bytes, decision: Decision, own: Sequence[Signer]
) -> tuple[bytes, bytes, bytes]:
    """Key, signed bytes and signature of one file; an envelope names its key by the fingerprint."""
    if name.endswith(SSHSIG):
        ssh = sshsig.read(raw, name)
        space = sshsig.namespace(decision.role)
        if ssh.namespace != space or ssh.kind != kind(ssh.key):
            raise _WorthlessError(f"{name} was made for {ssh.namespace}, not for {space}")
        return ssh.key, sshsig.signed(payload, space, ssh.hash), ssh.signature
    envelope = dsse.read(raw, name)
    if envelope.payload != payload:
        raise _WorthlessError(f"{name} holds another statement than the file beside it")
    for one in own:
        if one.known_by == envelope.keyid:
            return one.key, dsse.signed(payload), envelope.signature
    raise _WorthlessError(f"{name} is by {envelope.keyid}, which is no key of {decision.reviewer}")


class _WorthlessError(McpauditError):
    """Indicates a signature that cannot count."""


def _entitled(key: bytes, decision: Decision, own: Sequence[Signer]) -> str:
    """Why this key could not sign so; empty where it could."""
    lines = [one for one in own if one.key == key]
    if not lines:
        return f"{fingerprint(key)} is no key of {decision.reviewer}"
    lines = [one for one in lines if one.may(decision.role)]
    if not lines:
        return f"{decision.reviewer} may not sign as {decision.role}"
    lapses = [one.lapse(decision.time) for one in lines]
    return "" if "" in lapses else lapses[0]


def complete(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """The decisions that are signed, with the digest of what was signed."""
    for name in sorted(files):
        if name.startswith(SIGNATURES) and name.endswith(SIGNED):
            stem = name.removesuffix(SIGNED)
            if f"{stem}{DSSE}" in files or f"{stem}{SSHSIG}" in files:
                yield name, sha256(files[name])
