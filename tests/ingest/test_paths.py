"""Only regular files in the folder that was given are opened; all else is told, nothing hangs."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from landzicht.errors import LandzichtError
from landzicht.errors.ingest import BadRecipe
from landzicht.ingest import Options, sniff
from landzicht.ingest.paths import open_file
from landzicht.ingest.recipe import parse_recipe, read_recipe
from landzicht.kinds import Outcome
from landzicht.testing.products import make_landsat, make_safe

RECIPE = "[collection]\nid = 'x'\n[files]\npattern = '(?P<date>\\d{8})'\n"


@pytest.fixture(autouse=True)
def not_for_ever() -> Iterator[None]:
    """Make a test that waits for the other end of a pipe fail instead."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def codes(receipts) -> list[str]:
    return [found.code for receipt in receipts for found in receipt.findings]


@pytest.mark.parametrize("name", ["x.tif", "x.json", "x", "manifest.safe", "MTD_MSIL2A.xml"])
def test_a_pipe_is_refused(port, tmp_path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    os.mkfifo(folder / name)
    assert codes(port.take(folder / name)) == ["not-a-file"]
    if name != "x" and name != "manifest.safe":
        assert codes(port.take(folder)) == ["not-a-file"]


def test_devices_and_pipes_below_a_recipe(port, tmp_path) -> None:
    recipe = parse_recipe(RECIPE)
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in" / "a-20200101.tif")
    assert codes(port.take(tmp_path / "in", recipe=recipe)) == ["not-a-file"]
    assert codes(port.take(Path("/dev/zero"), recipe=recipe)) == ["not-a-file"]
    assert codes(port.take(Path("/dev/zero"))) == ["not-a-file"]


def test_a_pipe_beside_good_files_stops_nothing(port, make_tiff, tmp_path) -> None:
    make_tiff("in/a-20200101.tif")
    os.mkfifo(tmp_path / "in" / "b-20200101.tif")
    os.mkfifo(tmp_path / "in" / "collection.json")
    outcomes = {Path(r.path).name: r.outcome for r in port.take(tmp_path / "in")}
    assert outcomes == {
        "a-20200101.tif": Outcome.ADDED,
        "b-20200101.tif": Outcome.REFUSED,
        "collection.json": Outcome.REFUSED,
    }


@pytest.mark.parametrize("pattern", ["GRANULE/*/MTD_TL.xml", "GRANULE/*/IMG_DATA/R10m/*_B04_10m*"])
def test_a_pipe_in_a_product(port, tmp_path, pattern: str) -> None:
    product = make_safe(tmp_path)
    (file,) = product.path.glob(pattern)
    file.unlink()
    os.mkfifo(file)
    (receipt,) = port.take(product.path)
    assert receipt.outcome is Outcome.REFUSED
    assert "not-a-file" in codes([receipt])


def test_a_pipe_as_landsat_metadata(port, tmp_path) -> None:
    product = make_landsat(tmp_path)
    (mtl,) = product.path.glob("*_MTL.txt")
    mtl.unlink()
    os.mkfifo(mtl)
    assert codes(port.take(product.path)) == ["not-a-file"]


def test_a_pipe_as_recipe(tmp_path) -> None:
    os.mkfifo(tmp_path / "x.toml")
    with pytest.raises(BadRecipe) as caught:
        read_recipe(tmp_path / "x.toml")
    assert "not a regular file" in caught.value.say("en")
    assert "geen gewoon bestand" in caught.value.say("nl")


def test_a_pipe_that_takes_a_files_place_does_not_hang(tmp_path, monkeypatch) -> None:
    """Between looking at a name and opening it, somebody may put something else there."""
    real, pipe = tmp_path / "real", tmp_path / "pipe"
    real.write_bytes(b"x")
    os.mkfifo(pipe)
    monkeypatch.setattr(Path, "stat", lambda *_args, **_options: os.stat(real))  # noqa: PTH116
    with pytest.raises(OSError, match="seek"):
        open_file(pipe)


@pytest.mark.parametrize(
    "pattern", ["MTD_MSIL2A.xml", "GRANULE/*/MTD_TL.xml", "GRANULE/*/IMG_DATA/R10m/*_B04_10m*"]
)
def test_a_link_out_of_a_product_is_refused(port, tmp_path, pattern: str) -> None:
    (tmp_path / "in").mkdir()
    product = make_safe(tmp_path / "in")
    (file,) = product.path.glob(pattern)
    file.rename(tmp_path / file.name)
    file.symlink_to(tmp_path / file.name)
    for given in (product.path, tmp_path / "in"):
        receipt = port.take(given)[0]
        assert receipt.outcome is Outcome.REFUSED
        assert "outside-folder" in codes([receipt])
        assert port.files() == set()


def test_a_link_out_of_a_landsat_product_is_refused(port, tmp_path) -> None:
    product = make_landsat(tmp_path)
    (file,) = product.path.glob("*_SR_B4.TIF")
    file.rename(tmp_path / file.name)
    file.symlink_to(tmp_path / file.name)
    assert codes(port.take(product.path)) == ["outside-folder"]


@pytest.mark.parametrize("with_recipe", [False, True])
def test_a_link_out_of_the_folder_is_refused(port, make_tiff, tmp_path, with_recipe) -> None:
    options = {"recipe": parse_recipe(RECIPE)} if with_recipe else {}
    real = make_tiff("elsewhere/a-20200101.tif")
    link = tmp_path / "in" / "b-20200101.tif"
    link.parent.mkdir()
    link.symlink_to(real)
    assert codes(port.take(link.parent, **options)) == ["outside-folder"]
    (named,) = port.take(link, **options)  # a person pointed at exactly this
    assert named.outcome is Outcome.ADDED, named.findings


def test_links_within_the_folder_and_to_the_folder_are_fine(port, make_tiff, tmp_path) -> None:
    real = make_tiff("in/deep/a-20200101.tif")
    (tmp_path / "in" / "b-20200102.tif").symlink_to(real)
    (tmp_path / "way").symlink_to(tmp_path / "in")
    assert {r.outcome for r in port.take(tmp_path / "way")} == {Outcome.ADDED}


def test_links_in_a_circle(port, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tif").symlink_to(tmp_path / "in" / "a.tif")
    assert [r.outcome for r in port.take(tmp_path / "in")] == [Outcome.REFUSED]
    assert [r.outcome for r in port.take(tmp_path / "in" / "a.tif")] == [Outcome.REFUSED]


def test_a_name_that_is_too_long_is_a_finding_and_the_others_go_on(port, make_tiff) -> None:
    good = make_tiff("a-20200101.tif")
    receipts = port.take(Path("x" * 300), Path("a\0b"), good)
    assert codes(receipts) == ["no-access", "no-such-file"]
    assert "name is too long" in receipts[0].findings[0].message.en
    assert "naam is te lang" in receipts[0].findings[0].message.nl
    assert receipts[-1].outcome is Outcome.ADDED


@contextmanager
def nobody() -> Iterator[Path]:
    """Yield a folder of ours, while we have no more rights than anybody."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        root = os.geteuid() == 0
        try:
            yield Path(place)
        finally:
            if root:
                os.seteuid(0)
            for path in Path(place).rglob("*"):
                path.chmod(0o700)


def drop() -> None:
    if os.geteuid() == 0:  # root may read everything
        os.seteuid(65534)


@pytest.mark.parametrize("with_recipe", [False, True])
def test_folders_that_may_not_be_read_are_told(inspector, with_recipe) -> None:
    options = Options(recipe=parse_recipe(RECIPE) if with_recipe else None)
    with nobody() as place:
        for name in ("locked/deep", "open"):
            (place / name).mkdir(parents=True)
        (place / "open" / "b-20200101.tif").write_text("no raster")
        (place / "shut-20200101.tif").write_text("no raster")
        (place / "locked").chmod(0)
        (place / "shut-20200101.tif").chmod(0)
        drop()
        paths = [place, place / "locked", place / "locked" / "deep"]
        found = [
            (Path(finding.path).name, finding.code, finding.message.en)
            for draft in sniff(paths, inspector, options)
            for finding in draft.findings
        ]
    told = [(name, code) for name, code, _ in found]
    assert told.count(("locked", "no-access")) == 2
    assert ("deep", "no-access") in told
    assert ("shut-20200101.tif", "no-access") in told
    assert ("b-20200101.tif", "unreadable-file") in told
    reasons = [text for _, code, text in found if code == "no-access"]
    assert all("no permission to read" in text for text in reasons)


def test_folders_of_a_product_that_may_not_be_read_are_told(inspector) -> None:
    with nobody() as place:
        product = make_safe(place)
        for path in (place, *place.rglob("*")):
            path.chmod(0o755)
        (locked,) = product.path.glob("GRANULE/*/IMG_DATA/R10m")
        locked.chmod(0)
        drop()
        (draft,) = sniff([product.path], Blind(), Options())
    assert "no-access" in {found.code for found in draft.findings if found.blocks}


class Blind:
    """An inspector that reads nothing: who asks it got past the checks."""

    def inspect(self, path, subdataset=None):
        raise LandzichtError
