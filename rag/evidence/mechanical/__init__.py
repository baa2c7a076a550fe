"""What a statement says and its quotes do not, found by rule: in words, and in figures."""

from rag.evidence.mechanical.objections import features, objections
from rag.evidence.mechanical.words import asserted, plain

__all__ = ["asserted", "features", "objections", "plain"]
