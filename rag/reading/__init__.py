"""A path -> Articles: the files that are there, and what each one says of itself.

`files` finds them, `text`, `html`, `pdf` and `docx` turn bytes of each format into the text that is
quoted, `articles` puts the facts to it. Parsers of others run in a child process, within bounds.
"""

from rag.reading.articles import article
from rag.reading.files import MAX_BYTES, File, content, find, matching, read, stored_name

__all__ = ["MAX_BYTES", "File", "article", "content", "find", "matching", "read", "stored_name"]
