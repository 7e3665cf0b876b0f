"""Probe evidence as OpenTelemetry metrics: the extra `otel` brings the SDK, another package the sender.

Sources: opentelemetry.io, "Metrics SDK" (gauges, exporters), "OTLP Specification" (HTTP, `/v1/metrics`).
"""

import io
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from mcpaudit import __version__
from mcpaudit.errors import UsageError
from mcpaudit.model.probe import Probe
from mcpaudit.report.probe import GOOD, UNTOLD, labels_of

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter

_EXPORTER = "opentelemetry.exporter.otlp.proto.http.metric_exporter"
_SDK = "OpenTelemetry needs an extra: pip install 'mcp-reach-audit[otel]'"


def as_otel(probes: Sequence[Probe]) -> bytes:
    """The metrics as JSON, by the SDK's console exporter; raises UsageError without the SDK."""
    try:
        from opentelemetry.sdk.metrics.export import ConsoleMetricExporter
    except ImportError:
        raise UsageError(_SDK) from None
    text = io.StringIO()
    _export(probes, ConsoleMetricExporter(out=text))
    return text.getvalue().encode("utf-8", "replace")


def send(probes: Sequence[Probe], url: str) -> None:
    """Send the metrics to a collector by OTLP; raises UsageError without the packages that do."""
    _export(probes, exporter(url))


def exporter(url: str) -> "MetricExporter":
    """What sends to this address; raises UsageError where it is not installed."""
    try:
        found: MetricExporter = import_module(_EXPORTER).OTLPMetricExporter(endpoint=url)
    except ImportError:
        package = "opentelemetry-exporter-otlp-proto-http"
        raise UsageError(f"--otlp needs a package: pip install 'mcp-reach-audit[otel]' {package}") from None
    return found


def _export(probes: Sequence[Probe], to: "MetricExporter") -> None:
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource

    reader = PeriodicExportingMetricReader(to, export_interval_millis=float("inf"))
    about = Resource({"service.name": "mcpaudit", "service.version": __version__})
    provider = MeterProvider([reader], about, shutdown_on_exit=False)
    meter = provider.get_meter("mcpaudit", __version__)
    well = meter.create_gauge("mcpaudit.probe.ok", "1", "Whether the check went well")
    took = meter.create_gauge("mcpaudit.probe.duration", "s", "How long the answer took")
    counted = meter.create_gauge("mcpaudit.probe.count", "1", "Tools, bytes, lines or differences")
    for one in probes:
        attributes = labels_of(one)
        if one.verdict != UNTOLD:
            well.set(int(one.verdict in GOOD), attributes | {"verdict": one.verdict})
        if one.milliseconds is not None:
            took.set(one.milliseconds / 1000, attributes)
        if one.check in ("listing", "stderr", "stdout", "lock"):
            counted.set(one.count, attributes)
    provider.force_flush()
    provider.shutdown()
