"""All targets, by name."""

from tests.fuzz import clients, logs, own_files, parsers, repositories, servers

TARGETS = {
    one.name: one
    for one in (
        *parsers.TARGETS,
        *clients.TARGETS,
        *servers.TARGETS,
        *own_files.TARGETS,
        *repositories.TARGETS,
        *logs.TARGETS,
    )
}
