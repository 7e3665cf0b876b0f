"""A pytest plugin that writes down what the tests of promises counted: `pytest -p tools.guarantees.record`.

It takes outcomes and what tests give by `record_property`; times are not kept, as they are of one machine.
Each test has a row with its last run. A run renews the rows of the tests that it ran with all their cases, or
that failed; it keeps those of tests that it did not run, and drops those of tests that no longer exist.
"""

import json
import platform
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tools.guarantees.collect import collect
from tools.guarantees.page import RUN as FILE

_CASES = "cases of this promise"
"""The property that says how many cases a test has, whatever a run leaves out."""


class Recorder:
    """Gathers the reports of one run, in the process that gets them all."""

    def __init__(self) -> None:
        self.cases: dict[str, int] = {}
        self.outcomes: dict[str, dict[str, str]] = defaultdict(dict)
        self.figures: dict[str, dict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
        self.reasons: dict[str, set[str]] = defaultdict(set)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Count the cases of each test before `-m`, `-k` and the like leave some out."""
        holding = [item for item in items if item.get_closest_marker("promise")]
        count = Counter(_test(item.nodeid) for item in holding)
        for item in holding:
            item.user_properties.append((_CASES, count[_test(item.nodeid)]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what came of a case: of its call, or of what failed or was skipped around it."""
        key = _test(report.nodeid)
        for name, value in report.user_properties:
            if name == _CASES and isinstance(value, int):
                self.cases[key] = value
            elif report.when == "teardown":
                self.figures[key][name].append(value)
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[key][report.nodeid] = report.outcome
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons[key].add(str(report.longrepr[2]).removeprefix("Skipped: "))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file, where this process saw the whole run."""
        if hasattr(session.config, "workerinput"):
            return
        when = f"{datetime.now(UTC).date()} with Python {platform.python_version()} on {platform.system()}"
        rows = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
        rows |= {key: {"run": when} | self._row(key) for key in self.outcomes if self._counts(key)}
        held = {test.key for test in collect(session.config.rootpath)}
        kept = {key: row for key, row in sorted(rows.items()) if key in held}
        FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def _counts(self, key: str) -> bool:
        """Whether a test ran whole, or failed: then no other case makes it pass."""
        outcomes = self.outcomes[key]
        return len(outcomes) == self.cases.get(key) or "failed" in outcomes.values()

    def _row(self, key: str) -> dict[str, object]:
        outcomes = Counter(self.outcomes[key].values())
        row: dict[str, object] = dict(sorted(outcomes.items()))
        if self.reasons[key]:
            row["reasons"] = sorted(self.reasons[key])
        if self.figures[key] and not outcomes["failed"]:
            row["figures"] = {name: _together(values) for name, values in sorted(self.figures[key].items())}
        return row


def _test(nodeid: str) -> str:
    """The test of a case."""
    return nodeid.partition("[")[0]


def _together(values: Sequence[object]) -> str:
    """What the cases of one test counted: their sum, or each value once."""
    if all(isinstance(one, int) for one in values):
        if len(values) > 1 and len(set(values)) == 1 and values[0] != 1:
            return f"{values[0]:,} in each of {len(values)} cases"
        return f"{sum(one for one in values if isinstance(one, int)):,}"
    return ", ".join(sorted({str(one) for one in values}))


def pytest_configure(config: pytest.Config) -> None:
    """Where this plugin is named, it records."""
    if any("[" in word for word in config.args):
        raise pytest.UsageError("figures are of whole tests: name a test without its case")
    config.pluginmanager.register(Recorder(), "promises")
