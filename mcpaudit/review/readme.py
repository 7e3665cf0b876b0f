"""The page that lies on top of a packet."""

from mcpaudit.model.report import Report

_TEXT = """\
A review of what agents can reach through their MCP servers, as of {day}.

  report.html        for people: findings, who reaches what, what was not seen
  report.json        the same as data; every other document is made from it
  access.csv         one row for each resource that an agent reaches
  facts.jsonl        what the policies were put to, one subject a line
  policies/          the policies as they were applied
  inputs/            mcpaudit's own files: configuration, lock, waivers, signers
  manifest.sha256    the digest of every file above
  statement.json     what is reviewed (in-toto Statement), without a decision
  signatures/        who decided what, and the signatures

No file of a client is in here, and no secret. Names and digests of the files that were read stand in
report.json under "inputs".

Is it whole, and who signed it?

  mcpaudit review verify . --signers YOUR_OWN_COPY_OF_THE_SIGNERS

Without mcpaudit, in a POSIX shell, in this folder:

  sha256sum -c manifest.sha256
  sha256sum manifest.sha256          # the first digest in statement.json, and in each decision

and for each decision, with its file, reviewer, role and time:

  TZ=UTC0 ssh-keygen -Y verify -f SIGNERS -I REVIEWER -n review-ROLE@mcpaudit \\
    -O verify-time=YYYYMMDDHHMMSS -s signatures/01-NAME.statement.json.sig < signatures/01-NAME.statement.json

`mcpaudit review verify` prints these commands with everything filled in.
"""


def readme(report: Report) -> str:
    """The page of one packet."""
    return _TEXT.format(day=report.as_of)
