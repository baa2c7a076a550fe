"""What can go wrong, and what the user can do about it.

CitewellError            every message says what happened and names the next step
├── InputError           the user's input cannot be used as it is
│   └── UnknownSource    no article of that name is in the library
├── SettingsError        a setting is unknown or has no usable value
├── LibraryError         the library cannot be opened, read or written
│   ├── LibraryBusy      another process is writing to the library
│   └── IndexAway        the Chroma server that keeps the index is out of reach
├── ModelError           a model's files are missing, damaged or out of reach
│   └── ModelFault       a chat model failed this once; the answer does without it
│       └── ContextOverflow   it was given more than it can read
└── Abandoned            nobody waits for the answer any more
"""


class CitewellError(Exception):
    """Base of all errors that a user can mend; the message is one line fit to show."""


class InputError(CitewellError):
    """The user's input cannot be used as it is."""


class UnknownSource(InputError):
    """No article of that name is in the library."""


class SettingsError(CitewellError):
    """A setting is unknown or has no usable value."""


class LibraryError(CitewellError):
    """The library cannot be opened, read or written."""


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""


class IndexAway(LibraryError):
    """The Chroma server that keeps the library's index is out of reach."""


class ModelError(CitewellError):
    """A model's files are missing, damaged or out of reach."""


class ModelFault(ModelError):
    """A chat model failed this once; the answer does without it.

    `transient`: asking again may help, `retry_after` seconds from now where the server says so.
    """

    def __init__(
        self, message: str, transient: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.transient = transient
        self.retry_after = retry_after


class ContextOverflow(ModelFault):
    """A chat model was given more than it can read."""


class Abandoned(CitewellError):
    """Nobody waits for the answer any more."""
