"""What the server says of itself: a JSON object a line, without anyone's text, question or key."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being handled."""

_FIELDS = ("route", "method", "status", "ms")


class JsonLines(logging.Formatter):
    """A record as one line: time, level, logger, message, the request's id and what it was."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if id_ := request_id.get():
            line["request_id"] = id_
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class NoText(logging.Filter):
    """Leaves of a warning only where it comes from: what others warn of may hold anyone's text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let it through."""
        if record.name == "py.warnings":
            where = record.getMessage().split(": ")[0]
            record.msg, record.args = f"A warning from {where}", ()
        return True


def log_as_json() -> None:
    """Send every log record, and every warning, to standard error as a line of JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    handler.addFilter(NoText())
    logging.captureWarnings(True)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for ours in ("api", "rag"):
        logging.getLogger(ours).setLevel(logging.INFO)
