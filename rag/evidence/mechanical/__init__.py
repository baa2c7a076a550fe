"""What a statement says and its quotes do not, found by rule: in words, and in figures."""

from rag.evidence.mechanical.objections import contradictions, coverage, objections
from rag.evidence.mechanical.words import asserted, plain
from rag.evidence.mechanical.writing import as_quoted

__all__ = ["as_quoted", "asserted", "contradictions", "coverage", "objections", "plain"]
