"""Chat models: opened by id (`Models`), and read so that no fault of theirs holds an answer up
(`Reply`)."""

from rag.models.opening import AUTO, EXTRACTIVE, ChatModel, Limits, Models
from rag.models.reply import Reply
from rag.models.thoughts import without_thoughts

__all__ = ["AUTO", "EXTRACTIVE", "ChatModel", "Limits", "Models", "Reply", "without_thoughts"]
