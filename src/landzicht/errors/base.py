"""The error tree: seven families, so that every dialect needs one seven-line table.

LandzichtError
├── Invalid       400  the caller can mend the request
├── Missing       404  no such thing (or you may not know that it exists)
├── Denied        403  it exists, but not for this use
├── Empty         404  it exists, but there is nothing at this place or time
├── TooLarge      413  more than this portal gives in one go
├── SourceFailed  502  a file or server that we depend on let us down
└── Broken        500  our own fault
"""

from __future__ import annotations

from typing import ClassVar

from landzicht.text import Language, Text


class LandzichtError(Exception):
    """Something went wrong, told so that a person knows what to do next.

    Subclasses set `code` and the three sentences; facts are given as keyword arguments and fill
    the `{name}` places of the sentences.
    """

    code: ClassVar[str] = "error"
    """Stable, in kebab-case; clients may rely on it."""
    what: ClassVar[Text] = Text(nl="Er ging iets mis.", en="Something went wrong.")
    """What happened."""
    why: ClassVar[Text | None] = None
    """The likely cause, when the `what` does not say it."""
    todo: ClassVar[Text] = Text(
        nl="Probeer het opnieuw, of meld het met de code erbij.",
        en="Try again, or report it with its code.",
    )
    """What the reader can do next."""

    def __init__(self, **facts: object) -> None:
        """Keep the facts; the sentences are made when somebody asks for them."""
        self.facts = facts
        super().__init__(self.say("en"))

    def say(self, language: Language = "en") -> str:
        """Return all sentences as one line: what, why, what to do next."""
        parts = (self.what, self.why, self.todo)
        return " ".join(part.say(language, **self.facts) for part in parts if part)

    def __reduce__(self) -> tuple[object, ...]:
        """Travel to another process with the facts intact."""
        return (_rebuild, (type(self), self.facts))


def _rebuild(kind: type[LandzichtError], facts: dict[str, object]) -> LandzichtError:
    return kind(**facts)


class Invalid(LandzichtError):
    """The request or file is wrong in a way that the caller can mend (400)."""

    code = "invalid"


class Missing(LandzichtError):
    """There is no such thing, or the caller may not know of it (404)."""

    code = "missing"


class Denied(LandzichtError):
    """The thing exists, but not for this use (403)."""

    code = "denied"


class Empty(LandzichtError):
    """The thing exists, but has nothing at this place or time (404)."""

    code = "empty"


class TooLarge(LandzichtError):
    """More than this portal gives in one go (413)."""

    code = "too-large"


class SourceFailed(LandzichtError):
    """A file, disk or server that we depend on failed (502)."""

    code = "source-failed"


class Broken(LandzichtError):
    """Our own fault (500)."""

    code = "broken"
    what = Text(nl="Er ging bij ons iets mis.", en="Something went wrong on our side.")
