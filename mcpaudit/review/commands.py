"""The commands by which a packet is checked without mcpaudit, in a POSIX shell, from the packet's folder."""

import base64
import shlex
from collections.abc import Iterator, Mapping, Sequence

from mcpaudit.model.review import Vote
from mcpaudit.signoff.dsse import PAYLOAD_TYPE
from mcpaudit.signoff.layout import DSSE, MANIFEST, SIGNED, SSHSIG
from mcpaudit.signoff.signers import Signer
from mcpaudit.signoff.sshsig import namespace
from mcpaudit.signoff.wire import public_ed25519

_DER = bytes.fromhex("302a300506032b6570032100")
"""What stands before an Ed25519 key in DER (RFC 8410, section 4)."""


def commands(files: Mapping[str, bytes], votes: Sequence[Vote], signers: Sequence[Signer]) -> Iterator[str]:
    """One line each; SIGNERS stands for the auditor's own copy of the signers."""
    yield f"sha256sum -c {MANIFEST}"
    digest = f'"$(sha256sum < {MANIFEST} | cut -c 1-64)"'
    yield f"grep -l {digest} statement.json signatures/*{SIGNED}   # must name all of them"
    for vote in votes:
        stem = vote.file.removesuffix(SIGNED)
        if f"{stem}{SSHSIG}" in files:
            yield ssh_keygen(vote, f"{stem}{SSHSIG}")
    for vote in votes:
        name = f"{vote.file.removesuffix(SIGNED)}{DSSE}"
        key = next((one.key for one in signers if one.known_by == vote.key), None)
        if name in files and key is not None:
            yield openssl(name, key)


def ssh_keygen(vote: Vote, signature: str) -> str:
    """Says whose signature it is, and that the key was valid when it was made."""
    time = "".join(character for character in vote.time if character.isdigit())
    words = ["ssh-keygen", "-Y", "verify", "-f", "SIGNERS", "-I", vote.reviewer]
    words += ["-n", namespace(vote.role), "-O", f"verify-time={time}", "-s", signature]
    return f"TZ=UTC0 {shlex.join(words)} < {shlex.quote(vote.file)}"


def openssl(envelope: str, key: bytes) -> str:
    """Verifies the envelope with Python and openssl: the bytes that were signed are put together anew."""
    public = base64.b64encode(_DER + public_ed25519(key)).decode()
    script = (
        "import base64,json,sys;b=base64.b64decode;w=lambda n,c:open(n,'wb').write(c);"
        f"e=json.load(open(sys.argv[1]));p=b(e['payload']);t=b'{PAYLOAD_TYPE}';"
        "w('pae',b'DSSEv1 %d %s %d %s'%(len(t),t,len(p),p));"
        f"w('sig',b(e['signatures'][0]['sig']));w('key',b('{public}'))"
    )
    pieces = "-keyform DER -inkey key -rawin -in pae -sigfile sig"
    work = f'python3 -c "{script}" "$p"/{shlex.quote(envelope)} && openssl pkeyutl -verify -pubin {pieces}'
    return f'p="$PWD" && (cd "$(mktemp -d)" && {work})'
