"""What is asked of an audit, and the configuration that goes with it."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mcpaudit.dataclass import dataclass
from mcpaudit.model.configuration import Configuration, Profile
from mcpaudit.model.decision import Mode
from mcpaudit.model.finding import Severity
from mcpaudit.model.site import Site
from mcpaudit.model.supposition import Supposition
from mcpaudit.parsing.document import Document
from mcpaudit.policy.configuration import FILE, find_profile, read_configuration

if TYPE_CHECKING:
    from mcpaudit.model.lock import Lock


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be audited, and how."""

    site: Site
    as_of: date
    given: Path | None = None
    """A configuration file named by hand; then only that file is read."""
    manifests: Path | None = None
    profile: str = ""
    policies: tuple[Path, ...] = ()
    packs: tuple[str, ...] = ()
    """Only the policies of these packs; empty for all."""
    fail_on: Severity | None = None
    mode: Mode = "interactive"
    as_is: bool = False
    strict: bool = False
    waivers: bool = True
    usage: tuple[Path, ...] = ()
    """Usage evidence, or logs that are read for it."""
    probes: Path | None = None
    """Probe evidence; without it the file in `.mcpaudit`, where there is one."""
    shipped_policies: bool = True
    sign_off: bool = True
    """Whether the newest review is looked at, where the configuration asks for one."""
    fixes: bool = True
    """Whether edits that would answer the findings are worked out."""
    solver: bool = False
    """Whether the extra solver settles what the search for the smallest set leaves open."""
    supposed: Supposition | None = None
    """What is to be otherwise than the files say."""
    rules: Path | None = None
    """The folder whose `mcpaudit.yaml`, `.mcpaudit` and lock judge, where it is not the audited one: so
    that a change is judged by what was there before it."""
    original: Path | None = None
    """The folder that `rules` is a copy of: packs outside of it lie beside that one."""
    proposed: "Lock | None" = None
    """A lock that nobody has accepted yet: it may add abilities, and proves nothing."""
    correlation_key: bytes = field(default=b"", repr=False)
    """Makes equal secrets recognisable in the reports of several machines; empty for none."""
    instead: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Contents that count in place of files, by the name that reports show."""

    @property
    def own(self) -> Path | None:
        """The folder of mcpaudit's own files."""
        return self.rules or self.site.project


def configuration_of(request: Request) -> tuple[Configuration, dict[str, Document]]:
    """`mcpaudit.yaml` of the project, with the profile that the command line names."""
    project = request.own
    configuration, files = Configuration(), {}
    if project is not None and (project / FILE).is_file():
        configuration, document = read_configuration(project / FILE, FILE)
        files[FILE] = document
    if request.profile:
        chosen: Profile = find_profile(request.profile, project)
        agents = next((one.agents for one in configuration.profiles if one.id == chosen.id), ())
        chosen = replace(chosen, agents=agents)
        configuration = replace(configuration, profiles=(chosen,))
    return configuration, files
