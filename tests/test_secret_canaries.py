"""Promise: no output holds a part of a secret, and none can be used to test a guess at one."""

import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcpaudit.audit import audit
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.model.report import Report
from mcpaudit.report.formats import FORMATS, TEXTS, render
from mcpaudit.request import Request
from tests.canaries import Leak, Search
from tests.installation import AS_OF, servers, site_of
from tests.planting import UNREAD, Planted, site

pytestmark = pytest.mark.promise("secrets")
Record = Callable[[str, object], None]


@cache
def search() -> Search:
    return Search(site().canaries)


@cache
def report(salt: str = "") -> Report:
    """The audit of all clients' files with everything planted."""
    with TemporaryDirectory() as folder:
        return audited(Path(folder), site(salt))


def audited(folder: Path, planted: Planted) -> Report:
    """Paths of the project stand in some files, and two of them differ."""
    files = {
        name: content.replace("@project@", "/project") if isinstance(content, str) else content
        for name, content in planted.files.items()
    }
    return audit(Request(site_of(folder, files), AS_OF))


def told(leaks: set[Leak]) -> list[str]:
    return sorted(f"{one.canary.shape} in {one.canary.place}: {one.form}" for one in leaks)


def test_canaries_of_every_shape_are_read_for_every_client(record_property: Record) -> None:
    planted = site()
    record_property("canaries planted", len(planted.canaries))
    record_property("clients planted", len(CLIENTS) - len(UNREAD))
    record_property("shapes of secrets", len({one.shape for one in planted.canaries}))
    seen = {one.client for one in report().installations if not one.id.endswith(f"builtin:{one.client}")}
    assert seen >= {one.id for one in CLIENTS} - UNREAD - {"visual-studio"}
    assert len({one.secret for one in planted.canaries}) == len(planted.canaries)
    assert len(report().credentials) > 700


@pytest.mark.parametrize("format", TEXTS)
def test_no_part_of_a_canary_is_in_a_report(format: str, record_property: Record) -> None:
    output = render(report(), format)
    record_property("characters searched", len(output))
    assert told(search().leaks(output)) == []
    assert len(output) > 1000 or format == "patch"


def test_another_secret_of_the_same_kind_and_length_gives_the_same_report() -> None:
    """Nothing in a report can be used to test a guess at a secret: no digest, no order, no number."""
    assert render(report(), "json") == render(report("another"), "json")


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0), st.sampled_from(sorted({one.id for one in CLIENTS} - UNREAD - {"visual-studio"})))
def test_no_part_of_any_other_secret_of_a_shape_is_in_a_report(salt: int, client: str) -> None:
    planted = site(f"random {salt}", clients=(client,))
    with TemporaryDirectory() as folder:
        found = audited(Path(folder), planted)
    output = b"".join(render(found, format) for format in ("json", "text", "markdown"))
    assert told(Search(planted.canaries).leaks(output)) == []


@pytest.mark.slow
@pytest.mark.parametrize("format", TEXTS)
def test_another_secret_of_the_same_kind_and_length_gives_the_same_bytes(format: str) -> None:
    assert render(report(), format) == render(report("another"), format)


def test_nor_for_the_client_that_is_on_windows_only(tmp_path: Path) -> None:
    planted = site(clients=("visual-studio",))
    found = Search(planted.canaries)
    request = Request(site_of(tmp_path, planted.files, platform="windows"), AS_OF)
    assert "visual-studio" in {one.client for one in audit(request).installations}
    assert told(found.leaks(render(audit(request), "json"))) == []


@pytest.mark.slow
@pytest.mark.parametrize("format", [name for name in FORMATS if name not in TEXTS])
def test_no_part_of_a_canary_is_in_the_text_of_a_pdf(format: str) -> None:
    from pypdf import PdfReader

    # A document of all clients would take minutes.
    planted = site(clients=("claude-code", "cursor"))
    with TemporaryDirectory() as folder:
        output = render(audited(Path(folder), planted), format)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(output)).pages)
    assert "cursor" in text.lower()
    assert told(Search(planted.canaries).leaks(text)) == []
    assert told(Search(planted.canaries).leaks(output.decode("latin-1"))) == []


@pytest.mark.slow
def test_no_part_is_in_a_report_wherever_each_shape_is_planted(record_property: Record) -> None:
    planted = site(thorough=True)
    record_property("canaries planted one by one", len(planted.canaries))
    found = Search(planted.canaries)
    with TemporaryDirectory() as folder:
        whole = audited(Path(folder), planted)
    for format in TEXTS:
        assert told(found.leaks(render(whole, format))) == [], format


def test_a_changed_secret_leaves_its_file_the_same_and_all_else_changes_it(tmp_path: Path) -> None:
    """The digest of a file with a secret heeds everything in it but the secret."""

    def digest(number: int, token: str, word: str, comment: str = "") -> tuple[str, bool]:
        entry = {"command": "npx", "args": [word], "env": {"A_TOKEN": token}}
        files = {".cursor/mcp.json": json.dumps(servers(a=entry)) + comment}
        rows = audit(Request(site_of(tmp_path / str(number), files), AS_OF)).inputs
        row = next(one for one in rows if one.file == ".cursor/mcp.json")
        return row.sha256, row.masked

    first = digest(1, "hunter2hunter2", "server-x")
    assert first == digest(2, "letmein-9letmein", "server-x")
    assert first != digest(3, "hunter2hunter2", "server-y")
    assert first[1]
    assert digest(4, "${A_TOKEN}", "server-x") != digest(5, "${A_TOKEN}", "server-x", " ")
    noted = [
        digest(6 + at, "${A_TOKEN}", "x", f'\n// "API_KEY": "{word}"\n')
        for at, word in enumerate(("kd83jf72", "x9f3lw02"))
    ]
    assert noted[0] == noted[1]
    assert noted[0][1]
