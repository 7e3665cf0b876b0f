"""Nothing in a signed packet can be changed, added, taken out or exchanged without being seen."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcpaudit.errors import McpauditError
from mcpaudit.signoff.packet import read_packet
from tests.review.packets import ANN, BOB, both, packet, request, signed, verified

FEW = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    return both(packet(folder / "packet", request(folder / "site")))


NAMES = [
    "README.txt",
    "manifest.sha256",
    "statement.json",
    "report.json",
    "report.html",
    "facts.jsonl",
    "policies/no-slack.yaml",
    "inputs/mcpaudit.yaml",
    "inputs/.mcpaudit/signers",
    f"signatures/01-{ANN}.statement.json",
    f"signatures/01-{ANN}.statement.json.sig",
    f"signatures/01-{ANN}.dsse.json",
    f"signatures/02-{BOB}.dsse.json",
]


def is_no_sign_off(folder: Path) -> bool:
    """Whether verification says so, in one way or the other."""
    try:
        return verified(folder).exit_code == 1
    except McpauditError:
        return True


def test_the_packet_is_whole(whole: Path) -> None:
    assert verified(whole).exit_code == 0
    assert set(NAMES) < set(read_packet(whole))


@pytest.mark.parametrize("name", NAMES)
def test_no_first_and_no_last_byte_can_be_changed(copy: Path, name: str) -> None:
    raw = (copy / name).read_bytes()
    for changed in (bytes([raw[0] ^ 1]) + raw[1:], raw[:-1] + bytes([raw[-1] ^ 1])):
        (copy / name).write_bytes(changed)
        assert is_no_sign_off(copy)


@pytest.mark.slow
@given(data=st.data())
@FEW
def test_no_byte_can_be_changed(whole: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    raw = (whole / name).read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    other = raw[at] ^ data.draw(st.integers(1, 255))
    try:
        (whole / name).write_bytes(raw[:at] + bytes([other]) + raw[at + 1 :])
        assert is_no_sign_off(whole), (name, at, other)
    finally:
        (whole / name).write_bytes(raw)


@pytest.mark.slow
@given(data=st.data())
@settings(FEW, max_examples=20)
def test_no_file_can_be_cut_or_made_longer(whole: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(NAMES))
    raw = (whole / name).read_bytes()
    shorter = raw[: data.draw(st.integers(0, len(raw) - 1))]
    longer = raw + data.draw(st.binary(min_size=1, max_size=5))
    try:
        for changed in (shorter, longer):
            (whole / name).write_bytes(changed)
            assert is_no_sign_off(whole), name
    finally:
        (whole / name).write_bytes(raw)


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "packet"))


def test_no_file_can_be_taken_out(copy: Path) -> None:
    for name, raw in read_packet(copy).items():
        (copy / name).unlink()
        assert is_no_sign_off(copy), name
        (copy / name).write_bytes(raw)


@pytest.mark.parametrize(
    "name",
    ["extra.txt", "policies/extra.yaml", "inputs/extra", "signatures/extra", "signatures/03-x.dsse.json"],
)
def test_no_file_can_be_added(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"x")
    assert is_no_sign_off(copy)


def test_a_link_is_no_file_of_a_packet(copy: Path) -> None:
    (copy / "report.md").unlink()
    (copy / "report.md").symlink_to(copy / "report.html")
    assert is_no_sign_off(copy)


@pytest.mark.parametrize("ending", ["statement.json", "statement.json.sig", "dsse.json"])
def test_signatures_cannot_be_exchanged(copy: Path, ending: str) -> None:
    one, other = (copy / f"signatures/{name}.{ending}" for name in (f"01-{ANN}", f"02-{BOB}"))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    assert is_no_sign_off(copy)


def test_decisions_cannot_be_put_in_another_order(copy: Path) -> None:
    for path in sorted((copy / "signatures").iterdir()):
        number, _, rest = path.name.partition("-")
        path.rename(path.with_name(f"{'new03' if number == '01' else 'new01'}-{rest}"))
    for path in sorted((copy / "signatures").iterdir()):
        path.rename(path.with_name(path.name.removeprefix("new")))
    assert is_no_sign_off(copy)


def test_a_signature_of_another_packet_does_not_count(copy: Path, tmp_path: Path) -> None:
    other = packet(tmp_path / "other", request(tmp_path / "site", disable=[], clients=["claude-code"]))
    signed(other, ANN, "security")
    shutil.rmtree(copy / "signatures")
    shutil.copytree(other / "signatures", copy / "signatures")
    signed(copy, BOB, "owner")
    assert is_no_sign_off(copy)
