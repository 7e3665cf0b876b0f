"""What was verified, as a Simple Verification Result for the gates of deployments.

Source: in-toto attestation framework, `spec/predicates/svr.md`, version 0.2. Only what passed is listed.
"""

from mcpaudit import __version__
from mcpaudit.model.review import Verification
from mcpaudit.signoff.statement import STATEMENT_TYPE, canonical

PREDICATE_TYPE = "https://in-toto.io/attestation/svr/v0.2"
_PASSED = {
    "statement": "MCPAUDIT_PACKET_WHOLE",
    "re-evaluation": "MCPAUDIT_FINDINGS_REPRODUCED",
    "threshold": "MCPAUDIT_APPROVED",
    "chain": "MCPAUDIT_REVIEWS_CHAINED",
    "against": "MCPAUDIT_STATE_UNCHANGED",
}


def result(found: Verification) -> bytes:
    """The Statement, unsigned: whoever runs the gate signs it. Without a sign-off it has no properties."""
    properties = []
    if found.verdict == "signed-off":
        held = {one.name for one in found.checks if one.outcome == "holds"}
        properties = ["MCPAUDIT_SIGNED_OFF", *(text for name, text in _PASSED.items() if name in held)]
    policies = [one for one in found.subjects if one.name == "inputs/mcpaudit.yaml"]
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": one.name, "digest": {"sha256": one.sha256}} for one in found.subjects],
            "predicateType": PREDICATE_TYPE,
            "predicate": {
                "verifier": {
                    "id": f"https://mcpaudit/review/verify/{__version__}",
                    "policies": [{"name": one.name, "digest": {"sha256": one.sha256}} for one in policies],
                },
                "timeCreated": f"{found.as_of}T00:00:00Z",
                "properties": list(properties),
            },
        }
    )
