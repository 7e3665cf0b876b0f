"""The worst inputs of a megabyte, each in a process of its own with bounds on its time and memory."""

import sys
from collections.abc import Callable

import pytest

from tests.fuzz.bounds import SECONDS, alone, tried
from tests.fuzz.clients import one_by_one
from tests.fuzz.registry import TARGETS
from tests.fuzz.worst import fitting

pytestmark = [
    pytest.mark.promise("any-bytes"),
    pytest.mark.skipif(sys.platform != "linux", reason="bounds and fork are those of Linux"),
]
Record = Callable[[str, int], None]
MEGABYTE = 1_000_000
SLACK = 4
"""A busy machine takes up to twice the time of its processor for the same work; twice that is a fault."""
SAMPLE = {
    "client-claude-code": ("entries-many", "rules-many"),
    "client-goose": ("yaml-laughs",),
    "client-zed": ("entries-many",),
    "x.json": ("entries-many",),
    "x.yaml": ("yaml-tags",),
    "x.toml": ("toml-dots",),
    "x.csv": ("tower-double-quote",),
    "manifest.json": ("tools-many",),
    "codeowners": ("codeowners-stars",),
    "condition": ("condition-not",),
    "log-claude-code-transcript": ("log-wide",),
    "relay-http": ("http-chunks",),
    "lock": ("tower-under-the-limit",),
    "review-policy": ("yaml-anchors", "policy-message"),
    "review-statement": ("object-keys",),
}
"""One of each way of reading, for the quick tests; what is a bomb is tried small in `test_corpus.py`."""


def broken(name: str, inputs: tuple[str, ...] = ()) -> dict[str, str]:
    """What breaks a target on these of the inputs that fit it, or on any; each file of a client gets some."""
    target = TARGETS[name]
    small, large = fitting(target.shape, 1_000), fitting(target.shape, MEGABYTE)
    files = one_by_one(name.removeprefix("client-")) if name.startswith("client-") else []
    found = {}
    for number, one in enumerate(inputs or large):
        # First a little of it: what is imported late takes as long as it takes.
        tried(target, small[one], 60, 60)
        turn = files[number % len(files)] if files else target
        if said := alone(turn, large[one], SECONDS * SLACK * target.times):
            found[one] = said
    return found


@pytest.mark.parametrize("name", SAMPLE)
def test_a_megabyte_takes_no_more_than_two_seconds_and_half_a_gigabyte(
    name: str, record_property: Record
) -> None:
    assert broken(name, SAMPLE[name]) == {}
    record_property("inputs of a megabyte", len(SAMPLE[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_nor_does_any_of_the_worst_inputs_that_fit(name: str, record_property: Record) -> None:
    assert broken(name) == {}
    record_property("worst inputs of a megabyte", len(fitting(TARGETS[name].shape, MEGABYTE)))
