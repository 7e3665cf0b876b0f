"""What a SARIF file for code hosts has to hold beyond the schema: references, limits, places."""

import re
from typing import Any

Node = dict[str, Any]


def check(run: Node, *, anchored: bool = True) -> None:
    """Fail at the first thing that refers to nothing or that GitHub would refuse."""
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules) <= 25_000
    for rule in rules:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert 0.1 <= float(rule["properties"]["security-severity"]) <= 10
        assert rule["properties"]["tags"][0] == "security"
        assert len(rule["properties"]["tags"]) == len(set(rule["properties"]["tags"])) <= 10
    for result in run["results"]:
        _check_result(result, rules, anchored)
    hashes = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(hashes)) == len(hashes) <= 25_000, "two alerts that GitHub would take for one"
    for location in locations(run):
        uri, region = location["artifactLocation"]["uri"], location["region"]
        assert re.fullmatch(r"[\w/~@+,=!$&'().%-]+", uri, re.ASCII)
        assert not uri.startswith(("/", "~"))
        assert ".." not in uri.split("/")
        assert location["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        assert 1 <= region["startLine"] <= region["endLine"]
        assert 1 <= region["startColumn"] < region["endColumn"]


def _check_result(result: Node, rules: list[Node], anchored: bool) -> None:
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in ("error", "warning", "note")
    assert result["message"]["text"]
    assert result["partialFingerprints"]["primaryLocationLineHash"].endswith(":1")
    assert 1 <= len(result["locations"]) <= 100
    if anchored:
        assert result["locations"][0]["physicalLocation"]
    related = result.get("relatedLocations", [])
    assert [node["id"] for node in related] == list(range(1, len(related) + 1))
    linked = re.findall(r"(?<!\\)\]\((.*?)\)", result["message"]["text"])
    assert {int(target) for target in linked} <= {node["id"] for node in related}
    for flow in result.get("codeFlows", ()):
        (thread,) = flow["threadFlows"]
        assert 1 <= len(thread["locations"]) <= 1_000
        assert all(step["location"]["message"]["text"] for step in thread["locations"])
        assert all(step["location"]["physicalLocation"] for step in thread["locations"])


def locations(node: Any) -> list[Node]:
    """All physical locations of a tree."""
    if isinstance(node, dict):
        own = [node["physicalLocation"]] if "physicalLocation" in node else []
        return own + [found for value in node.values() for found in locations(value)]
    return [found for value in node for found in locations(value)] if isinstance(node, list) else []
