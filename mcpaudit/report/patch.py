"""Patches as text: what a person reads about them, and what `git apply` takes."""

from mcpaudit.model.fact import CHANGE_KINDS
from mcpaudit.model.finding import Finding
from mcpaudit.model.fixes import Proof
from mcpaudit.model.invisible import invisible
from mcpaudit.model.patch import FilePatch, Patches, Tree
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import PatchRow
from mcpaudit.report.canonical import digest
from mcpaudit.report.escape import prose
from mcpaudit.report.page import Page
from mcpaudit.report.verdict import caveat, count, listed

_FOLDER = {"project": "the audited folder", "home": "your home"}
_CLASS = {"safe": "safe", "needs-review": "needs review"}
_NAMES = {"project": "", "home": "home", "safe": "", "needs-review": "review"}
_CHANGED = {"gained": "gained", "looser": "asked less", "stricter": "asked more", "lost": "lost"}
_POLICIES = 12
_SENTENCES = 20


def render(report: Report) -> str:
    """The safe changes of the audited folder, and comments that tell which other patches there are."""
    own = next((one for one in report.patches if (one.tree, one.safety) == ("project", "safe")), None)
    lines = [f"# mcpaudit report sha256:{digest(report)}"]
    if own is None:
        lines.append("# No edit of the audited folder is known that answers a finding and is safe.")
    if caveat(report):
        lines.append(f"# {prose(caveat(report))}")
    for one in report.patches:
        if one is not own:
            what = f"{count(len(one.changes), 'change')} for {_FOLDER[one.tree]}"
            lines.append(f"# Not in this file: {what} ({_CLASS[one.safety]}), with --format patch=FILE.")
    return "\n".join(lines) + "\n" + (_row(own, report) if own else "")


def beside(report: Report) -> dict[str, str]:
    """The other patches, by what stands before the ending of their files."""
    return {
        ".".join(filter(None, (_NAMES[one.tree], _NAMES[one.safety]))): _row(one, report)
        for one in report.patches
        if (one.tree, one.safety) != ("project", "safe")
    }


def _row(one: PatchRow, report: Report) -> str:
    """The diffs of one patch behind comments: what each change does, and which findings it answers."""
    policies = {finding.fingerprint: finding.policy for finding in report.findings}
    lines = [f"# For {_FOLDER[one.tree]}: run `git apply` on this file there. Class: {_CLASS[one.safety]}."]
    if one.safety != "safe" and any(
        (other.tree, other.safety) == (one.tree, "safe") for other in report.patches
    ):
        lines.append("# It is made for files that have the safe patch: apply that one first.")
    for number, change in enumerate(one.changes, 1):
        lines.append(f"# {number}. {prose(change.says)} ({prose(change.file)})")
        shown = [f"{prose(policies.get(key, ''))} {prose(key)}" for key in change.findings[:_POLICIES]]
        more = len(change.findings) - len(shown)
        if shown:
            lines.append(f"#    answers {listed([*shown, *([f'{more} more'] if more else [])])}")
    if any(map(invisible, one.diff.split("\n"))):
        # No diff of ours has any: the report was changed, and this goes to a terminal as it is.
        return "\n".join([*lines, "# It is left out: it holds characters that cannot be seen.", ""])
    return "\n".join([*lines, "", one.diff])


def proof_lines(proof: Proof) -> list[str]:
    """What an audit of the patched files says, in two lines, and loudly where it disagrees."""
    gone = proof.answered - len(proof.still)
    by_kind = {kind: sum(one.kind == kind for one in proof.changes.changes) for kind in CHANGE_KINDS}
    told = [f"{number} {_CHANGED[kind]}" for kind, number in by_kind.items() if number or kind == "gained"]
    what = "the safe patches" if proof.safety == "safe" else "the patches that need review as well"
    ends = f"with {what}, {gone} of {count(proof.answered, 'finding')} that they answer are gone"
    ends += f", and {proof.besides} more" if proof.besides else ""
    policies = sorted({one.policy for one in proof.raised})
    rises = f"; new: {listed(policies)}" if policies else "; none is new"
    verdict = "in no other way than was intended" if not proof.disagreements else "NOT only as was intended"
    lines = [f"audited again: {ends}{rises}", f"access changes {verdict}: {', '.join(told)}"]
    lines += [f"STILL THERE: {prose(one.policy)} {prose(one.subject)}" for one in proof.still[:_SENTENCES]]
    lines += [f"NOT INTENDED: {prose(text)}" for text in proof.disagreements[:_SENTENCES]]
    return lines if proof.holds else [*lines, "do not apply these patches without a look at the above"]


def as_patch(files: tuple[FilePatch, ...], tree: Tree) -> str:
    """The diffs of one tree behind comments that tell what each does; `git apply` passes over these."""
    said = [f"# {number}. {prose(text)} ({prose(one.file)})" for number, (one, text) in _numbered(files)]
    head = [f"# For {_FOLDER[tree]}: run `git apply` on this file there.", *said]
    return "\n".join([*head, "", "".join(one.diff for one in files)])


def _numbered(files: tuple[FilePatch, ...]) -> list[tuple[int, tuple[FilePatch, str]]]:
    return list(enumerate(((one, text) for one in files for text in one.says), 1))


def patch_page(
    patches: Patches,
    disagreements: tuple[str, ...],
    resolved: tuple[Finding, ...],
    raised: tuple[Finding, ...],
    *,
    width: int,
    colour: bool,
) -> str:
    """What the patches do, what they cannot, and what a new audit of the patched files finds."""
    page = Page(width, colour)
    changes = sum(len(one.says) for one in patches.files)
    files = count(len(patches.files), "file")
    page.write(f"{count(changes, 'change')} in {files}.", label="Patches:", style="bold")
    for number, (one, text) in _numbered(patches.files):
        page.write(f"{text} ({one.file})", 2, label=f"{number}.", hang=5)
    if patches.left:
        page.heading("Left to be done by hand")
    for text in patches.left:
        page.write(text, 2, hang=4)
    if patches.files and not disagreements:
        page.gap()
        page.write(
            "access changes as was supposed, and in no other way.", label="Audited again:", style="bold"
        )
    if disagreements:
        page.heading("The patched files do not come to what was supposed")
        page.write("Do not apply these patches without a look at the following.", 2, style="red")
    for text in disagreements[:_SENTENCES]:
        page.write(text, 2, style="red", hang=4)
    if len(disagreements) > _SENTENCES:
        page.write(f"and {len(disagreements) - _SENTENCES} more", 2, style="red")
    _findings(page, "resolved", resolved)
    _findings(page, "raised", raised)
    return str(page)


def _findings(page: Page, how: str, findings: tuple[Finding, ...]) -> None:
    by_policy = {one.policy: sum(other.policy == one.policy for other in findings) for one in findings}
    if by_policy:
        names = [f"{policy} ({number})" for policy, number in sorted(by_policy.items())]
        more = [f"{len(names) - _POLICIES} more policies"] if len(names) > _POLICIES else []
        text = f"{listed([*names[:_POLICIES], *more])}"
        page.write(text, 2, label=f"{count(len(findings), 'finding')} {how}:", hang=4)
