"""The signers file, as ssh-keygen reads it and a little stricter."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.errors import ConfigurationError, ReviewError
from mcpaudit.signoff import dsse, sshsig
from mcpaudit.signoff.signers import read_signers
from tests.review.packets import ANN, SECURITY, Held

KEY = Held(ANN).text


def test_a_line_is_a_person_with_roles_and_a_time() -> None:
    text = (
        '# reviewers\n\nann,ann@example.com namespaces="git,review-security@mcpaudit",'
        f'valid-after="20260101",valid-before="20261231235959Z" {KEY} Ann\'s laptop\n'
    )
    (found,) = read_signers(text.encode(), "signers")
    assert found.names == ("ann", "ann@example.com")
    assert found.may("security")
    assert not found.may("owner")
    assert found.valid_after == datetime(2026, 1, 1, tzinfo=UTC)
    assert found.valid_before == datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"ann {KEY}", "the key may sign anything"),
        (f"*@example.com {SECURITY} {KEY}", "a name stands for one person"),
        (f'ann namespaces="review-*" {KEY}', "namespaces are written out"),
        (f"ann cert-authority,{SECURITY} {KEY}", "not with one of an authority"),
        (f'ann {SECURITY},valid-before="2026" {KEY}', "a time is YYYYMMDD"),
        (f'ann {SECURITY},valid-before="20261399" {KEY}', "there is no such time"),
        (f'ann {SECURITY},no-touch-required="x" {KEY}', "options are"),
        (f"ann {SECURITY} ssh-ed25519 AAAA", "no such key"),
        (f"ann {SECURITY} ssh-rsa {KEY.split()[1]}", "no such key"),
        ("ann", "expected NAME"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(line: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"signers:2:1: .*{told}"):
        read_signers(f"# who\n{line}\n".encode(), "signers")


@given(st.binary(max_size=200))
def test_any_bytes_are_signers_or_a_mistake(raw: bytes) -> None:
    try:
        read_signers(raw, "signers")
    except ConfigurationError as error:
        assert error.mistakes  # noqa: PT017 - what is found, not that it is raised, is the point


@given(st.binary(max_size=300))
def test_any_bytes_are_a_signature_or_an_error(raw: bytes) -> None:
    begin, end = b"-----BEGIN SSH SIGNATURE-----\n", b"\n-----END SSH SIGNATURE-----\n"
    for given_bytes in (raw, begin + raw + end):
        with pytest.raises(ReviewError):
            sshsig.read(given_bytes, "x.sig")
    with pytest.raises(ReviewError):
        dsse.read(raw, "x.dsse.json")


@given(st.binary(max_size=100), st.text(max_size=10), st.binary(max_size=80))
def test_what_is_written_is_read_again(key: bytes, space: str, signature: bytes) -> None:
    one = sshsig.by_ed25519(key, space, signature)
    assert sshsig.read(sshsig.written(one), "x") == one
    envelope = dsse.Envelope(key, "SHA256:x", signature)
    assert dsse.read(dsse.written(envelope), "x") == envelope
