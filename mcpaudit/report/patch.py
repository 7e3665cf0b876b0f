"""Patches as text: what a person reads about them, and what `git apply` takes."""

from mcpaudit.model.finding import Finding
from mcpaudit.model.patch import FilePatch, Patches, Tree
from mcpaudit.report.escape import prose
from mcpaudit.report.page import Page
from mcpaudit.report.verdict import count, listed

_FOLDER = {"project": "the audited folder", "home": "your home"}
_POLICIES = 12
_SENTENCES = 20


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
