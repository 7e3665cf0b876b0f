"""The parts of a report that speak of the audit itself: what was read, what was not, what it came to."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Location


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """The program that wrote the report, and the knowledge it used."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class RunSettings:
    """The choices on the command line that change what the report says."""

    platform: str
    mode: str
    as_is: bool
    strict: bool
    fail_on: str
    profile: str
    packs: tuple[str, ...]
    """The packs whose policies were put; empty for all policies."""
    waivers: bool
    folder: str = ""
    """The audited folder below the root of its repository; empty where it is that root, or lies in none."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file that was read."""

    file: str
    sha256: str
    role: str
    """What it was read as: `Claude Code project servers`, `policy`, `saved manifest`."""
    masked: bool = False
    """Whether it holds a secret: then the digest is not of its bytes but of its data with secrets masked."""


@dataclass(frozen=True, slots=True)
class GapRow:
    """A part of the input that the audit could not take into account."""

    kind: str
    reason: str
    client: str
    location: Location


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """What became of one policy; with a population of 0 it is not applicable, which is no pass."""

    policy: str
    title: str
    severity: str
    population: int
    findings: int
    source: str
    controls: tuple[str, ...] = ()
    """What the policy says that it supports, as in `nist-800-53:AC-6`."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the audit saw, and above all what it did not."""

    clients: tuple[str, ...]
    """The clients whose files were looked for."""
    levels: tuple[str, ...]
    """Where they were looked for: `project`, `user`, `system`."""
    files_read: int
    credential_files: tuple[str, ...]
    """The files with secrets that were read beside these; a digest of one would derive from its secrets."""
    gaps: tuple[GapRow, ...]
    without_manifest: tuple[str, ...]
    """Servers whose tools are not known."""
    incomplete_manifests: tuple[str, ...]
    policies: tuple[PolicyRow, ...]
    limits: tuple[str, ...]
    """What this audit cannot know or did not analyse, one sentence each."""

    @property
    def unread(self) -> tuple[GapRow, ...]:
        """The gaps through which something may be missing: all but what clients pass over themselves."""
        return tuple(gap for gap in self.gaps if gap.kind != "without-effect")


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts that a reader sees first, and the verdict."""

    verdict: str
    """`clean`, `findings`, `undecided` or `nothing-collected`."""
    exit_code: int
    agents: int
    servers: int
    installations: int
    tools: int
    resources: int
    silent_changes: int
    """Tools that change something and run without asking in the audited mode."""
    by_severity: tuple[tuple[str, int], ...]
    by_status: tuple[tuple[str, int], ...]
