"""Each review names the one before it, as it was then."""

from pathlib import Path

import pytest

from mcpaudit.policy.own_changes import Two, own_changes
from mcpaudit.signoff.chain import latest, read_seal, reviews_of
from tests.review.packets import ANN, both, outcomes, packet, request, signed, verified


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """Three reviews of one project, one after the other."""
    asked = request(tmp_path / "site")
    assert asked.site.project is not None
    folder = reviews_of(asked.site.project)
    for name in ("2026-Q2", "2026-Q3", "2026-Q4"):
        both(packet(folder / name, asked, latest(asked.site.project)))
    return folder


def test_a_chain_is_followed_to_its_beginning(reviews: Path) -> None:
    found = verified(reviews / "2026-Q4")
    (chain,) = [one for one in found.checks if one.name == "chain"]
    assert found.exit_code == 0
    assert chain.details == ("2026-Q3", "2026-Q2")


def test_an_unsigned_packet_is_not_the_review_before(reviews: Path, tmp_path: Path) -> None:
    packet(reviews / "2027-Q1", request(tmp_path / "site"))
    found = latest(reviews.parent.parent)
    assert found is not None
    assert found.name == "2026-Q4"


@pytest.mark.parametrize("name", ["2026-Q2", "2026-Q3"])
def test_an_earlier_review_cannot_be_signed_anew(reviews: Path, name: str) -> None:
    signed(reviews / name, ANN, "security", choice="reject")
    assert outcomes(verified(reviews / "2026-Q4")) == {"chain": f"{name} is not what it was then"}


def test_reviews_cannot_change_places(reviews: Path) -> None:
    (reviews / "2026-Q2").rename(reviews / "x")
    (reviews / "2026-Q3").rename(reviews / "2026-Q2")
    (reviews / "x").rename(reviews / "2026-Q3")
    assert "chain" in outcomes(verified(reviews / "2026-Q4"))


def test_a_review_that_is_not_at_hand_leaves_it_undecided(reviews: Path, tmp_path: Path) -> None:
    (reviews / "2026-Q4").rename(tmp_path / "2026-Q4")
    found = verified(tmp_path / "2026-Q4")
    assert (found.exit_code, list(outcomes(found))) == (4, ["chain"])
    assert verified(tmp_path / "2026-Q4", places=(reviews,)).exit_code == 0


def test_a_seal_is_what_two_plain_commands_print(reviews: Path) -> None:
    import shutil
    import subprocess

    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is not here")
    command = "LC_ALL=C; export LC_ALL; sha256sum signatures/* statement.json | sha256sum"
    done = subprocess.run(
        ["sh", "-c", command], cwd=reviews / "2026-Q3", capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == read_seal(reviews / "2026-Q3")[0].sha256


def test_a_review_is_no_change_of_what_judges(reviews: Path, tmp_path: Path) -> None:
    before = request(tmp_path / "before").site.project
    assert before is not None
    changes = own_changes(Two(before, reviews.parent.parent), ["rules"], lambda: None, lambda _file: ())
    assert changes == ()
