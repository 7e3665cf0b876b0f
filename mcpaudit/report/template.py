"""Templates of documents: the shipped ones, and a user's own folder that goes before them.

`--templates DIR` holds files under the names of shipped ones, and parts of the user's own, whose names begin
with `_`. `{% extends "mcpaudit/NAME" %}` takes the shipped file and replaces some of its blocks. Templates
run in Jinja2's sandbox with autoescape on: one from a colleague reads the report and nothing else.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ConfigurationError, Mistake, UsageError, did_you_mean
from mcpaudit.report.template_filters import FILTERS, shown
from mcpaudit.shipped import PACKAGE

if TYPE_CHECKING:
    from jinja2 import Environment

SHIPPED = "mcpaudit/"
"""What stands before the name of a shipped template, for one of the same name that builds on it."""
_MAX_BYTES = 1_000_000
_FIXED = (".js", ".txt", ".sha256")
"""Scripts are named by the page's security policy and stay the project's own; so do licences."""


@dataclass(frozen=True, slots=True)
class Templates:
    """Where the text of a template comes from."""

    own: Path | None = None
    """The user's folder."""

    def __post_init__(self) -> None:
        if self.own is not None:
            _check(self.own)

    def text(self, name: str) -> str:
        """The text of one template: the user's, else the shipped one."""
        file = self._file(name)
        return file.read_text("utf-8") if file else shipped(name)

    def render(self, name: str, **values: object) -> str:
        """A template with these values; raises ConfigurationError for a mistake in the user's own."""
        try:
            return self.environment().get_template(name).render(**values)
        except Exception as error:
            if mistake := self._mistake(error):
                raise ConfigurationError([mistake]) from error
            raise

    def environment(self) -> "Environment":
        """The sandbox, with what all templates may use."""
        from jinja2 import FunctionLoader, StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._source),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=shown,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters.update(FILTERS)
        return environment

    def _file(self, name: str) -> Path | None:
        if self.own is None or name.startswith(SHIPPED) or name.endswith(_FIXED):
            return None
        file = self.own / name
        return file if file.is_file() else None

    def _source(self, name: str) -> tuple[str, str | None, None] | None:
        """As Jinja2 wants it: the text, and for the user's own the file that its mistakes name."""
        file = self._file(name)
        if file:
            return file.read_text("utf-8"), str(file), None
        name = name.removeprefix(SHIPPED)
        return (shipped(name), None, None) if name in names() else None

    def _mistake(self, error: Exception) -> Mistake | None:
        """Where in the user's templates something is wrong; nothing where it is not theirs."""
        from jinja2 import TemplateNotFound, TemplateSyntaxError

        if isinstance(error, TemplateSyntaxError):
            return Mistake(error.filename or "", error.lineno, 1, error.message or "it cannot be read")
        # Jinja2 gives the frames of a template the template's own file and lines.
        frame, found = error.__traceback__, None
        while frame is not None:
            if Path(frame.tb_frame.f_code.co_filename).is_relative_to(self.own or "/"):
                found = (frame.tb_frame.f_code.co_filename, frame.tb_lineno)
            frame = frame.tb_next
        if found is None:
            return None
        said = str(error) or type(error).__name__
        if isinstance(error, TemplateNotFound):
            said = f"there is no template `{error.name}`"
            return Mistake(*found, 1, said, did_you_mean(str(error.name), names()))
        return Mistake(*found, 1, said)


AS_SHIPPED = Templates()


def _check(own: Path) -> None:
    """Raise for a folder in which a file would silently do nothing."""
    if not own.is_dir():
        raise UsageError(f"--templates takes a folder, and {own} is none")
    try:
        files = sorted(own.rglob("*"))
    except OSError as error:
        raise UsageError(f"cannot read {own}: {error.strerror}") from error
    mistakes = [
        Mistake(str(file), 0, 0, *wrong)
        for file in files
        if file.is_file() and (wrong := _wrong(file, file.relative_to(own)))
    ]
    if mistakes:
        raise ConfigurationError(mistakes)


def _wrong(file: Path, path: Path) -> tuple[str, str] | None:
    name = path.as_posix()
    if any(part.startswith(".") for part in path.parts):
        return None
    if name.endswith(_FIXED):
        return "scripts and licences cannot be replaced; templates and styles can", ""
    if name not in names() and not path.name.startswith("_"):
        known = ", ".join(name for name in names() if not name.endswith(_FIXED))
        hint = did_you_mean(name, names()) or f"there are {known}; a part of your own begins with `_`"
        return f"there is no template `{name}`", hint
    if file.stat().st_size > _MAX_BYTES:
        return f"a template has at most {_MAX_BYTES} bytes", ""
    try:
        file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return "it cannot be read as UTF-8", ""
    return None


def shipped(name: str) -> str:
    """The text of a shipped template, script, style or licence."""
    return _root().joinpath(name).read_text("utf-8")


@cache
def names() -> tuple[str, ...]:
    """All that is shipped."""
    return tuple(sorted(_walk(_root(), "")))


def _walk(folder: Path, above: str) -> Iterator[str]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _walk(one, f"{above}{one.name}/")
        else:
            yield above + one.name


@cache
def _root() -> Path:
    """In the installed package, or beside it in a source checkout."""
    packaged = PACKAGE / "templates"
    return packaged if packaged.is_dir() else PACKAGE.parent / "reports/templates"
