"""A configuration file on its way to a patch: what it says, will say, and what may be shown of it."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import field, replace

from mcpaudit.clients.secret_lines import SecretLines
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import MASK
from mcpaudit.model.gap import Gap
from mcpaudit.model.patch import FilePatch, Patches, Tree
from mcpaudit.model.site import Site
from mcpaudit.parsing.diff import unified
from mcpaudit.parsing.document import Document, Json, Syntax
from mcpaudit.parsing.edit import Edit, edited
from mcpaudit.parsing.reader import parse, read
from mcpaudit.parsing.uneditable import Uneditable

_EMPTY: dict[Syntax, str] = {"json": "{}\n", "yaml": "{}\n", "toml": "", "shell": ""}
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class PatchedFile:
    """One file; every change makes a new one, so that a change that fails leaves nothing behind."""

    file: str
    tree: Tree
    path: str
    """Relative to its tree."""
    syntax: Syntax
    before: str | None = field(repr=False)
    """`None` where there is no such file yet."""
    after: str = field(repr=False)
    hidden: Container[int] = field(repr=False)
    """The lines of `before` with secrets."""
    marked: bool
    """Whether it starts with a byte order mark."""
    says: tuple[str, ...] = ()

    def changed(self, edits: Iterable[Edit], says: str) -> "PatchedFile":
        """The file after further edits; raises `Uneditable` where one is not made or must not be shown."""
        edits = tuple(edits)
        if any(MASK in str(edit.value) for edit in edits):
            raise Uneditable("a patch would have to name what is masked as a secret")
        after = edited(self.after, self.syntax, edits)
        changed = replace(self, after=after, says=(*self.says, says))
        if hidden := unified(self.before, after, self.path, self.hidden).hidden:
            lines = f"line {hidden[0]}" if len(hidden) == 1 else f"lines {hidden[0]} to {hidden[-1]}"
            what = "the secret" if hidden[0] in self.hidden else "what cannot be seen"
            raise Uneditable(f"a patch would have to repeat {what} in {lines} of {self.file}")
        return changed

    @property
    def data(self) -> Json:
        """What the file says after the changes made so far."""
        found = parse(self.after.encode(), self.file, self.syntax)
        return found.data if isinstance(found, Document) else {}

    @property
    def patch(self) -> FilePatch:
        """The change as it is shown."""
        mark = _MARK if self.marked else ""
        before = None if self.before is None else mark + self.before
        shown = unified(before, mark + self.after, self.path, self.hidden)
        return FilePatch(self.file, self.tree, self.says, shown.text)

    @property
    def before_content(self) -> bytes:
        """The file as it is on disk."""
        return (_MARK * self.marked + (self.before or "")).encode()

    @property
    def content(self) -> bytes:
        """The file as it would be on disk."""
        return (_MARK * self.marked + self.after).encode()


def on_top(
    first: Patches, both: Patches, documents: Mapping[str, Document], packs: Packs
) -> tuple[FilePatch, ...]:
    """What `both` change beyond `first`, as diffs for files that `first` were applied to.

    A file is left out where its diff would have to repeat a secret, or what cannot be seen.
    """
    found = []
    for one in both.files:
        base, after = first.contents.get(one.file), both.contents[one.file]
        if base is None:
            found.append(one)
        elif base != after:
            path = one.file.removeprefix("~/")
            known = documents.get(one.file)
            document = parse(base, one.file, known.syntax if known else _syntax(path))
            if not isinstance(document, Document):
                continue
            shown = unified(base.decode(), after.decode(), path, SecretLines(document, packs))
            if not shown.hidden:
                found.append(FilePatch(one.file, one.tree, one.says, shown.text))
    return tuple(found)


def opened(file: str, documents: Mapping[str, Document], site: Site, packs: Packs) -> PatchedFile:
    """A file by the name that reports show; raises `Uneditable` for one that is not ours to change."""
    if file.startswith("~/"):
        tree: Tree = "home"
        path, base = file.removeprefix("~/"), site.home
    else:
        tree, path, base = "project", file, site.project
    outside = file.startswith(("/", "$", "../")) or file[1:3] == ":/" or "/../" in file
    if MASK in file:
        raise Uneditable(f"the name of {file} has a secret in it, which no patch repeats")
    if outside or base is None:
        raise Uneditable(f"{file} lies outside of the project and the home")
    if file.endswith(".md"):
        raise Uneditable(f"{file} is a Markdown file, whose head only is read")
    document: Document | Gap | None = documents.get(file)
    if document is None:
        document = read(base / path, file, _syntax(path))
    if isinstance(document, Gap):
        raise Uneditable(f"{file} cannot be read: {document.reason}")
    if document is not None and document.syntax == "shell":
        raise Uneditable(f"{file} is a shell script")
    if document is None:
        syntax = _syntax(path)
        return PatchedFile(file, tree, path, syntax, None, _EMPTY[syntax], (), False)
    marked = any(one.kind == "bom" for one in document.irregularities)
    hidden = SecretLines(document, packs)
    return PatchedFile(file, tree, path, document.syntax, document.text, document.text, hidden, marked)


def _syntax(path: str) -> Syntax:
    endings: dict[str, Syntax] = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}
    return endings.get(path[path.rfind(".") :], "json")
