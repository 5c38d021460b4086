"""MTL and XML from outside: right, or refused; never followed, never endless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landzicht.errors.ingest import BadMetadata
from landzicht.ingest.mtl import parse_mtl, read_mtl
from landzicht.ingest.xml import MAX_DEPTH, read_xml
from landzicht.testing.product_texts import landsat_mtl

names = st.text("ABCDEFGHIJ_0123456789", min_size=1, max_size=12).filter(
    lambda name: name not in ("GROUP", "END_GROUP", "END")
)
texts = st.text(
    st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters='"'), max_size=20
).map(str.strip)
groups = st.dictionaries(names, st.dictionaries(names, texts, max_size=4), min_size=1, max_size=4)


@given(groups)
def test_what_is_written_is_read(content: dict[str, dict[str, str]]) -> None:
    lines = ["GROUP = LANDSAT_METADATA_FILE"]
    for group, values in content.items():
        lines += [f"  GROUP = {group}", *(f'    {k} = "{v}"' for k, v in values.items())]
        lines.append(f"  END_GROUP = {group}")
    found = parse_mtl("\n".join([*lines, "END_GROUP = LANDSAT_METADATA_FILE", "END", ""]))
    assert {group: found[group] for group in content} == content


@given(st.text())
def test_any_text_is_mtl_or_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_mtl(text)


@given(st.data())
def test_mtl_cut_short_is_refused(data: st.DataObject) -> None:
    whole = landsat_mtl("LC08_L2SP_198024_20200613_20200824_02_T1", surface=True).strip()
    whole = whole.removesuffix("END").strip()
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ValueError, match=r".*"):
        parse_mtl(whole[:cut])


def test_names_that_repeat_are_kept_apart_by_group() -> None:
    found = parse_mtl(landsat_mtl("LC08_L2SP_198024_20200613_20200824_02_T1", surface=True))
    name = "REFLECTANCE_MULT_BAND_4"
    assert found["LEVEL2_SURFACE_REFLECTANCE_PARAMETERS"][name] == "2.75e-05"
    assert found["LEVEL1_RADIOMETRIC_RESCALING"][name] == "2.0000E-05"


def test_a_missing_mtl(tmp_path) -> None:
    with pytest.raises(BadMetadata):
        read_mtl(tmp_path / "x_MTL.txt")


LAUGHS = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>
<l>&c;</l>"""
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'
WRONG = {
    "entity bomb": LAUGHS,
    "entity from a file": OUTSIDE,
    "outside document type": '<!DOCTYPE l SYSTEM "http://127.0.0.1/x.dtd"><l/>',
    "too deep": "<a>" * (MAX_DEPTH + 1) + "</a>" * (MAX_DEPTH + 1),
    "cut short": "<a><b>",
    "empty": "",
    "text": "PRODUCT_URI",
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG.keys())
def test_hostile_xml_is_refused(tmp_path, content: str) -> None:
    """R16."""
    path = tmp_path / "MTD_MSIL2A.xml"
    path.write_text(content)
    with pytest.raises(BadMetadata) as caught:
        read_xml(path)
    assert caught.value.say("nl") != caught.value.say("en")


def test_names_are_found_whatever_the_namespace(tmp_path) -> None:
    path = tmp_path / "x.xml"
    for space in ("psd-14", "psd-15"):
        path.write_text(f'<n:a xmlns:n="{space}"><n:b><C at="1"> 7.5 </C></n:b><C>8</C></n:a>')
        root = read_xml(path)
        assert [element.text for element in root.every("C")] == [" 7.5 ", "8"]
        assert root.number("C") == 7.5
        assert root.words("D") is None


def test_text_in_many_pieces_is_one_text(tmp_path) -> None:
    """Comments, elements and sheer length cut a text into pieces; order and place stay."""
    words = "".join(f"{number} &amp; " for number in range(20_000))
    path = tmp_path / "x.xml"
    path.write_text(f"<a>{words}<b>in</b><!-- x -->{words}<b/></a>")
    root = read_xml(path)
    assert root.text == words.replace("&amp;", "&") * 2
    assert [child.text for child in root.every("b")] == ["in", ""]
