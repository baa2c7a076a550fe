"""Citewell's engine: articles in, answers with exact quotes out."""

import os

# ONNX Runtime would tell Microsoft of this machine, and keep an id of it in the home folder.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
