"""Variables as each client expands them, and which of several entries loads."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.clients.variables import Expand, braced, named, nothing, shell_like
from mcpaudit.model.site import Site

SITE = Site(Path("/p/app"), Path("/h"), env={"A": "1", "EMPTY": ""})
WINDOWS = Site(Path("/p/app"), None, platform="windows")


@pytest.mark.parametrize(
    ("expand", "text", "result", "missing"),
    [
        (nothing, "$A ${A} ${env:A}", "$A ${A} ${env:A}", ()),
        (braced, "x${A}y", "x1y", ()),
        (braced, "$A", "$A", ()),
        (braced, "${B}", "${B}", ("${B}",)),
        (braced, "${B:-d/${A}", "d/${A", ()),
        (braced, "${B:-}", "", ()),
        (braced, "${A:-d}", "1", ()),
        (braced, "${EMPTY:-d}", "d", ()),
        (braced, "${EMPTY}", "", ()),
        (braced, "${B}${B}${C}", "${B}${B}${C}", ("${B}", "${C}")),
        (braced, "${env:A}", "${env:A}", ()),
        (shell_like, "$A-${A}-${B:-d}", "1-1-d", ()),
        (shell_like, "$B/x", "$B/x", ("$B",)),
        (named, "${env:A}", "1", ()),
        (named, "${env:B}", "${env:B}", ("${env:B}",)),
        (named, "${env:B:d}", "d", ()),
        (named, "${input:tok}", "${input:tok}", ("${input:tok}",)),
        (named, "${workspaceFolder}/x", "/p/app/x", ()),
        (named, "${workspaceFolderBasename}", "app", ()),
        (named, "${userHome}/x", "/h/x", ()),
        (named, "${file}", "${file}", ("${file}",)),
        (named, "a${pathSeparator}b", "a/b", ()),
    ],
)
def test_expansion(expand: Expand, text: str, result: str, missing: tuple[str, ...]) -> None:
    found = expand(text, SITE)
    assert (found.text, found.unexpanded) == (result, missing)


def test_what_the_site_does_not_have_stays() -> None:
    assert named("${userHome}", WINDOWS).unexpanded == ("${userHome}",)
    assert named("a${pathSeparator}b", WINDOWS).text == "a\\b"


@given(st.text(alphabet="$${}:-AaB /", max_size=20), st.sampled_from([braced, named, shell_like, nothing]))
def test_every_text_is_expanded_once(text: str, expand: Expand) -> None:
    found = expand(text, Site(None, None))
    assert all(name in text for name in found.unexpanded)
    if "-" not in text and ":" not in text:
        assert found.text == text
