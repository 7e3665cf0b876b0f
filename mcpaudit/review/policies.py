"""The policies of an audit as files: each as it was applied, with the params and the severity that
`mcpaudit.yaml` gives it, wherever it came from.
"""

from collections.abc import Mapping, Sequence

import yaml

from mcpaudit.errors import PolicyError
from mcpaudit.parsing.reader import parse
from mcpaudit.policy.policy import Policy, PolicyFile, read_policies
from mcpaudit.policy.validation import sound


def written(policies: Sequence[Policy]) -> dict[str, bytes]:
    """A file for each policy, by its name."""
    return {f"{policy.id}.yaml": _file(policy) for policy in policies}


def read(files: Mapping[str, bytes]) -> list[Policy]:
    """The policies again, fully checked; raises ConfigurationError with every mistake."""
    documents = [sound(parse(raw, name, "yaml"), name) for name, raw in sorted(files.items())]
    loaded, mistakes = read_policies(PolicyFile(one, "") for one in documents)
    if mistakes:
        raise PolicyError(mistakes)
    return [one.policy for one in loaded]


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as such: conditions are for people to read."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


def _file(policy: Policy) -> bytes:
    metadata: dict[str, object] = {"id": policy.id, "title": policy.title, "severity": policy.severity}
    if policy.controls:
        metadata["controls"] = list(policy.controls)
    spec: dict[str, object] = {"for": policy.subject}
    if policy.params:
        spec["params"] = {
            name: list(value) if isinstance(value, tuple) else value for name, value in policy.params.items()
        }
    if policy.variables:
        spec["variables"] = dict(policy.variables)
    spec |= {"where": policy.where, "message": policy.message, "why": policy.why, "fix": policy.fix}
    if policy.remedy is not None:
        spec["remedy"] = {"edit": policy.remedy.edit, "class": policy.remedy.safety}
    whole = {"apiVersion": "mcpaudit/v1", "kind": "Policy", "metadata": metadata, "spec": spec}
    text: str = yaml.dump(whole, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text.encode()
