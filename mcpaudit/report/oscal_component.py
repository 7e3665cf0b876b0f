"""OSCAL component-definition: the policies as a component that validates, and the controls that they support.

The properties `Rule_Id` and `Rule_Description` are those by which compliance-trestle's tools know rules
(its docs, "compliance-trestle rules in component definitions").
"""

from mcpaudit.model.report import Report
from mcpaudit.report.canonical import digest
from mcpaudit.report.oscal import (
    CATALOG,
    Node,
    components,
    control_ids,
    markup,
    metadata,
    other_frameworks,
    props,
    written,
)
from mcpaudit.report.stable import stable_uuid
from mcpaudit.report.verdict import caveat

_RULES = "https://oscal-compass.github.io/compliance-trestle/schemas/oscal/cd"


def render(report: Report) -> str:
    """The policies that ran, whether or not they found something, and what is installed."""
    named = digest(report)
    return written(
        "component-definition",
        {
            "uuid": stable_uuid("oscal-component-definition", named),
            "metadata": metadata(report, "MCP installation and the policies that it is held against", named),
            "components": [_validation(report), *components(report)],
        },
    )


def _validation(report: Report) -> Node:
    policies = {row.policy: row for row in report.coverage.policies}
    rules = [
        rule
        for number, name in enumerate(sorted(policies))
        for rule in props(
            *(("Rule_Id", name), ("Rule_Description", policies[name].title or name)),
            namespace=_RULES,
            remarks=f"rule_set_{number:03}",
        )
    ]
    supported = control_ids(control for row in policies.values() for control in row.controls)
    requirements: list[Node] = []
    for control in supported:
        own = [row for _, row in sorted(policies.items()) if control in control_ids(row.controls)]
        requirements.append(
            {
                "uuid": stable_uuid("oscal-requirement", control),
                "control-id": control,
                "description": markup(
                    f"Supported by {len(own)} policies; they test a part of it, and do not show it met"
                ),
                "props": [
                    *props(*(("Rule_Id", row.policy) for row in own), namespace=_RULES),
                    *props(*other_frameworks(one for row in own for one in row.controls)),
                ],
            }
        )
    implementation = {
        "uuid": stable_uuid("oscal-implementation", CATALOG),
        "source": CATALOG,
        "description": "Controls of NIST SP 800-53 that the policies support",
        "implemented-requirements": requirements,
    }
    return {
        "uuid": stable_uuid("oscal-validation", report.tool.name),
        "type": "validation",
        "title": markup(report.tool.name),
        "description": markup(
            f"Policies over what agents reach through MCP servers, by their configuration. {caveat(report)}"
        ),
        **({"props": rules} if rules else {}),
        **({"control-implementations": [implementation]} if requirements else {}),
    }
