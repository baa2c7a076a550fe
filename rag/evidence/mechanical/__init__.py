"""What a statement says and its quotes do not, by rule: `objections` in words, `features` in figures."""

from rag.evidence.mechanical.objections import features, objections

__all__ = ["features", "objections"]
