"""Targets: the files that people write for mcpaudit, and those that it writes and reads back."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from mcpaudit.manifests.lock.read import read_lock
from mcpaudit.policy.codeowners import owners_of
from mcpaudit.policy.configuration import read_configuration, read_profile
from mcpaudit.policy.policy import load
from mcpaudit.policy.waivers import read_register
from mcpaudit.policy_tests import suites
from mcpaudit.probes import read_probes
from mcpaudit.report.build_access_review import read_sheets
from mcpaudit.report.canonical import from_json
from mcpaudit.review import facts, policies
from mcpaudit.signoff import dsse, keys, sshsig, statement
from mcpaudit.signoff.signers import read_signers
from mcpaudit.usage.evidence import read_evidence
from tests.fuzz.target import Target, refused
from tests.report.sample import SAMPLE

_POLICY = """apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: own, title: A policy, severity: high}
spec: {for: installation, where: "true", message: a, why: b, fix: c}
"""


def _file(name: str, shape: str, file: str, read: Callable[[Path], object]) -> Target:
    """A target whose bytes are one file."""

    def run(raw: bytes, folder: Path) -> None:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        refused(lambda: read(path), Path(file).name)

    return Target(name, shape, run)


def _bytes(name: str, shape: str, read: Callable[[bytes], object]) -> Target:
    """A target that reads no file."""
    return Target(name, shape, lambda raw, _folder: refused(lambda: read(raw)))


def _condition(raw: bytes, folder: Path) -> None:
    """The bytes as the condition of a policy that is right otherwise."""
    text = raw.decode("utf-8", "replace").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    path = folder / "own.yaml"
    path.write_text(_POLICY.replace('"true"', f'"{text}"'), encoding="utf-8")
    refused(lambda: load([path]), "own.yaml")


def _tests(raw: bytes, folder: Path) -> None:
    (folder / "own.yaml").write_text(_POLICY, encoding="utf-8")
    (folder / "own_test.yaml").write_bytes(raw)
    refused(lambda: suites([folder]), "own_test.yaml")


def _sheet(raw: bytes) -> object:
    return read_sheets([("sheet.csv", raw.decode("utf-8", "replace"))], SAMPLE, date(2026, 12, 1))


def _owners(raw: bytes, folder: Path) -> None:
    (folder / "CODEOWNERS").write_bytes(raw)
    assert all("@" in one for one in owners_of(f"docs/{'a' * 40}/b.yaml", folder))


TARGETS = (
    _file("mcpaudit.yaml", "yaml", "mcpaudit.yaml", lambda path: read_configuration(path, path.name)),
    _file("profile.yaml", "yaml", "profile.yaml", lambda path: read_profile(path, path.name)),
    _file(
        "waivers.yaml", "yaml", ".mcpaudit/waivers.yaml", lambda path: read_register(path.parent, ".mcpaudit")
    ),
    _file(
        "baseline.json",
        "json",
        ".mcpaudit/baseline.json",
        lambda path: read_register(path.parent, ".mcpaudit"),
    ),
    _file("policy.yaml", "yaml", "policy.yaml", lambda path: load([path])),
    Target("policy_test.yaml", "yaml", _tests),
    Target("condition", "cel", _condition),
    Target("codeowners", "lines", _owners),
    _file("lock", "json", "mcpaudit.lock", lambda path: read_lock(path)),
    _file("probe-evidence", "json", "probes.json", lambda path: read_probes(path, path.name)),
    _file("usage-evidence", "json", "usage.json", lambda path: read_evidence(path, path.name)),
    _bytes("report.json", "json", from_json),
    _bytes("review-facts", "lines", facts.read),
    _bytes("review-policy", "yaml", lambda raw: policies.read({"own.yaml": raw})),
    _bytes("review-statement", "json", lambda raw: statement.read(raw, "statement.json")),
    _bytes("review-dsse", "json", lambda raw: dsse.read(raw, "x.dsse.json")),
    _bytes("review-sshsig", "text", lambda raw: sshsig.read(raw, "x.sig")),
    _bytes("review-signers", "lines", lambda raw: read_signers(raw, "signers")),
    _file("review-key", "text", "key", keys.load),
    _bytes("access-review-sheet", "csv", _sheet),
)
