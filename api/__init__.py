"""Citewell over HTTP: a thin layer over `rag.service`."""
