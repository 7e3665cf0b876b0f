"""Every input that was ever of interest, through the target that it was found with, within the bounds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mcpaudit.clients.registry import CLIENTS
from mcpaudit.usage.formats import FORMATS
from tests.fuzz.bounds import SECONDS, tried
from tests.fuzz.registry import TARGETS
from tests.fuzz.worst import worst

pytestmark = pytest.mark.promise("any-bytes")
CORPUS = Path(__file__).with_name("corpus")
SMALL, SHARES = 2_000, 23


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_of_the_corpus_breaks_its_target(
    name: str, record_property: Callable[[str, int], None]
) -> None:
    inputs = sorted((CORPUS / name).glob("*"))
    for path in inputs:
        tried(TARGETS[name], path.read_bytes(), 2 * SECONDS)
    record_property("inputs of the corpus", len(inputs))


def test_no_worst_input_breaks_any_target_at_a_small_size(
    record_property: Callable[[str, int], None],
) -> None:
    inputs = list(worst(SMALL).values())
    # Each target gets a share, another one than its neighbours; the slow test gives all of them to all.
    for number, target in enumerate(TARGETS.values()):
        for raw in inputs[number % SHARES :: SHARES]:
            tried(target, raw, 2 * SECONDS)
    record_property("targets", len(TARGETS))


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_no_worst_input_breaks_a_target(name: str, record_property: Callable[[str, int], None]) -> None:
    inputs = worst(SMALL)
    for raw in inputs.values():
        tried(TARGETS[name], raw, 2 * SECONDS)
    record_property("worst inputs", len(inputs))


def test_every_client_and_every_log_has_a_target() -> None:
    assert {f"client-{one.id}" for one in CLIENTS} | {f"log-{one.id}" for one in FORMATS} <= set(TARGETS)


def test_the_corpus_is_small_and_has_no_folder_without_a_target() -> None:
    folders = sorted(CORPUS.iterdir())
    assert {folder.name for folder in folders} <= set(TARGETS)
    sizes = [path.stat().st_size for folder in folders for path in folder.iterdir()]
    assert max(sizes) <= 4096
    assert sum(sizes) < 2**20
    assert all(len(list(folder.iterdir())) <= 20 for folder in folders)
