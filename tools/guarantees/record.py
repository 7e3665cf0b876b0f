"""A pytest plugin that writes down what the tests of promises counted: `pytest -p tools.guarantees.record`.

It takes outcomes and what tests give by `record_property`; times are not kept, as they are of one machine.
"""

import json
import platform
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parent / "last-run.json"


class Recorder:
    """Gathers the reports of one run, in the process that gets them all."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Counter[str]] = defaultdict(Counter)
        self.figures: dict[str, dict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
        self.reasons: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a case once: by its call, or by what came of its set-up where it was never called."""
        key = report.nodeid.partition("[")[0]
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[key][report.outcome] += 1
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons[key].add(str(report.longrepr[2]).removeprefix("Skipped: "))
        if report.when == "teardown":
            for name, value in report.user_properties:
                self.figures[key][name].append(value)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file, where this process saw the whole run."""
        if hasattr(session.config, "workerinput"):
            return
        tests = {key: self._row(key) for key in sorted(self.outcomes)}
        run = {
            "date": datetime.now(UTC).date().isoformat(),
            "python": platform.python_version(),
            "system": platform.system(),
            "tests": tests,
        }
        FILE.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def _row(self, key: str) -> dict[str, object]:
        row: dict[str, object] = dict(sorted(self.outcomes[key].items()))
        if self.reasons[key]:
            row["reasons"] = sorted(self.reasons[key])
        if self.figures[key]:
            row["figures"] = {name: _together(values) for name, values in sorted(self.figures[key].items())}
        return row


def _together(values: Sequence[object]) -> str:
    """What the cases of one test counted: their sum, or each value once."""
    if all(isinstance(one, int) for one in values):
        if len(values) > 1 and len(set(values)) == 1:
            return f"{values[0]:,} in each of {len(values)} cases"
        return f"{sum(one for one in values if isinstance(one, int)):,}"
    return ", ".join(sorted({str(one) for one in values}))


def pytest_configure(config: pytest.Config) -> None:
    """Where this plugin is named, it records."""
    config.pluginmanager.register(Recorder(), "promises")
