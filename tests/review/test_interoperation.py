"""Others read what we sign, and we read what others sign: in-toto, cryptography, ssh-keygen, openssl."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mcpaudit.review import svr
from mcpaudit.review.sign import Wanted, sign
from mcpaudit.signoff.packet import read_packet
from mcpaudit.signoff.wire import fingerprint, public_ed25519
from tests.review.packets import (
    ANN,
    BOB,
    SIGNED,
    Held,
    both,
    outcomes,
    packet,
    request,
    signed,
    signers,
    verified,
)

SSH = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not here")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    return both(packet(folder / "packet", request(folder / "site")))


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "packet"))


def test_in_toto_reads_every_statement(whole: Path) -> None:
    from google.protobuf import json_format
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    texts = [raw.decode() for name, raw in read_packet(whole).items() if name.endswith("statement.json")]
    texts.append(svr.result(verified(whole)).decode())
    assert len(texts) == 4
    for text in texts:
        parsed = json_format.Parse(text, statement_pb2.Statement())
        Statement.copy_from_pb(parsed).validate()
        assert parsed.subject[0].name == "manifest.sha256"


def test_an_envelope_verifies_by_the_protocol_alone(whole: Path) -> None:
    envelope = json.loads((whole / f"signatures/01-{ANN}.dsse.json").read_bytes())
    kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
    (only,) = envelope["signatures"]
    key = Ed25519PublicKey.from_public_bytes(public_ed25519(Held(ANN).public))
    # DSSE protocol.md: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body
    encoded = b" ".join([b"DSSEv1", b"%d" % len(kind), kind, b"%d" % len(payload), payload])
    key.verify(base64.b64decode(only["sig"]), encoded)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(only["sig"]), encoded + b" ")
    assert only["keyid"] == fingerprint(Held(ANN).public)


@SSH
def test_ssh_keygen_agrees_with_our_fingerprints(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(Held(ANN).text)
    shown = subprocess.run(["ssh-keygen", "-lf", "key.pub"], cwd=tmp_path, capture_output=True, check=True)
    assert fingerprint(Held(ANN).public).encode() in shown.stdout


@SSH
def test_ssh_keygen_makes_the_same_signature_as_we_do(whole: Path, tmp_path: Path) -> None:
    """Ed25519 is deterministic, and the format leaves no choice."""
    name = f"01-{ANN}.statement.json"
    (tmp_path / "key").write_bytes(Held(ANN).file)
    (tmp_path / "key").chmod(0o600)
    shutil.copy(whole / "signatures" / name, tmp_path)
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", "key", "-n", "review-security@mcpaudit", name]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / f"{name}.sig").read_bytes() == (whole / f"signatures/{name}.sig").read_bytes()


@SSH
def test_a_decision_can_be_signed_by_ssh_keygen_alone(copy: Path, tmp_path: Path) -> None:
    shutil.rmtree(copy / "signatures")
    signed(copy, ANN, "security")
    for name, content in sign(read_packet(copy), Wanted(BOB, "owner", "approve", SIGNED), None).items():
        (copy / name).write_bytes(content)
    waiting = verified(copy)
    assert waiting.exit_code == 1
    assert "it waits for its signature" in str(waiting.checks)
    (tmp_path / "key").write_bytes(Held(BOB).file)
    (tmp_path / "key").chmod(0o600)
    file = str(copy / f"signatures/02-{BOB}.statement.json")
    words = [
        "ssh-keygen",
        "-q",
        "-Y",
        "sign",
        "-f",
        str(tmp_path / "key"),
        "-n",
        "review-owner@mcpaudit",
        file,
    ]
    subprocess.run(words, check=True, capture_output=True)
    found = verified(copy)
    assert (found.exit_code, outcomes(found)) == (0, {})


@SSH
@pytest.mark.skipif(shutil.which("openssl") is None or os.name == "nt", reason="for a POSIX shell")
def test_an_auditor_needs_nothing_of_ours(copy: Path) -> None:
    commands = verified(copy).commands
    assert len(commands) == 6
    (copy.parent / "signers").write_text(signers())
    for command in commands:
        done = run(command, copy)
        assert done.returncode == 0, (command, done.stderr)
    # And the commands notice what verify notices.
    (copy / "report.md").write_text("all is well")
    assert run(commands[0], copy).returncode != 0
    for name in ("statement.json", "dsse.json"):
        file = copy / f"signatures/01-{ANN}.{name}"
        file.write_bytes(file.read_bytes().replace(b"a", b"b", 1))
    assert [run(one, copy).returncode == 0 for one in commands[2:]] == [False, True, False, True]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    given = command.replace("SIGNERS", str(folder.parent / "signers"))
    return subprocess.run(["bash", "-c", given], cwd=folder, capture_output=True, text=True, check=False)


@SSH
def test_ssh_keygen_and_we_agree_on_when_a_key_was_valid(copy: Path) -> None:
    command = verified(copy).commands[2]
    for options, agreed in (
        ('valid-after="20261123"', True),
        ('valid-after="20261123100000"', True),
        ('valid-after="20261123100001"', False),
        ('valid-before="20261123100000"', True),
        ('valid-before="20261123095959"', False),
        ('valid-before="20261123"', False),
    ):
        text = signers(ann=f'namespaces="review-security@mcpaudit",{options}')
        (copy.parent / "signers").write_text(text)
        theirs = run(command, copy).returncode == 0
        ours = verified(copy, own=text).exit_code == 0
        assert (theirs, ours) == (agreed, agreed), options


def test_a_result_for_gates_lists_only_what_passed(whole: Path) -> None:
    good = json.loads(svr.result(verified(whole)))["predicate"]
    assert good["properties"][0] == "MCPAUDIT_SIGNED_OFF"
    assert good["timeCreated"] == "2026-11-25T00:00:00Z"
    assert good["verifier"]["policies"][0]["name"] == "inputs/mcpaudit.yaml"
    late = json.loads(svr.result(verified(whole, day="2028-01-01")))["predicate"]
    assert late["properties"] == []
