"""The SBOM of mcpaudit itself says what the locks say, and no more."""

import json
import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tools.supply.lock import read_lock
from tools.supply.sbom import FILE, bom, licences, pages, shipped

pytestmark = pytest.mark.promise("supply-chain")

ROOT = Path(__file__).resolve().parent.parent.parent
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD-3-Clause",
    "CC0-1.0",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-1.1",
    "PSF-2.0",
    "Zlib",
}
"""Licences that ask at most for their notice, or for changes of their own files, of whoever uses them."""
Property = Callable[[str, object], None]
BOM: dict[str, Any] = json.loads(pages()[FILE])


def packages(scope: str) -> dict[str, dict[str, Any]]:
    return {
        one["purl"]: one
        for one in BOM["components"]
        if one["scope"] == scope and one.get("purl", "").startswith("pkg:pypi/")
    }


def test_the_packages_of_the_lock_are_those_of_the_sbom_with_all_their_hashes(
    record_property: Property,
) -> None:
    lock = {one.purl: one for one in read_lock(ROOT / "requirements.lock")}
    required = packages("required")
    assert set(required) == set(lock)
    for purl, component in required.items():
        (files,) = component["externalReferences"]
        assert [one["content"] for one in files["hashes"]] == list(lock[purl].hashes)
    record_property("components", len(BOM["components"]))


def test_the_extras_are_optional_and_what_only_development_needs_is_left_out() -> None:
    optional = {component["name"] for component in packages("optional").values()}
    assert {"weasyprint", "highspy", "cryptography", "opentelemetry-sdk"} <= optional | {
        component["name"] for component in packages("required").values()
    }
    assert "weasyprint" in optional
    assert not optional & {"pytest", "ruff", "mypy", "playwright", "hypothesis"}


def test_what_lies_inside_the_wheel_is_named_with_its_digest() -> None:
    inside = {one["name"]: one for one in BOM["components"] if "hashes" in one}
    told = (ROOT / "reports/templates/vendor/SHA256SUMS.sha256").read_text(encoding="utf-8")
    assert inside["cytoscape"]["hashes"][0]["content"] == told.split()[0]
    assert inside["cytoscape"]["purl"].startswith("pkg:npm/cytoscape@3.")
    vendored = {path.name for path in (ROOT / "reports/templates/vendor").glob("*.js")}
    assert vendored == {"cytoscape.min.js"}
    tables = {path.name for path in (ROOT / "mcpaudit/knowledge/tables").glob("*.txt")}
    assert {name.rpartition("/")[2] for name in inside} == tables | {"cytoscape"}


def test_no_reference_dangles_and_every_component_is_needed_by_something() -> None:
    root = BOM["metadata"]["component"]["bom-ref"]
    refs = [root, *(one["bom-ref"] for one in BOM["components"])]
    assert len(set(refs)) == len(refs)
    needs = {row["ref"]: row["dependsOn"] for row in BOM["dependencies"]}
    assert len(needs) == len(BOM["dependencies"])
    assert set(needs) == set(refs)
    reached, todo = {root}, [root]
    while todo:
        new = set(needs[todo.pop()]) - reached
        reached |= new
        todo += new
    assert reached == set(refs)
    for composition in BOM["compositions"]:
        assert set(composition.get("assemblies", [])) | set(composition.get("dependencies", [])) <= set(refs)


def test_its_own_strict_validator_accepts_it() -> None:
    pytest.importorskip("cyclonedx", reason="cyclonedx-python-lib[validation] is not installed")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(pages()[FILE]) is None


def test_the_same_locks_give_the_same_bytes_and_no_time_is_in_them() -> None:
    assert bom() == bom()
    assert "timestamp" not in pages()[FILE]


def test_every_licence_is_known_and_lets_the_package_be_used(record_property: Property) -> None:
    known = licences()
    assert set(known) == {one.name for one, _ in shipped()}
    for expression in set(known.values()):
        # Of a choice one part has to be allowed, of a sum all.
        choices = [set(re.split(r" AND ", choice)) for choice in expression.split(" OR ")]
        assert any(choice <= ALLOWED for choice in choices), expression
    record_property("licences", len(set(known.values())))


def test_licences_are_those_that_the_packages_declare() -> None:
    installed = 0
    for name, expression in licences().items():
        try:
            told = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue
        installed += 1
        if "License-Expression" in told:
            assert told["License-Expression"] == expression, name
            continue
        words = " ".join([told.get("License") or "", *(told.get_all("Classifier") or [])])
        families = {re.split(r"[- ]", one)[0] for one in expression.split(" OR ")}
        assert any(re.search(rf"\b{family}", words) for family in families), name
    assert installed > 30
