"""What a tool found of what is planted, by `verdicts.yaml`: quotes that its own statements have to hold.

A statement is one entry of a list in the tool's report, or one line. A verdict holds when every one of its
quotes, a regular expression, matches the same statement; so anyone can look the sentence up. A tool without
a verdict for a problem missed it on this sample.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
FOUND, PARTLY, MISSED = "found", "partly", "missed"


@dataclass(frozen=True, slots=True)
class Score:
    """What one run found, how many statements it made, and how many of those are false alarms."""

    verdicts: Mapping[str, str]
    statements: int
    alarms: int

    def count(self, verdict: str) -> int:
        return sum(one == verdict for one in self.verdicts.values())


def planted() -> list[dict[str, str]]:
    return load("planted.yaml")


def load(name: str) -> Any:
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def statements(read: Mapping[str, Any], texts: Mapping[str, str]) -> list[str]:
    """The statements of a report; `texts` are what the run left: `file`, `stdout` and `stderr`."""
    text = texts.get(read["from"], "")
    also = texts.get(read.get("also", ""), "").splitlines()
    if read["as"] == "jsonl":
        return [*text.splitlines(), *also]
    try:
        report = json.loads(text)
    except ValueError:  # cut off, or nothing at all
        return also
    return [*(json.dumps(one, ensure_ascii=False) for at in read["at"] for one in _listed(report, at)), *also]


def _listed(report: Any, at: str) -> Iterator[Any]:
    for key in at.split("."):
        report = report.get(key) if isinstance(report, dict) else None
    if isinstance(report, list):
        yield from report


def score(tool: str, said: list[str]) -> Score:
    rules = load("verdicts.yaml").get(tool, {})
    verdicts = {one["id"]: _verdict(rules.get(one["id"], {}), said) for one in planted()}
    wrong = rules.get("false-alarms", [])
    return Score(verdicts, len(said), sum(any(_holds(one["quote"], text) for one in wrong) for text in said))


def _verdict(rule: Mapping[str, list[str]], said: list[str]) -> str:
    for verdict in (FOUND, PARTLY):
        if verdict in rule and any(_holds(rule[verdict], text) for text in said):
            return verdict
    return MISSED


def _holds(quotes: list[str], text: str) -> bool:
    return all(re.search(quote, text) for quote in quotes)
