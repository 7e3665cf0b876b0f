"""The report of the example that every reader meets first."""

from pathlib import Path

from mcpaudit.audit import audit
from mcpaudit.model.site import Site
from mcpaudit.request import Request
from tests.installation import AS_OF

_FOLDER = Path(__file__).parent.parent.parent / "examples" / "logistics"

EXAMPLE = audit(Request(Site(_FOLDER, _FOLDER / "home"), AS_OF))
