"""Maps on paper and films of real pixels; systems and angles against pyproj."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import imagecodecs
import numpy as np
import pytest
from affine import Affine
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Proj, Transformer

from landzicht.errors.catalogue import BadBox, BadQuery, NothingHere, UnknownCollection
from landzicht.errors.pixels import NoUsableDates, UnknownFormat
from landzicht.grid import Bounds, Grid
from landzicht.grid.outline import Outline
from landzicht.kinds import Band, Layer, Span
from landzicht.kinds.collection import Mask
from landzicht.portal.maps.films import MOST_FRAMES, FilmRequest, film
from landzicht.portal.maps.pictures import Unchanged
from landzicht.portal.maps.places import (
    RD,
    WEB,
    framed,
    ground_scale,
    local_system,
    north_turn,
    shares,
)
from landzicht.portal.maps.sheets import SheetRequest, sheet
from landzicht.portal.maps.view import View
from landzicht.portal.maps.windows import WindowRequest, window
from landzicht.portal.scenes import Selection
from landzicht.rules import Decision
from landzicht.testing.pdf import PdfFile
from landzicht.testing.pixels import JUNE, make_services, store_scene
from landzicht.testing.scenes import make_collection
from landzicht.text import Text

GEOD = Geod(ellps="WGS84")
SIDE = 128
GRID = Grid(
    crs="EPSG:28992", transform=Affine(10, 0, 130_000, 0, -10, 460_000), height=SIDE, width=SIDE
)
BAND = Band(name="b", dtype="uint8", nodata=0)
CODE = Band(name="code", dtype="uint8", kind="categorical")
LAYER = Layer(
    name="b",
    title=Text(nl="Hoe licht is het?", en="How light is it?"),
    description=Text(nl="Licht is hoog.", en="Light is high."),
    assets=("b",),
    rescale=((0.0, 255.0),),
    colormap="viridis",
    low=Text(nl="donker", en="dark"),
    high=Text(nl="licht", en="light"),
)
COLLECTION = make_collection(
    "polder",
    bands=(BAND, CODE),
    layers=(LAYER,),
    resolution_m=10,
    mask=Mask(asset="code", valid=(1,)),
    license="CC-BY-4.0",
    sources=("De Proefmeters",),
)
CLOUDS = {0: 0, 5: 100, 10: 10, 15: 60, 20: 0}
"""Days after 8 June 2025 → percent of the place in cloud."""


def scene_of(services, collection, days, percent, **fields):
    values = np.full(GRID.shape, 40 + 8 * days, np.uint8)
    codes = np.ones(GRID.shape, np.uint8)
    codes[: round(SIDE * percent / 100)] = 9
    bands = {"b": (values, BAND), "code": (codes, CODE)}
    moment = JUNE + timedelta(days=days)
    return store_scene(services, collection, f"s{days}", GRID, bands, moment=moment, **fields)


@pytest.fixture(scope="module")
def polder(tmp_path_factory):
    services = make_services(tmp_path_factory.mktemp("sheets"))
    made_up = replace(COLLECTION, id="made-up", simulated=True)
    unmasked = replace(COLLECTION, id="unmasked", mask=None, bands=(BAND,))
    for collection in (COLLECTION, made_up, unmasked):
        scenes = [scene_of(services, collection.id, *each) for each in CLOUDS.items()]
        services.catalog.put([collection], scenes)
    services.catalog.put([replace(COLLECTION, id="empty")], [])
    return services


def ask(**changes):
    return SheetRequest(**{"collection": "polder", "language": "nl", "dpi": 72, **changes})


def words(picture) -> str:
    return " ".join(PdfFile(picture.content).lines)


def test_a_page_tells_what_when_where_and_from_whom(polder) -> None:
    told = words(sheet(polder, ask(selection=Selection(ids=("s10",)))))
    for part in (
        "Hoe licht is het?", "18 juni 2025, 10:40 UTC", "Legenda", "donker", "licht", "255",
        "Schaal 1 : ", "N", "Licht is hoog.", "De Proefmeters", "CC-BY-4.0", "s10",
        "10 bij 10 m", "Neem geen besluit op dit beeld alleen",
    ):  # fmt: skip
        assert part in told, part
    assert "GESIMULEERD" not in told
    english = words(sheet(polder, ask(selection=Selection(ids=("s10",)), language="en")))
    assert "18 June 2025" in english
    assert "Do not decide on this image alone" in english
    assert "Legenda" not in english


def test_a_title_of_ones_own(polder) -> None:
    told = words(sheet(polder, ask(title="Mijn (eigen) kaart", link="http://x/#l=b")))
    assert "Mijn (eigen) kaart" in told
    assert "Hoe licht is het?" in told
    assert "http://x/#l=b" in told


def test_several_dates_are_a_period(polder) -> None:
    clear = Selection(order="oldest", ids=("s0", "s20"), rule="mean")
    told = words(sheet(polder, ask(selection=clear)))
    assert "8 juni 2025 tot en met 28 juni 2025" in told


def test_the_map_is_the_window_of_the_same_place(polder) -> None:
    """The JPEG in the page is what a window of that box gives, to the byte."""
    box = Bounds(5.0201, 52.1201, 5.0301, 52.1301)
    page = PdfFile(sheet(polder, ask(box=box, dpi=100)).content)
    (number,) = page.named(b"/DCTDecode")
    pixels = imagecodecs.jpeg8_decode(page.stream(number))
    ratio = pixels.shape[1] / pixels.shape[0]
    place = framed(box, RD, (297 - 22 - 68) / (210 - 22 - 17))
    wanted = WindowRequest(
        collection="polder", box=place, crs=RD, width=pixels.shape[1], height=pixels.shape[0],
        ending="jpg", resampling="bilinear",
    )  # fmt: skip
    assert page.stream(number) == window(polder, wanted).content
    assert pixels.shape[1] == pytest.approx((297 - 22 - 68) / 25.4 * 100, abs=1)
    assert ratio == pytest.approx((297 - 22 - 68) / (210 - 22 - 17), rel=0.01)


def test_simulated_pages_say_so_in_words_and_in_the_map(polder) -> None:
    marked = sheet(polder, ask(collection="made-up"))
    assert marked.simulated
    assert "GESIMULEERD – geen echt beeld" in words(marked)
    plain = sheet(polder, ask(collection="made-up", mark=False))
    assert "GESIMULEERD – geen echt beeld" in words(plain), "the words cannot be switched off"
    assert marked.content != plain.content
    png = imagecodecs.png_decode(sheet(polder, ask(collection="made-up", ending="png")).content)
    badge = (np.abs(png[..., :3].astype(int) - (242, 184, 75)).max(-1) < 3).sum()
    assert badge > 700


def test_a_picture_of_the_page_has_the_size_of_its_paper(polder) -> None:
    found = imagecodecs.png_decode(sheet(polder, ask(ending="png", dpi=100)).content)
    assert found.shape[:2] == (round(210 / 25.4 * 100), round(297 / 25.4 * 100))
    upright = imagecodecs.png_decode(sheet(polder, ask(ending="png", dpi=72, upright=True)).content)
    assert upright.shape[0] > upright.shape[1]


def test_too_fine_a_map_is_made_as_fine_as_allowed(polder) -> None:
    few = replace(polder, settings=replace(polder.settings, max_pixels=100_000))
    page = PdfFile(sheet(few, ask(dpi=300)).content)
    (number,) = page.named(b"/DCTDecode")
    height, width = imagecodecs.jpeg8_decode(page.stream(number)).shape[:2]
    assert 60_000 < height * width <= 100_000


def test_an_area_of_ones_own_is_drawn(polder) -> None:
    ring = ((5.022, 52.122), (5.028, 52.122), (5.025, 52.128), (5.022, 52.122))
    plain = sheet(polder, ask(box=Bounds(5.02, 52.12, 5.03, 52.13)))
    drawn = sheet(polder, ask(box=Bounds(5.02, 52.12, 5.03, 52.13), outline=Outline((ring,))))
    lines = PdfFile(drawn.content).content.count(b" S Q")
    assert lines == PdfFile(plain.content).content.count(b" S Q") + 2
    around = sheet(polder, ask(outline=Outline((ring,))))
    assert around.scenes


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"collection": "absent"}, UnknownCollection),
        ({"collection": "empty"}, NothingHere),
        ({"ending": "tif"}, UnknownFormat),
        ({"paper": "a0"}, BadQuery),
        ({"dpi": 20}, BadQuery),
        ({"dpi": 3000}, BadQuery),
        ({"title": "x" * 121}, BadQuery),
        ({"box": Bounds(5, 52, 5, 52)}, BadBox),
        ({"box": Bounds(100, 10, 101, 11)}, NothingHere),
    ],
)
def test_wrong_pages_are_refused(polder, changes, error) -> None:
    with pytest.raises(error):
        sheet(polder, ask(**changes))


class Secret:
    def judge(self, use, collection):
        return Decision(False, Text(nl="nee", en="no"))


def test_hidden_collections_do_not_exist(polder) -> None:
    closed = replace(polder, policies=(Secret(),))
    with pytest.raises(UnknownCollection):
        sheet(closed, ask())
    with pytest.raises(UnknownCollection):
        film(closed, FilmRequest(collection="polder"))


def test_a_known_page_is_not_made_again(polder) -> None:
    first = sheet(polder, ask())
    assert sheet(polder, ask(), {first.etag}) == Unchanged(first.etag)
    assert sheet(polder, ask(title="x")).etag != first.etag
    assert sheet(polder, ask()).content == first.content


def test_two_days_are_of_the_same_place_with_their_dates(polder) -> None:
    """Left what is compared with, right the day itself; each is the window of that day."""
    box = Bounds(5.0201, 52.1201, 5.0301, 52.1301)
    first, second = Selection(ids=("s0",)), Selection(ids=("s20",))
    page = PdfFile(sheet(polder, ask(box=box, compared=first, selection=second)).content)
    left, right = page.named(b"/DCTDecode")
    for number, selection in ((left, first), (right, second)):
        height, width = imagecodecs.jpeg8_decode(page.stream(number)).shape[:2]
        place = framed(box, RD, (297 - 22 - 68 - 3) / 2 / (210 - 22 - 17 - 6.5))
        wanted = WindowRequest(
            collection="polder", box=place, crs=RD, width=width, height=height,
            ending="jpg", resampling="bilinear", selection=selection,
        )  # fmt: skip
        assert page.stream(number) == window(polder, wanted).content
    told = " ".join(page.lines)
    assert "8 juni 2025, 10:40 UTC – 28 juni 2025, 10:40 UTC" in told
    assert told.count("8 juni 2025, 10:40 UTC") >= 4
    assert "s0" in told
    assert "s20" in told


# -- films ------------------------------------------------------------------------------------


def test_a_film_has_the_usable_dates_in_order(polder) -> None:
    made = film(polder, FilmRequest(collection="polder", side=200))
    assert made.dates == ("2025-06-08", "2025-06-18", "2025-06-28")
    more = film(polder, FilmRequest(collection="polder", side=200, cloud=70))
    assert len(more.dates) == 4
    frames = [imagecodecs.webp_decode(made.picture.content, index=n) for n in range(3)]
    level = [frame[20:100, 20:180].mean() for frame in frames]
    assert level == sorted(level), "values go up with the days"
    assert level[2] - level[0] > 20
    assert set(made.picture.scenes) == {"s0", "s10", "s20"}


@pytest.mark.parametrize("ending", ["webp", "gif"])
def test_a_film_tells_of_each_frame_and_can_be_stopped(polder, ending) -> None:
    told: list[tuple[int, int]] = []
    wanted = FilmRequest(collection="polder", side=160, ending=ending)
    film(polder, wanted, (), lambda *step: told.append(step))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]

    class StopError(Exception):
        pass

    def stop(done: int, _total: int) -> None:
        told.append((done, 0))
        if done == 1:
            raise StopError

    with pytest.raises(StopError):
        film(polder, wanted, (), stop)
    assert told[-1] == (1, 0)


def test_a_film_of_a_period_as_gif(polder) -> None:
    span = Span.parse("2025-06-09/2025-06-30")
    wanted = FilmRequest(collection="polder", side=200, span=span, ending="gif", frame_ms=300)
    made = film(polder, wanted)
    assert made.dates == ("2025-06-18", "2025-06-28")
    assert len(imagecodecs.gif_decode(made.picture.content)) == 2


def test_what_has_no_images_does_not_count_as_clouds(polder) -> None:
    wide = FilmRequest(collection="polder", side=160, box=Bounds(4.9, 52.0, 5.2, 52.3))
    assert film(polder, wide).dates == ("2025-06-08", "2025-06-18", "2025-06-28")


def test_without_a_mask_every_date_counts(polder) -> None:
    made = film(polder, FilmRequest(collection="unmasked", side=160))
    assert len(made.dates) == len(CLOUDS)


def test_of_many_dates_some_are_left_out_evenly(polder, monkeypatch) -> None:
    monkeypatch.setattr("landzicht.portal.maps.films.MOST_FRAMES", 3)
    made = film(polder, FilmRequest(collection="unmasked", side=160))
    assert made.dates == ("2025-06-08", "2025-06-18", "2025-06-28")
    assert MOST_FRAMES == 60


def test_large_films_get_smaller_frames(polder, monkeypatch) -> None:
    monkeypatch.setattr("landzicht.portal.maps.films.MOST_PIXELS", 60_000)
    content = film(polder, FilmRequest(collection="unmasked", side=800)).picture.content
    assert imagecodecs.webp_decode(content).shape[1] <= 160


def test_every_frame_of_a_simulated_film_says_so(polder) -> None:
    marked = film(polder, FilmRequest(collection="made-up", side=480))
    plain = film(polder, FilmRequest(collection="made-up", side=480, mark=False))
    assert marked.picture.simulated
    for number in range(3):
        a, b = (
            imagecodecs.webp_decode(each.picture.content, index=number)[..., :3].astype(int)
            for each in (marked, plain)
        )
        assert (np.abs(a - b).max(-1) > 20).mean() > 0.002, "in the map"
        yellow = np.abs(b - (242, 184, 75)).max(-1) < 12
        assert yellow.sum() > 500, "below it"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"collection": "absent"}, UnknownCollection),
        ({"collection": "empty"}, NothingHere),
        ({"ending": "mp4"}, UnknownFormat),
        ({"side": 20}, BadQuery),
        ({"frame_ms": 1}, BadQuery),
        ({"cloud": 101.0}, BadQuery),
        ({"span": Span.parse("2025-06-13")}, NoUsableDates),
        ({"span": Span.parse("2020-01-01")}, NoUsableDates),
        ({"box": Bounds(100, 10, 101, 11)}, NoUsableDates),
        ({"box": Bounds(5, 52, 5, 52)}, BadBox),
    ],
)
def test_wrong_films_are_refused(polder, changes, error) -> None:
    with pytest.raises(error):
        film(polder, FilmRequest(**{"collection": "polder", **changes}))


def test_a_known_film_is_not_made_again(polder) -> None:
    wanted = FilmRequest(collection="polder", side=160)
    first = film(polder, wanted)
    assert film(polder, wanted, {first.picture.etag}) == Unchanged(first.picture.etag)


# -- places -----------------------------------------------------------------------------------

LON, LAT = st.floats(-179, 179), st.floats(-79, 79)


@given(LON, LAT, st.floats(0.001, 5), st.floats(0.2, 4))
def test_a_place_gets_a_system_where_it_lies(lon, lat, size, ratio) -> None:
    box = Bounds(lon - size / 2, lat - size / 2, lon + size / 2, lat + size / 2)
    assume(abs(box.north) < 84 and abs(box.south) < 84)
    crs = local_system(box)
    found = framed(box, crs, ratio)
    wide, high = found.east - found.west, found.north - found.south
    assert wide / high == pytest.approx(ratio, rel=1e-6)
    move = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    xs, ys = move.transform(
        [box.west, box.east, box.west, box.east], [box.south, box.north, box.north, box.south]
    )
    slack = 1e-6 * max(wide, high)
    assert found.west - slack <= min(xs)
    assert max(xs) <= found.east + slack
    assert found.south - slack <= min(ys)
    assert max(ys) <= found.north + slack


@pytest.mark.parametrize(
    ("box", "crs"),
    [
        (Bounds(5.1, 52.1, 5.2, 52.2), RD),
        (Bounds(-68.4, 12.1, -68.2, 12.3), "EPSG:32619"),  # Bonaire
        (Bounds(150, -34, 151, -33), "EPSG:32756"),
        (Bounds(0, 40, 20, 50), WEB),
        (Bounds(10, 81, 11, 82), WEB),
        (Bounds(179.5, -17, 180.5, -16), "EPSG:32701"),
    ],
)
def test_well_known_places(box, crs) -> None:
    assert local_system(box) == crs
    assert CRS(crs).is_projected


@given(LON, st.floats(-75, 75))
def test_north_is_turned_by_the_convergence(lon, lat) -> None:
    box = Bounds(lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)
    crs = local_system(box)
    found = north_turn(framed(box, crs, 1.0), crs)
    told = Proj(crs).get_factors(lon, lat).meridian_convergence
    assert found == pytest.approx(-told, abs=0.05)


@given(LON, st.floats(-75, 75), st.floats(0.001, 0.02))
def test_a_metre_on_the_map_is_a_metre_on_the_ground(lon, lat, size) -> None:
    box = Bounds(lon - size, lat - size / 2, lon + size, lat + size / 2)
    for crs in {local_system(box), WEB}:
        place = framed(box, crs, 1.0)
        back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        middle = (place.south + place.north) / 2
        ends = back.transform([place.west, place.east], [middle, middle])
        _, _, ground = GEOD.inv(ends[0][0], ends[1][0], ends[0][1], ends[1][1])
        said = (place.east - place.west) * ground_scale(place, crs)
        assert said == pytest.approx(ground, rel=0.004)


def test_an_outline_in_shares_of_the_map() -> None:
    place = Bounds(100.0, 200.0, 300.0, 300.0)
    ring = ((100.0, 300.0), (300.0, 300.0), (200.0, 225.0), (100.0, 300.0))
    ((a, b, c, _),) = shares(Outline((ring,), RD), place, RD)
    assert (a, b, c) == ((0.0, 0.0), (1.0, 0.0), (0.5, 0.75))


def test_a_view_needs_no_layer(polder) -> None:
    told = words(sheet(polder, ask(view=View(expression="b*2", rescale=((0.0, 300.0),)))))
    assert "Formule: b*2" in told
