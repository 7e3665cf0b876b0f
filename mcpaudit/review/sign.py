"""One person's decision on a packet, as files to add to it."""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError, did_you_mean
from mcpaudit.model.review import Choice, Condition, Decision, Sealed
from mcpaudit.review.verify import OWN_SIGNERS
from mcpaudit.signoff import dsse, sshsig, statement
from mcpaudit.signoff.keys import Key
from mcpaudit.signoff.layout import DSSE, MANIFEST, SIGNATURES, SIGNED, SSHSIG, STATEMENT, manifest
from mcpaudit.signoff.signers import Signer, read_signers
from mcpaudit.signoff.votes import complete
from mcpaudit.signoff.wire import ED25519, fingerprint


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to sign."""

    reviewer: str
    role: str
    choice: Choice
    time: datetime
    expires: date | None = None
    reason: str = ""
    conditions: tuple[Condition, ...] = ()


def sign(files: Mapping[str, bytes], wanted: Wanted, key: Key | None) -> dict[str, bytes]:
    """The new files of a packet; without a key the statement alone, for `ssh-keygen -Y sign`.

    Raises UsageError for a decision that would not count.
    """
    if files.get(MANIFEST) != manifest(files):
        raise UsageError("this packet is not as it was prepared: `mcpaudit review verify` says what changed")
    state, _ = statement.read(files[STATEMENT], STATEMENT)
    signers = read_signers(files.get(OWN_SIGNERS, b""), OWN_SIGNERS)
    forms = ("dsse", "sshsig") if key is not None else ("sshsig",)
    decision = Decision(
        reviewer=wanted.reviewer,
        role=wanted.role,
        choice=wanted.choice,
        time=wanted.time.astimezone(UTC).replace(microsecond=0),
        expires=wanted.expires or wanted.time.date() + timedelta(days=state.terms.max_days),
        reason=wanted.reason.strip(),
        conditions=wanted.conditions,
        earlier=tuple(Sealed(name, digest) for name, digest in complete(files)),
        forms=forms,
    )
    names = {name.casefold() for one in signers if wanted.reviewer in one.names for name in one.names}
    names.add(wanted.reviewer.casefold())
    if decision.choice != "reject" and not names.isdisjoint(map(str.casefold, state.authors)):
        raise UsageError(f"{wanted.reviewer} is an author of what is reviewed, and may not approve it")
    _check_role(decision, [role for role, _ in state.terms.threshold])
    _check_dates(decision, state.as_of, state.terms.max_days)
    _check_signer(decision, signers, key)
    payload = statement.written(state, decision)
    stem = _stem(files, wanted.reviewer)
    found = {f"{stem}{SIGNED}": payload}
    if key is not None:
        space = sshsig.namespace(wanted.role)
        own = key.sign(sshsig.signed(payload, space))
        found[f"{stem}{SSHSIG}"] = sshsig.written(sshsig.by_ed25519(key.public, space, own))
        envelope = dsse.Envelope(payload, fingerprint(key.public), key.sign(dsse.signed(payload)))
        found[f"{stem}{DSSE}"] = dsse.written(envelope)
    statement.read(payload, f"{stem}{SIGNED}")
    return found


def _check_role(decision: Decision, roles: Sequence[str]) -> None:
    if roles and decision.role not in roles:
        hint = did_you_mean(decision.role, roles) or f"it can be {', '.join(roles)}"
        raise UsageError(f"no sign-off as `{decision.role}` is asked for; {hint}")


def _check_dates(decision: Decision, as_of: date, most: int) -> None:
    day = decision.time.date()
    if day < as_of - timedelta(days=1):
        raise UsageError(f"the packet is of {as_of.isoformat()}, so it cannot be signed on {day.isoformat()}")
    last = day + timedelta(days=most)
    if not day <= decision.expires <= last:
        raise UsageError(f"--expires is a day from {day.isoformat()} to {last.isoformat()} ({most} days)")
    if decision.choice == "conditional" and not decision.conditions:
        raise UsageError('a conditional approval names its conditions: --condition "TEXT=YYYY-MM-DD"')
    if decision.choice != "conditional" and decision.conditions:
        raise UsageError("only a conditional approval has conditions: --decision conditional")
    for one in decision.conditions:
        if not day <= one.due <= decision.expires:
            raise UsageError(
                f"the condition `{one.text}` is due on {one.due.isoformat()}, which is not between today and "
                f"the end of the approval, {decision.expires.isoformat()}"
            )


def _check_signer(decision: Decision, signers: Sequence[Signer], key: Key | None) -> None:
    """Whether verification would take this person, role and key."""
    own = [one for one in signers if decision.reviewer in one.names and one.may(decision.role)]
    if key is not None:
        own = [one for one in own if one.key == key.public]
    if not own:
        what = f"{decision.reviewer} with this key" if key else decision.reviewer
        raise UsageError(
            f"{what} may not sign as {decision.role} by {OWN_SIGNERS}. Have the line\n"
            f"    {signer_line(decision, key)}\n"
            "put into .mcpaudit/signers, by those who own that file, and prepare the packet again"
        )
    lapses = [one.lapse(decision.time) for one in own]
    if "" not in lapses:
        raise UsageError(f"{decision.reviewer} cannot sign now: {lapses[0]}")


def signer_line(decision: Decision, key: Key | None) -> str:
    """The line of the signers file that lets a person sign in a role."""
    public = base64.b64encode(key.public).decode() if key is not None else "PUBLIC-KEY"
    return f'{decision.reviewer} namespaces="{sshsig.namespace(decision.role)}" {ED25519} {public}'


def _stem(files: Mapping[str, bytes], reviewer: str) -> str:
    """A new name below signatures/: a number, so that they stand in order, and the person."""
    used = [int(match[1]) for name in files if (match := re.match(rf"{SIGNATURES}(\d{{2,6}})-", name))]
    person = re.sub(r"[^a-z0-9@.]+", "-", reviewer.lower()).strip("-.")[:60] or "reviewer"
    return f"{SIGNATURES}{max(used, default=0) + 1:02d}-{person}"
