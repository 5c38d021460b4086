"""Reading PDF files by the rules of ISO 32000-1, as far as one page of ours goes."""

from __future__ import annotations

import re
import zlib

_ENTRY = 19
"""Bytes of a line of the cross-reference table, without its line end."""


class PdfFile:
    """A PDF file by its cross-reference table.

    Making one checks the structure: every object stands where the table says, and every reference
    has an object.
    """

    def __init__(self, content: bytes) -> None:
        assert content.startswith(b"%PDF-1.7\n")
        start = _first(rb"startxref\n(\d+)\n%%EOF\n$", content)
        tail = content[start:]
        table = tail.splitlines()
        assert table[0] == b"xref"
        first, count = map(int, table[1].split())
        assert first == 0
        self.objects: dict[int, bytes] = {}
        for number, line in enumerate(table[2 : 2 + count]):
            assert len(line) == _ENTRY
            if number:
                at = int(line[:10])
                head = b"%d 0 obj\n" % number
                assert content[at : at + len(head)] == head
                end = content.index(b"\nendobj\n", at)
                self.objects[number] = content[at + len(head) : end]
        assert _first(rb"/Size (\d+)", tail) == count
        self.root = self.objects[_first(rb"/Root (\d+) 0 R", tail)]
        self.info = self.objects[_first(rb"/Info (\d+) 0 R", tail)]
        for body in self.objects.values():
            for reference in re.findall(rb"(?<![\d.])(\d+) 0 R", body.split(b"stream\n")[0]):
                assert int(reference) in self.objects

    def stream(self, number: int) -> bytes:
        """Return the content of a stream; JPEG stays as it is."""
        head, _, rest = self.objects[number].partition(b"\nstream\n")
        length = _first(rb"/Length (\d+)", head)
        assert rest[length:] == b"\nendstream"
        content = rest[:length]
        return zlib.decompress(content) if b"/FlateDecode" in head else content

    def named(self, kind: bytes) -> list[int]:
        """Return the numbers of the objects whose dictionary has these bytes."""
        return [n for n, body in self.objects.items() if kind in body.split(b"stream\n")[0]]

    @property
    def page(self) -> bytes:
        """The dictionary of the page."""
        return self.objects[self.named(b"/Type /Page ")[0]]

    @property
    def content(self) -> bytes:
        """What draws the page."""
        return self.stream(_first(rb"/Contents (\d+) 0 R", self.page))

    @property
    def lines(self) -> list[str]:
        """Every line of text on the page, as a reader decodes it."""
        found = []
        for raw in re.findall(rb"\((?:\\.|[^\\()])*\) Tj", self.content, re.DOTALL):
            plain = re.sub(rb"\\(.)", _unescaped, raw[1:-4], flags=re.DOTALL)
            found.append(plain.decode("cp1252"))
        return found


def _first(pattern: bytes, content: bytes) -> int:
    match = re.search(pattern, content)
    assert match is not None
    return int(match[1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    return {b"n": b"\n", b"r": b"\r"}.get(match[1], match[1])
