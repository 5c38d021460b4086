"""The page `/data/{id}`: all about one collection, as text."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from landzicht.text import Text, long_date
from landzicht.web.pages.data import SIMULATED, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from landzicht.kinds import Band, Collection, Layer
    from landzicht.text import Language

_LAYERS = Text(nl="Wat u kunt zien", en="What you can see")
_LEGEND = Text(nl="Legenda van {layer}", en="Legend of {layer}")
_BANDS = Text(nl="Wat er is gemeten", en="What was measured")
_HEAD = (
    Text(nl="Naam", en="Name"),
    Text(nl="Wat", en="What"),
    Text(nl="Golflengte", en="Wavelength"),
    Text(nl="Eenheid", en="Unit"),
)
_CLOUDS = Text(nl="Wolken", en="Clouds")
_MASK = Text(
    nl="De band {band} zegt per beeldpunt of de grond te zien is. Wat geen grond is (wolk, "
    "schaduw), telt bij het meten niet mee. Zo’n indeling is soms fout.",
    en="The band {band} tells for each pixel whether the ground can be seen. What is not ground "
    "(cloud, shadow) does not count in measurements. Such a classification is sometimes wrong.",
)
_NO_MASK = Text(
    nl="Deze gegevens zeggen niet waar wolken zijn. Kijk zelf of een beeld bruikbaar is.",
    en="These data do not tell where clouds are. Look for yourself whether an image can be used.",
)
_SURE = Text(nl="Hoe zeker is dit?", en="How certain is this?")
_CARE = Text(
    nl="Nevel, schaduw en de stand van zon en satelliet veranderen de waarden. Er is niet op de "
    "grond gemeten. Neem geen besluit op deze beelden alleen. Hoe wij rekenen, leest u bij "
    "<a href='/algoritmes?lang=nl'>welke rekenregels wij gebruiken</a>.",
    en="Haze, shadow and the position of sun and satellite change the values. Nothing was measured "
    "on the ground. Do not decide on these images alone. How we compute is told in "
    "<a href='/algoritmes?lang=en'>which computations we use</a>.",
)
_DAYS = Text(nl="Dagen met beeld", en="Days with an image")
_MORE = Text(nl="en nog {count} eerdere dagen", en="and {count} earlier days")
_CLOUDY = Text(nl="{share}% wolken", en="{share}% clouds")
_GET = Text(nl="Zo komt u aan de gegevens", en="How to get the data")
_ON_MAP = Text(nl="Bekijk op de kaart", en="Look at the map")
_PRINT = Text(nl="Kaart op papier (PDF)", en="Map on paper (PDF)")
_FILM = Text(nl="Filmpje van alle bruikbare dagen", en="Film of all usable days")
_SCENES = Text(nl="Lijst van beelden (STAC)", en="List of images (STAC)")
_RECORD = Text(nl="Beschrijving (STAC)", en="Description (STAC)")
_BACK = Text(nl="Alle gegevens", en="All data")
_SHOWN_DAYS = 40


def record_page(collection: Collection, dates: Sequence[dict[str, Any]], language: Language) -> str:
    """Return the body of the page; the texts of collections are foreign, so they are escaped.

    Args:
        collection: what the page is about.
        dates: the days that have scenes, the oldest first, as `Portal.dates` gives them.
        language: of the page.
    """
    badge = f'<p><span class="badge">{SIMULATED.say(language)}</span></p>'
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in facts_of(collection, language)
    )
    layers = "".join(_layer(collection, layer, language) for layer in collection.layers)
    parts = [
        badge if collection.simulated else "",
        f"<p>{escape(collection.description.say(language))}</p><dl>{facts}</dl>",
        f"<h2>{_LAYERS.say(language)}</h2>{layers}" if layers else "",
        f"<h2>{_GET.say(language)}</h2>{_links(collection, language)}",
        f"<h2>{_CLOUDS.say(language)}</h2><p>{_clouds(collection, language)}</p>",
        f"<h2>{_SURE.say(language)}</h2><p>{_CARE.say(language)}</p>",
        _bands(collection.bands, language),
        _days(dates, language),
        f'<p><a href="/data?lang={language}">{_BACK.say(language)}</a></p>',
    ]
    return "\n".join(parts)


def _layer(collection: Collection, layer: Layer, language: Language) -> str:
    title = escape(layer.title.say(language))
    about = f"<p>{escape(layer.description.say(language))}</p>" if layer.description else ""
    asked = f"layer={quote(layer.name, safe='')}&amp;lang={language}"
    address = f"/tiles/{_path(collection.id)}/legend.png?{asked}"
    legend = ""
    if layer.colormap or layer.classes:
        alt = escape(_LEGEND.say(language, layer=layer.title.say(language)))
        legend = f'<img class="legend" loading="lazy" src="{address}" alt="{alt}">'
    return f"<section class='layer'><h3>{title}</h3>{about}{legend}</section>"


def _links(collection: Collection, language: Language) -> str:
    name = _path(collection.id)
    lang = f"lang={language}"
    listed = (
        (f"/#{lang}&amp;c={name}", _ON_MAP),
        (f"/tiles/{name}/sheet.pdf?{lang}", _PRINT),
        (f"/tiles/{name}/film.webp?{lang}", _FILM),
        (f"/stac/collections/{name}", _RECORD),
        (f"/stac/collections/{name}/items", _SCENES),
    )
    items = "".join(f'<li><a href="{to}">{text.say(language)}</a></li>' for to, text in listed)
    return f"<ul>{items}</ul>"


def _clouds(collection: Collection, language: Language) -> str:
    if collection.mask is None:
        return _NO_MASK.say(language)
    return escape(_MASK.say(language, band=collection.mask.asset))


def _bands(bands: Iterable[Band], language: Language) -> str:
    rows = "".join(_band(band, language) for band in bands)
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{each.say(language)}</th>' for each in _HEAD)
    title = _BANDS.say(language)
    return (
        f'<h2 id="bands">{title}</h2><div class="wide" tabindex="0" role="region" '
        f'aria-labelledby="bands"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _band(band: Band, language: Language) -> str:
    wave = f"{band.wavelength_um:g} µm" if band.wavelength_um else ""
    unit = "" if band.unit in (None, "1") else band.unit
    what = band.title or band.common_name or ""
    cells = (what, wave.replace(".", ",") if language == "nl" else wave, unit or "")
    told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row"><code>{escape(band.name)}</code></th>{told}</tr>'


def _days(dates: Sequence[dict[str, Any]], language: Language) -> str:
    if not dates:
        return ""
    from datetime import date

    items = []
    for told in list(dates)[::-1][:_SHOWN_DAYS]:
        cloud = told["cloud_cover"]
        day = long_date(date.fromisoformat(told["date"]), language)
        more = f" – {_CLOUDY.say(language, share=f'{cloud:.0f}')}" if cloud is not None else ""
        items.append(f"<li>{escape(day + more)}</li>")
    left = len(dates) - len(items)
    if left > 0:
        items.append(f"<li>{_MORE.say(language, count=left)}</li>")
    return f"<h2>{_DAYS.say(language)}</h2><ul class='days'>{''.join(items)}</ul>"


def _path(id: str) -> str:
    return quote(id, safe="")
