"""What is counted, as Prometheus reads it; each application has counters of its own."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from rag.records import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_STAGES = ("retrieve", "generate", "verify", "total")


class Metrics:
    """Counts requests and what became of questions."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "citewell_requests",
            "Requests answered, by route, method and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "citewell_request_seconds",
            "Seconds from a request's head to its response's end, by route.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._stages = Histogram(
            "citewell_answer_seconds",
            "Seconds that answers took, by stage.",
            ["stage"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._answers = Counter(
            "citewell_answers", "Answers given, by status.", ["status"], registry=self._registry
        )
        self._dropped = Counter(
            "citewell_dropped_sentences",
            "Sentences of a language model that evidence did not let through.",
            registry=self._registry,
        )
        self._degraded = Counter(
            "citewell_degraded_answers",
            "Answers given in a lesser way because something failed.",
            registry=self._registry,
        )
        self._tokens = Counter(
            "citewell_model_tokens",
            "Tokens of the language model, by direction.",
            ["direction"],
            registry=self._registry,
        )
        for status in ("answered", "refused"):
            self._answers.labels(status)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self, answer: Answer) -> None:
        """Count an answer."""
        self._answers.labels(answer.status).inc()
        self._dropped.inc(len(answer.dropped))
        self._degraded.inc(answer.degraded is not None)
        self._tokens.labels("input").inc(answer.usage.input_tokens)
        self._tokens.labels("output").inc(answer.usage.output_tokens)
        for stage in _STAGES:
            self._stages.labels(stage).observe(getattr(answer.timings_ms, stage) / 1000)

    def watch(
        self, name: str, what: str, label: str, read: "Callable[[], Mapping[str, float]]"
    ) -> None:
        """Have a gauge read whenever the metrics are: a value by `label`."""
        self._registry.register(_Gauge(name, what, label, read))

    def text(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self._registry)


class _Gauge(Collector):
    def __init__(
        self, name: str, what: str, label: str, read: "Callable[[], Mapping[str, float]]"
    ) -> None:
        self._of = (name, what, label)
        self._read = read

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Its name, so that it is not read when it is registered."""
        name, what, label = self._of
        yield GaugeMetricFamily(name, what, labels=[label])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What it says now."""
        name, what, label = self._of
        gauge = GaugeMetricFamily(name, what, labels=[label])
        for of, value in self._read().items():
            gauge.add_metric([of], value)
        yield gauge
