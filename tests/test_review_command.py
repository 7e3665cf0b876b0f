"""`mcpaudit review` from the command line: what it prints, writes and exits with."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mcpaudit.cli.main import run
from mcpaudit.policy.validation import schema
from tests.review.packets import ANN, BOB, Held, both, request, signers

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, and keys beside it."""
    asked = request(tmp_path / "site")
    assert asked.site.project is not None
    for name in (ANN, BOB):
        (tmp_path / name).write_bytes(Held(name).file)
    monkeypatch.chdir(asked.site.project)
    return asked.site.project


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(["review", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def prepared(capsys: pytest.CaptureFixture[str], role: str = "owner") -> Path:
    day = ("--as-of", "2026-11-22")
    code, out, err = shown(capsys, "prepare", "--no-home", "--author", "maria", "-o", "packet", *day)
    assert code == 0, err
    assert f"Needed: 1 approval as {role}" in out
    return Path("packet")


def test_from_nothing_to_a_gate(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packet = prepared(capsys)
    time = ("--time", "2026-11-23T10:00:00Z")
    for name, role in ((ANN, "security"), (BOB, "owner")):
        words = ("sign", "packet", "--as", name, "--role", role, "--key", f"../../{name}", *time)
        code, _, err = shown(capsys, *words)
        assert code == 0, err
    assert len(list((packet / "signatures").iterdir())) == 6
    words = ("verify", "packet", "--against", ".", "--no-home", "--as-of", "2026-11-25")
    code, out, _ = shown(capsys, *words, "--format", "json", "--format", "svr=svr.json")
    found = json.loads(out)
    assert (code, found["verdict"], found["expires"]) == (0, "signed-off", "2027-05-22")
    assert {one["outcome"] for one in found["checks"]} == {"holds"}
    assert "MCPAUDIT_STATE_UNCHANGED" in json.loads(Path("svr.json").read_bytes())["predicate"]["properties"]
    code, out, _ = shown(capsys, "verify", "packet", "--as-of", "2026-11-25")
    assert code == 4
    assert "Compare the fingerprints with the people's own" in out


def commit(folder: Path, *more: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "m", *more]):
        subprocess.run(["git", *words], cwd=folder, check=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git makes what this test reads")
def test_a_change_cannot_let_itself_pass(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(project)
    # The change lowers what is needed and lets its own author sign.
    text = signers() + f'mallory namespaces="review-anything@mcpaudit" {Held("mallory").text}\n'
    (project / ".mcpaudit/signers").write_text(text)
    configuration = project / "mcpaudit.yaml"
    text = configuration.read_text().replace("owner: 1", "anything: 1").replace("security: 1", "")
    configuration.write_text(text)
    prepared(capsys, "anything")
    (project.parent / "mallory").write_bytes(Held("mallory").file)
    words = ("sign", "packet", "--as", "mallory", "--role", "anything", "--key", "../mallory")
    code, _, err = shown(capsys, *words, "--time", "2026-11-23T10:00:00Z")
    assert code == 0, err
    judge = ("verify", "packet", "--against", ".", "--no-home", "--as-of", "2026-11-25")
    assert shown(capsys, *judge)[0] == 0
    code, out, _ = shown(capsys, *judge, "--base", "HEAD")
    assert code == 1
    assert "mallory is no signer" in out
    assert "owner: 1 needed, 0 approved (nobody)" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("prepare", "--no-home", "--author", "a", "-o", "x", "--as-is"), ".mcpaudit/signers:1:1: expected"),
        (("verify", "nowhere"), "nowhere is no packet: it holds no statement.json"),
        (
            ("verify", "packet", "--base", "HEAD"),
            "--base names a revision of the folder",
        ),
        (("verify", "packet", "--signers", "nowhere"), "cannot read nowhere"),
        (
            ("sign", "packet", "--as", ANN, "--role", "security", "--condition", "soon"),
            "a condition is a text",
        ),
        (("sign", "packet", "--as", ANN, "--role", "security", "--key", "mcpaudit.yaml"), "no private key"),
        (("sign", "packet", "--as", "eve", "--role", "security"), "eve may not sign as security"),
        (("prepare", "--no-home", "--author", "a", "-o", "."), "is not empty"),
        (("prepare", "nowhere", "--author", "a", "-o", "x"), "there is nothing at nowhere"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    project: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    if "packet" in words:
        prepared(capsys)
    if "--as-is" in words:
        (project / ".mcpaudit/signers").write_text("ann\n")
    code, _, err = shown(capsys, *words)
    assert code == 2
    assert told in err
    assert "Traceback" not in err


def test_a_key_with_a_passphrase_is_for_ssh_keygen(
    project: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("OpenSSH is not here")
    prepared(capsys)
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", str(tmp_path / "locked")]
    subprocess.run(words, check=True)
    asked = ("sign", "packet", "--as", ANN, "--role", "security", "--key", str(tmp_path / "locked"))
    code, _, err = shown(capsys, *asked)
    assert code == 2
    assert "leave --key out and sign with ssh-keygen" in err


def test_without_the_extra_signatures_are_left_undecided(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    packet = both(prepared(capsys))
    monkeypatch.setattr("mcpaudit.signoff.keys.can_verify", lambda: False)
    own = ("--signers", ".mcpaudit/signers", "--as-of", "2026-11-25")
    code, out, _ = shown(capsys, "verify", str(packet), *own)
    assert code == 4
    assert "whether enough people have approved depends on what could not be verified" in out
    assert "pip install 'mcp-reach-audit[sign]'" in out


def test_the_configuration_says_what_is_needed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Draft202012Validator.check_schema(schema("configuration"))
    file = project / "mcpaudit.yaml"
    file.write_text("apiVersion: mcpaudit/v1\nreview: {threshold: {security: none}}\n")
    code, _, err = shown(capsys, "prepare", "--no-home", "--author", "maria", "-o", "packet")
    assert code == 2
    assert "mcpaudit.yaml:2:" in err
    assert "a whole number" in err
