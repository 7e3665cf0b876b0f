# docker build -t mcpaudit . && docker run --rm -v "$PWD:/work:ro" mcpaudit
# The base has no digest here, as one that nobody renews keeps the holes of its day. Pin it to one that you have checked
# and renew: `docker buildx imagetools inspect python:3.12-slim`, then `--build-arg BASE=python:3.12-slim@sha256:...`.
# Debian's slim image and not Alpine: the CEL runtime has no wheel for musl.
ARG BASE=python:3.12-slim

FROM ${BASE} AS packages
COPY requirements.lock /
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.lock

FROM ${BASE}
COPY --from=packages /opt/venv /opt/venv
COPY mcpaudit /opt/mcpaudit/mcpaudit
COPY policies /opt/mcpaudit/policies
COPY reports/templates /opt/mcpaudit/reports/templates
ENV PYTHONPATH=/opt/mcpaudit PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /work
# -P: nothing is imported from the audited folder.
ENTRYPOINT ["/opt/venv/bin/python", "-P", "-m", "mcpaudit"]
CMD ["check", "--no-home"]
