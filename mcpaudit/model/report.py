"""The canonical report, `report-v1`: plain rows with every place worked out to file, line and column.

Every format renders from this one tree; `mcpaudit schema report` prints its JSON Schema.
"""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.report_access import AccessRow, RuleRow, ToolRow
from mcpaudit.model.report_credential import CredentialRow, ScopeUseRow
from mcpaudit.model.report_fact import ChangeRow, ConflictRow, ExcessRow, FlowRow, UsageRow
from mcpaudit.model.report_finding import FindingRow, PatchRow, WaiverRow
from mcpaudit.model.report_inventory import AgentRow, InstallationRow, ServerRow
from mcpaudit.model.run import Coverage, Input, RunSettings, Summary, ToolInfo

SCHEMA = "mcpaudit/report-v1"
LARGEST = 256 * 2**20
"""Bytes of a report file that is read."""


@dataclass(frozen=True, slots=True)
class Report:
    """One audit of one state of one machine or repository."""

    schema: str
    tool: ToolInfo
    as_of: str
    run: RunSettings
    inputs: tuple[Input, ...]
    coverage: Coverage
    agents: tuple[AgentRow, ...]
    servers: tuple[ServerRow, ...]
    installations: tuple[InstallationRow, ...]
    tools: tuple[ToolRow, ...]
    rules: tuple[RuleRow, ...]
    credentials: tuple[CredentialRow, ...]
    scopes: tuple[ScopeUseRow, ...]
    access: tuple[AccessRow, ...]
    conflicts: tuple[ConflictRow, ...]
    flows: tuple[FlowRow, ...]
    excess: tuple[ExcessRow, ...]
    usage: tuple[UsageRow, ...]
    """Empty without usage evidence; what is not here, it says nothing of."""
    changes: tuple[ChangeRow, ...]
    findings: tuple[FindingRow, ...]
    patches: tuple[PatchRow, ...]
    waivers: tuple[WaiverRow, ...]
    summary: Summary
