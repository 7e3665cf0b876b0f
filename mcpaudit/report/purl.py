"""Packages as package URLs (package-url/purl-spec, types npm, pypi, oci; the others as generic)."""

import re
from urllib.parse import quote

from mcpaudit.model.report_inventory import PackageRow


def purl(package: PackageRow) -> str:
    """The package URL; with a version only where that names one artefact."""
    name, version = package.name, package.version if package.pinned else ""
    qualifier = ""
    if package.ecosystem == "npm":
        path = "/".join(map(_part, name.lower().split("/", 1)))
    elif package.ecosystem == "pypi":
        path = _part(re.sub(r"[-_.]+", "-", name.lower()))
    elif package.ecosystem == "oci":
        path = _part(name.rpartition("/")[2].lower())
        qualifier = f"?repository_url={_part(name)}" if "/" in name else ""
    else:
        path = _part(name)
    kind = package.ecosystem if package.ecosystem in ("npm", "pypi", "oci") else "generic"
    return f"pkg:{kind}/{path}{f'@{_part(version)}' if version else ''}{qualifier}"


def _part(text: str) -> str:
    return quote(text, safe="-._~", errors="replace")
