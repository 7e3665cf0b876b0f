"""The page's scripts and style, and the policy that admits exactly their bytes and nothing else."""

from base64 import b64encode
from hashlib import sha256

from mcpaudit.dataclass import dataclass
from mcpaudit.report.template import Templates, shipped

_SCRIPTS = (
    "base", "model", "suppose", "reveal", "findings", "layers", "picture", "overview", "witness", "paths",
    "matrix", "what_if", "start",
)  # fmt: skip
"""In the order in which they use each other; they share one scope."""
_GRAPHS = "vendor/cytoscape.min.js"


@dataclass(frozen=True, slots=True)
class Assets:
    """What the page runs and wears."""

    style: str
    graphs: str
    """Cytoscape.js, which draws."""
    script: str
    licence: str

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: no network at all, and no other script or style."""
        return "; ".join(
            (
                "default-src 'none'",
                f"style-src '{_hash(self.style)}'",
                f"script-src '{_hash(self.graphs)}' '{_hash(self.script)}'",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        )


def assets(templates: Templates) -> Assets:
    """All of it, read once; scripts and licences are the project's own in any case."""
    joined = "\n".join(shipped(f"js/{name}.js") for name in _SCRIPTS)
    return Assets(
        style=templates.text("audit.css") + templates.text("brand.css"),
        graphs=shipped(_GRAPHS),
        script=f'(() => {{\n"use strict";\n{joined}}})();\n',
        licence=shipped("vendor/cytoscape.LICENSE.txt"),
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
