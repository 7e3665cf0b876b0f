"""What lies where in a packet.

```
README.txt  manifest.sha256  statement.json
report.json and the documents made from it
facts.jsonl  policies/  inputs/       what the findings can be worked out from again
signatures/01-NAME.statement.json     what one person signs, .sig and .dsse.json beside it
```
"""

import hashlib
from collections.abc import Iterable, Mapping

from mcpaudit.dataclass import dataclass

README, MANIFEST, STATEMENT = "README.txt", "manifest.sha256", "statement.json"
REPORT, FACTS = "report.json", "facts.jsonl"
POLICIES, INPUTS, SIGNATURES = "policies/", "inputs/", "signatures/"
SIGNED, SSHSIG, DSSE = ".statement.json", ".statement.json.sig", ".dsse.json"
"""Endings of the files of one decision."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a packet, made from its report."""

    format: str
    repeatable: bool = True
    """Whether the same report and version give the same bytes on every machine."""


DOCUMENTS: dict[str, Document] = {
    "sign-off.html": Document("sign-off"),
    "report.html": Document("html"),
    "report.md": Document("markdown"),
    "findings.csv": Document("csv-findings"),
    "access.csv": Document("csv"),
    "access-review.html": Document("access-review"),
    "access-review.csv": Document("access-review-csv"),
    "evidence.html": Document("evidence"),
    "report.sarif": Document("sarif-full"),
    "oscal-assessment-results.json": Document("oscal-ar"),
}
"""One line a document: its file, and the format of `mcpaudit render`."""


def outside_manifest(name: str) -> bool:
    """Whether a file is bound by signatures and not by the manifest."""
    return name in (MANIFEST, STATEMENT) or name.startswith(SIGNATURES)


def sha256(content: bytes) -> str:
    """The digest by which a packet names a file."""
    return hashlib.sha256(content).hexdigest()


def listing(files: Mapping[str, bytes], names: Iterable[str]) -> str:
    """What `sha256sum` prints for these files, in the order of their names."""
    return "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(names))


def manifest(files: Mapping[str, bytes]) -> bytes:
    """The manifest of a packet's files."""
    return listing(files, (name for name in files if not outside_manifest(name))).encode()


def sealed(name: str) -> bool:
    """Whether a file is part of what the next review names: the statement and the signatures on it."""
    return name == STATEMENT or name.startswith(SIGNATURES)


def seal(files: Mapping[str, bytes]) -> str:
    """The digest of a whole review, by which the next one names it: of its statement and its signatures."""
    return sha256(listing(files, filter(sealed, files)).encode())
