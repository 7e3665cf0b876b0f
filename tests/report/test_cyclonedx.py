"""CycloneDX: every reference leads somewhere, which its own validator does not check."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mcpaudit.model.report import Report
from mcpaudit.model.report_inventory import PackageRow
from mcpaudit.report import cyclonedx
from mcpaudit.report.canonical import digest
from mcpaudit.report.purl import purl
from tests.hostile import HOSTILE
from tests.report.hostile_report import strings, with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE
from tests.report.sample_controls import CONTROLLED

REPORTS = [SAMPLE, CONTROLLED, NOTHING, CLEAN, *map(with_hostile, HOSTILE.values())]


def bom(report: Report) -> dict[str, Any]:
    loaded = json.loads(cyclonedx.render(report))
    assert isinstance(loaded, dict)
    return loaded


def held(node: Any, key: str) -> Iterator[str]:
    """Every string below this key, anywhere in the tree."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield from strings(value)
            else:
                yield from held(value, key)
    elif isinstance(node, list):
        for item in node:
            yield from held(item, key)


def properties(node: dict[str, Any], name: str) -> list[str]:
    return [one["value"] for one in node["properties"] if one["name"] == f"mcpaudit:{name}"]


@pytest.mark.parametrize("report", REPORTS)
def test_no_reference_dangles_and_none_is_given_twice(report: Report) -> None:
    found = bom(report)
    refs = list(held(found, "bom-ref"))
    assert len(set(refs)) == len(refs)
    for key in (
        "ref",
        "dependsOn",
        "target",
        "evidence",
        "assessor",
        "requirement",
        "claims",
        "counterClaims",
    ):
        part = found["dependencies"] if key in ("ref", "dependsOn") else found["declarations"]
        if key in ("evidence", "claims"):
            part = (
                [part.get("claims"), part.get("attestations")]
                if key == "evidence"
                else part.get("attestations")
            )
        assert set(held(part, key)) <= set(refs), key
    sources = [row["ref"] for row in found["dependencies"]]
    assert len(set(sources)) == len(sources)


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS)
def test_its_own_strict_validator_accepts_it(report: Report) -> None:
    pytest.importorskip("cyclonedx", reason="cyclonedx-python-lib[validation] is not installed")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(cyclonedx.render(report)) is None


def test_servers_are_services_with_their_tools_and_packages_are_components() -> None:
    found = bom(SAMPLE)
    services = {properties(one, "server")[0]: one for one in found["services"]}
    assert set(services) == {row.id for row in SAMPLE.servers}
    for row in SAMPLE.servers:
        service = services[row.id]
        assert service["x-trust-boundary"] == bool(row.url)
        assert service.get("endpoints", []) == ([row.url] if row.url else [])
        tools = [one.name for one in SAMPLE.tools if one.server == row.id]
        assert sorted(one["name"] for one in service.get("services", ())) == sorted(tools)
        if row.package:
            (depends,) = [
                one["dependsOn"] for one in found["dependencies"] if one["ref"] == service["bom-ref"]
            ]
            (component,) = [one for one in found["components"] if one["bom-ref"] in depends]
            assert component["purl"] == purl(row.package)
            assert ("version" in component) == row.package.pinned


def test_every_reach_is_a_flow_of_data() -> None:
    found = bom(SAMPLE)
    flows = {
        (properties(service, "server")[0], flow["name"])
        for service in found["services"]
        for part in (service, *service.get("services", ()))
        for flow in part.get("data", ())
    }
    assert flows == {(row.server, row.resource) for row in SAMPLE.access}


@pytest.mark.parametrize(
    ("actions", "flow"),
    [
        (("read",), "outbound"),
        (("write",), "inbound"),
        (("read", "delete"), "bi-directional"),
        ((), "unknown"),
    ],
)
def test_the_direction_is_the_servers(actions: tuple[str, ...], flow: str) -> None:
    report = replace(SAMPLE, access=(replace(SAMPLE.access[0], actions=actions),))
    assert list(held(bom(report)["services"], "flow")) == [flow]


def test_a_clean_policy_is_a_claim_a_finding_a_counter_claim_and_neither_a_score() -> None:
    found = bom(CONTROLLED)
    titles = {
        one["bom-ref"]: f"{standard['name']}:{one['identifier']}"
        for standard in found["definitions"]["standards"]
        for one in standard["requirements"]
    }
    (attestation,) = found["declarations"]["attestations"]
    mapped = {titles[one["requirement"]]: one for one in attestation["map"]}
    assert "claims" in mapped["nist-800-53:AC-4"]
    assert "counterClaims" not in mapped["nist-800-53:AC-4"]
    assert "counterClaims" in mapped["nist-800-53:AC-6"]
    assert "claims" not in mapped["nist-800-53:AC-6"]
    assert "nist-800-53:SI-7" not in mapped
    assert not any("conformance" in one for one in attestation["map"])
    assert "compliant" not in json.dumps(found["declarations"]).lower()


def test_the_serial_number_is_the_reports() -> None:
    assert bom(SAMPLE)["serialNumber"] != bom(CLEAN)["serialNumber"]
    assert bom(SAMPLE)["metadata"]["timestamp"] == f"{SAMPLE.as_of}T00:00:00Z"
    assert digest(SAMPLE) in properties(bom(SAMPLE)["metadata"], "report-sha256")


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        (PackageRow("npm", "@scope/name", "1.2.3", True), "pkg:npm/%40scope/name@1.2.3"),
        (PackageRow("npm", "name", "latest", False), "pkg:npm/name"),
        (PackageRow("pypi", "My_Server.x", "1.0", True), "pkg:pypi/my-server-x@1.0"),
        (
            PackageRow("oci", "ghcr.io/acme/Srv", "sha256:ab", True),
            "pkg:oci/srv@sha256%3Aab?repository_url=ghcr.io%2Facme%2FSrv",
        ),
        (PackageRow("mcpb", "a b?x#y", "1", True), "pkg:generic/a%20b%3Fx%23y@1"),
    ],
)
def test_package_urls(package: PackageRow, expected: str) -> None:
    assert purl(package) == expected
