"""A drawing as PDF 1.7 (ISO 32000-1): one page, letters of every reader, and tags for the blind.

Text stays text: it can be searched, copied and read aloud. Pictures are JPEG as they came, or
deflated. The same drawing gives the same bytes.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

from landzicht.render.drawing import Drawing, Photo, Shape, Words
from landzicht.render.metrics import encoded, width_of

if TYPE_CHECKING:
    from landzicht.render.drawing import Colour, Mark, Point

MEDIA_TYPE = "application/pdf"
_POINT = 72 / 25.4
_CATALOG, _PAGES, _PAGE, _CONTENT, _PLAIN, _BOLD, _INFO, _ROOT, _PARENTS, _DOCUMENT = range(1, 11)
_FIRST_FREE = 11


def pdf(drawing: Drawing) -> bytes:
    """Return a drawing as the bytes of a PDF file."""
    return _Writer(drawing).file()


class _Writer:
    """Gathers numbered objects, and writes them with their places at the end."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._objects: dict[int, bytes] = {}
        self._next = _FIRST_FREE
        self._photos: list[int] = []
        self._links: list[int] = []
        self._tags: list[int] = []

    def file(self) -> bytes:
        """Return the whole file."""
        content = b"\n".join(self._drawn(mark) for mark in self._drawing.marks)
        self._objects[_CONTENT] = _stream(b"", zlib.compress(content, 9), b"/FlateDecode")
        self._add_page()
        self._add_fonts()
        self._add_tree()
        self._add_info()
        return self._written()

    def _drawn(self, mark: Mark) -> bytes:
        if isinstance(mark, Words):
            return self._tagged(b"P", self._words(mark))
        if isinstance(mark, Photo):
            return self._tagged(b"Figure", self._photo(mark), mark.alt)
        return b"/Artifact BMC\n" + self._shape(mark) + b"\nEMC"

    def _tagged(self, kind: bytes, drawn: bytes, alt: str = "") -> bytes:
        """Make a piece part of the text that is read aloud, in the order of the marks."""
        number = self._number()
        piece = len(self._tags)
        told = b" /Alt " + _text(alt) if alt else b""
        self._objects[number] = (
            b"<< /Type /StructElem /S /%b /P %d 0 R /Pg %d 0 R /K %d%b >>"
            % (kind, _DOCUMENT, _PAGE, piece, told)
        )  # fmt: skip
        self._tags.append(number)
        return b"/%b << /MCID %d >> BDC\n%b\nEMC" % (kind, piece, drawn)

    def _words(self, mark: Words) -> bytes:
        wide = width_of(mark.text, mark.size, bold=mark.bold)
        left = mark.at[0] - {"left": 0.0, "middle": wide / 2, "right": wide}[mark.align]
        x, y = self._place((left, mark.at[1]))
        if mark.link:
            self._link(mark, left, wide)
        return b"BT /%b %b Tf %b rg %b %b Td %b Tj ET" % (
            b"B" if mark.bold else b"F",
            _number(mark.size * _POINT),
            _colour(mark.colour),
            x,
            y,
            _literal(encoded(mark.text)),
        )

    def _link(self, mark: Words, left: float, wide: float) -> None:
        number = self._number()
        low = self._place((left, mark.at[1] + 0.3 * mark.size))
        high = self._place((left + wide, mark.at[1] - 0.8 * mark.size))
        address = _literal(mark.link.encode("ascii", "replace"))
        self._objects[number] = (
            b"<< /Type /Annot /Subtype /Link /Border [0 0 0] /F 4 /Rect [%b %b %b %b] "
            b"/Contents %b /A << /S /URI /URI %b >> >>" % (*low, *high, _text(mark.text), address)
        )
        self._links.append(number)

    def _shape(self, mark: Shape) -> bytes:
        first, *rest = (b"%b %b" % self._place(point) for point in mark.points)
        path = b" ".join([first + b" m", *(each + b" l" for each in rest)])
        look = b""
        if mark.fill is not None:
            look += _colour(mark.fill) + b" rg "
        if mark.edge is not None:
            look += b"%b RG %b w 1 j " % (_colour(mark.edge), _number(mark.width * _POINT))
        close = b" h" if mark.closed else b""
        paint = {(True, True): b"B*", (True, False): b"f*", (False, True): b"S"}
        how = paint.get((mark.fill is not None, mark.edge is not None), b"n")
        return b"q %b%b%b %b Q" % (look, path, close, how)

    def _photo(self, mark: Photo) -> bytes:
        height, width = mark.pixels.shape[:2]
        about = (
            b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB "
            b"/BitsPerComponent 8 /Interpolate false" % (width, height)
        )
        number = self._number()
        if mark.jpeg:
            self._objects[number] = _stream(about, mark.jpeg, b"/DCTDecode")
        else:
            packed = zlib.compress(mark.pixels.tobytes(), 6)
            self._objects[number] = _stream(about, packed, b"/FlateDecode")
        self._photos.append(number)
        wide, high = (_number(side * _POINT) for side in mark.size)
        x, y = self._place((mark.at[0], mark.at[1] + mark.size[1]))
        return b"q %b 0 0 %b %b %b cm /I%d Do Q" % (wide, high, x, y, number)

    def _add_page(self) -> None:
        wide, high = _number(self._drawing.width * _POINT), _number(self._drawing.height * _POINT)
        photos = b" ".join(b"/I%d %d 0 R" % (number, number) for number in self._photos)
        links = b" ".join(b"%d 0 R" % number for number in self._links)
        self._objects[_PAGES] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % _PAGE
        self._objects[_PAGE] = (
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %b %b] /Contents %d 0 R "
            b"/Resources << /Font << /F %d 0 R /B %d 0 R >> /XObject << %b >> >> "
            b"/StructParents 0 /Tabs /S /Annots [%b] >>"
            % (_PAGES, wide, high, _CONTENT, _PLAIN, _BOLD, photos, links)
        )

    def _add_fonts(self) -> None:
        for number, name in ((_PLAIN, b"Helvetica"), (_BOLD, b"Helvetica-Bold")):
            self._objects[number] = (
                b"<< /Type /Font /Subtype /Type1 /BaseFont /%b /Encoding /WinAnsiEncoding >>" % name
            )

    def _add_tree(self) -> None:
        """Say in which order the pieces are read, and in which language."""
        pieces = b" ".join(b"%d 0 R" % number for number in self._tags)
        self._objects[_ROOT] = (
            b"<< /Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey 1 >>"
            % (_DOCUMENT, _PARENTS)
        )
        self._objects[_PARENTS] = b"<< /Nums [0 [%b]] >>" % pieces
        self._objects[_DOCUMENT] = b"<< /Type /StructElem /S /Document /P %d 0 R /K [%b] >>" % (
            _ROOT,
            pieces,
        )
        language = self._drawing.language.encode()
        self._objects[_CATALOG] = (
            b"<< /Type /Catalog /Pages %d 0 R /Lang (%b) /MarkInfo << /Marked true >> "
            b"/StructTreeRoot %d 0 R /ViewerPreferences << /DisplayDocTitle true >> >>"
            % (_PAGES, language, _ROOT)
        )

    def _add_info(self) -> None:
        told = (_text(self._drawing.title), _text(self._drawing.subject))
        self._objects[_INFO] = b"<< /Title %b /Subject %b /Producer (Landzicht) >>" % told

    def _written(self) -> bytes:
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number in sorted(self._objects):
            places.append(len(out))
            out += b"%d 0 obj\n%b\nendobj\n" % (number, self._objects[number])
        start = len(out)
        count = len(self._objects) + 1
        out += b"xref\n0 %d\n0000000000 65535 f \n" % count
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        name = hashlib.blake2b(out, digest_size=16).hexdigest().encode()
        out += b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%b> <%b>] >>\n" % (
            *(count, _CATALOG, _INFO),
            *(name, name),
        )
        out += b"startxref\n%d\n%%%%EOF\n" % start
        return bytes(out)

    def _place(self, point: Point) -> tuple[bytes, bytes]:
        """Return a place in points from the lower left corner."""
        x, y = point
        return _number(x * _POINT), _number((self._drawing.height - y) * _POINT)

    def _number(self) -> int:
        self._next += 1
        return self._next - 1


def _stream(about: bytes, content: bytes, how: bytes) -> bytes:
    head = b"<< %b /Filter %b /Length %d >>" % (about, how, len(content))
    return head + b"\nstream\n" + content + b"\nendstream"


def _number(value: float) -> bytes:
    return f"{value:.3f}".rstrip("0").rstrip(".").encode()


def _colour(colour: Colour) -> bytes:
    return b" ".join(_number(part / 255) for part in colour)


def _literal(text: bytes) -> bytes:
    """Return a string; what has a meaning in PDF is escaped."""
    for sign in (b"\\", b"(", b")"):
        text = text.replace(sign, b"\\" + sign)
    return b"(" + text.replace(b"\r", b"\\r").replace(b"\n", b"\\n") + b")"


def _text(text: str) -> bytes:
    """Return a string of any letters, for what is read but not drawn."""
    return b"<feff" + text.encode("utf-16-be", "replace").hex().encode() + b">"
