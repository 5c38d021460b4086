"""Reading XML from outside: no entities, no document types, bounded size and depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from landzicht.errors.disk import read_reason
from landzicht.errors.ingest import BadMetadata
from landzicht.ingest.paths import open_file
from landzicht.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 32 * 2**20
"""The largest real metadata file that we know (a Sentinel-2 tile) has 0.6 MB."""
MAX_DEPTH = 64
"""Real ones are at most 12 deep."""


@dataclass(slots=True)
class Element:
    """One element, by its local name: the namespace's version differs between products."""

    name: str
    """Without prefix."""
    attributes: dict[str, str]
    """By their names as written."""
    text: str = ""
    """Text directly in it, joined."""
    children: list[Element] = field(default_factory=list)
    """In document order."""

    def every(self, name: str) -> Iterator[Element]:
        """Yield all elements of this name below, in document order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.every(name)

    def first(self, name: str) -> Element | None:
        """Return the first element of this name below, or None."""
        return next(self.every(name), None)

    def words(self, name: str) -> str | None:
        """Return the text of the first element of this name below, or None."""
        found = self.first(name)
        return found.text.strip() if found and found.text.strip() else None

    def number(self, name: str) -> float | None:
        """Return the number in the first element of this name below, or None."""
        try:
            return float(self.words(name) or "")
        except ValueError:
            return None


def read_xml(path: Path) -> Element:
    """Read an XML file without following anything that it refers to.

    Raises:
        BadMetadata: not XML, too large or deep, or with entities of its own (a way to exhaust
            memory or to read other files).
    """
    tree = _Tree(path)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.words
    parser.StartDoctypeDeclHandler = tree.refuse
    parser.EntityDeclHandler = tree.refuse
    parser.ExternalEntityRefHandler = tree.refuse
    try:
        with open_file(path) as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise BadMetadata(path=path, reason=_TOO_LARGE)
        parser.Parse(content, True)
    except OSError as error:
        raise BadMetadata(path=path, reason=_UNREADABLE.fill(reason=read_reason(error))) from error
    except (expat.ExpatError, ValueError) as error:
        raise BadMetadata(path=path, reason=str(error)[:200]) from error
    assert tree.root is not None
    return tree.root


_UNREADABLE = Text(nl="Openen lukt niet: {reason}.", en="It cannot be opened: {reason}.")
_TOO_LARGE = Text(nl="Het is te groot.", en="It is too large.")
_REFERS = Text(
    nl="Het gebruikt entiteiten of een documenttype; dat lezen wij niet.",
    en="It uses entities or a document type, which we do not read.",
)
_TOO_DEEP = Text(nl="Het is te diep genest.", en="It is nested too deeply.")


class _Tree:
    def __init__(self, path: Path) -> None:
        self.root: Element | None = None
        self._path = path
        self._open: list[Element] = []
        self._words: list[list[str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise BadMetadata(path=self._path, reason=_TOO_DEEP)
        element = Element(name.rpartition(" ")[2], attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._words.append([])

    def end(self, name: str) -> None:  # noqa: ARG002 - expat's signature
        self._open.pop().text = "".join(self._words.pop())

    def words(self, text: str) -> None:
        self._words[-1].append(text)  # joined at the end: adding texts up costs their square

    def refuse(self, *_: object) -> NoReturn:
        raise BadMetadata(path=self._path, reason=_REFERS)
