"""Everything that can be noticed about a source, each with what, why and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landzicht.kinds import Finding
from landzicht.text import Text

if TYPE_CHECKING:
    from landzicht.errors import LandzichtError

_TEXTS = {
    "no-such-file": Text(
        nl="Dit pad bestaat niet. Controleer de naam.",
        en="There is no such path. Check the name.",
    ),
    "no-access": Text(
        nl="Dit is niet te lezen: {reason}. Geef leesrecht, of neem het apart in.",
        en="This cannot be read: {reason}. Give read permission, or take it in separately.",
    ),
    "not-a-file": Text(
        nl="Dit is geen gewoon bestand maar bijvoorbeeld een pijp of apparaat; dat openen wij "
        "niet. Wijs een gewoon bestand aan.",
        en="This is no regular file but a pipe or a device, for example; we do not open it. "
        "Name a regular file.",
    ),
    "outside-folder": Text(
        nl="Deze link wijst naar buiten de map die u opgaf; die volgen wij niet. "
        "Kopieer het bestand in de map, of wijs het zelf aan.",
        en="This link leads out of the folder that you gave; we do not follow it. "
        "Copy the file into the folder, or name the file itself.",
    ),
    "nothing-found": Text(
        nl="In deze map staat geen satellietbeeld dat wij herkennen. "
        "Wijs een bestand aan, of beschrijf de namen in een recept (--recipe).",
        en="This folder holds no satellite image that we recognise. "
        "Name a file, or describe the names in a recipe (--recipe).",
    ),
    "not-georeferenced": Text(
        nl="Het bestand zegt niet waar op aarde het ligt (geen coördinatenstelsel of ligging). "
        "Geef het een plaats, bijvoorbeeld met QGIS (Georeferencer).",
        en="The file does not say where on Earth it lies (no coordinate system or position). "
        "Give it a place, for example with QGIS (Georeferencer).",
    ),
    "only-world-file": Text(
        nl="Een world-bestand (.tfw) zegt waar het beeld ligt, maar niet in welk "
        "coördinatenstelsel. Leg dat vast, bijvoorbeeld met "
        "gdal_translate -a_srs EPSG:28992 {name} nieuw.tif.",
        en="A world file (.tfw) says where the image lies, but not in which coordinate reference "
        "system. Write that down, for example with gdal_translate -a_srs EPSG:28992 {name} "
        "new.tif.",
    ),
    "fourth-is-transparency": Text(
        nl="De vierde band is gemerkt als doorzichtigheid en wordt zo gebruikt. Is het nabij-"
        "infrarood? Haal het merk dan weg (gdal_edit.py -colorinterp_4 undefined {name}) en neem "
        "het bestand opnieuw in.",
        en="The fourth band is marked as transparency and is used as such. Is it near infrared? "
        "Then remove the mark (gdal_edit.py -colorinterp_4 undefined {name}) and take the file in "
        "again.",
    ),
    "only-control-points": Text(
        nl="Het bestand heeft alleen losse paspunten (GCP’s), nog geen kaartligging. "
        "Zet het eerst op de kaart, bijvoorbeeld met gdalwarp -tps -t_srs EPSG:32631.",
        en="The file has loose ground control points (GCPs) only, no map position yet. "
        "Put it on the map first, for example with gdalwarp -tps -t_srs EPSG:32631.",
    ),
    "only-sensor-model": Text(
        nl="Het bestand heeft alleen een sensormodel (RPC’s), nog geen kaartligging. "
        "Zet het eerst op de kaart, bijvoorbeeld met gdalwarp -rpc.",
        en="The file has a sensor model (RPCs) only, no map position yet. "
        "Put it on the map first, for example with gdalwarp -rpc.",
    ),
    "not-on-earth": Text(
        nl="Het beeld ligt op een andere planeet of maan; dit portaal kent alleen de aarde.",
        en="The image lies on another planet or moon; this portal knows the Earth only.",
    ),
    "unknown-crs": Text(
        nl="Het coördinatenstelsel is onbekend of past niet bij deze plek. "
        "Geef het bestand een EPSG-stelsel, bijvoorbeeld met gdal_edit.py -a_srs.",
        en="The coordinate system is unknown or does not fit this place. "
        "Give the file an EPSG system, for example with gdal_edit.py -a_srs.",
    ),
    "bands-apart": Text(
        nl="De banden liggen niet op dezelfde plek ({first} en {other}). "
        "Neem ze apart in, of breng ze eerst op één raster.",
        en="The bands do not lie in the same place ({first} and {other}). "
        "Take them in separately, or bring them to one grid first.",
    ),
    "band-twice": Text(
        nl="De band “{band}” komt in deze opname twee keer voor. Maak er met een recept één van.",
        en="The band “{band}” occurs twice in this scene. Make it one with a recipe.",
    ),
    "dtype": Text(
        nl="Band “{band}” heeft getallen van de soort {dtype}; die kunnen wij niet tonen. "
        "Zet ze om naar bijvoorbeeld float32.",
        en="Band “{band}” holds {dtype} numbers, which we cannot show. "
        "Convert them to float32, for example.",
    ),
    "date-missing": Text(
        nl="Nergens staat van welke datum dit beeld is. Geef de datum met --datetime, of zeg in "
        "een recept waar hij staat.",
        en="Nothing says from which date this image is. Give it with --datetime, or say in a "
        "recipe where it stands.",
    ),
    "nodata-ignored": Text(
        nl="De waarde voor “geen gegevens” ({nodata}) past niet bij {dtype} en telt niet mee.",
        en="The nodata value ({nodata}) does not fit {dtype} and is ignored.",
    ),
    "bands-missing": Text(
        nl="Niet alle banden van het product zijn er; deze ontbreken: {bands}.",
        en="Not all bands of the product are here; missing: {bands}.",
    ),
    "no-match": Text(
        nl="Geen enkel bestand past bij het patroon van het recept ({pattern}).",
        en="No file fits the pattern of the recipe ({pattern}).",
    ),
    "no-such-band": Text(
        nl="Het bestand heeft {count} banden; het recept vraagt er ook naar: {bands}. "
        "Verbeter index in het recept.",
        en="The file has {count} bands; the recipe also asks for: {bands}. "
        "Mend index in the recipe.",
    ),
    "no-band": Text(
        nl="De bestanden passen bij het patroon, maar het recept kent hun banden niet ({bands}). "
        "Beschrijf ze in het recept: [bands.NAAM], of met match.",
        en="The files fit the pattern, but the recipe does not know their bands ({bands}). "
        "Describe them in the recipe: [bands.NAME], or with match.",
    ),
    "layer-without-band": Text(
        nl="Het recept noemt bij {place} de band “{band}”; die heeft geen van deze bestanden. "
        "Wel: {known}.",
        en="The recipe names the band “{band}” in {place}; none of these files has it. "
        "These do: {known}.",
    ),
    "asset-missing": Text(
        nl="Bestand “{href}” van dit STAC-item ontbreekt. Zet het in de map van het item.",
        en="File “{href}” of this STAC item is missing. Put it in the item’s folder.",
    ),
    "asset-outside": Text(
        nl="Bestand “{href}” van dit STAC-item ligt niet in de map van het item; "
        "adressen en paden naar elders openen wij niet. Kopieer het bestand ernaast.",
        en="File “{href}” of this STAC item does not lie in the item’s own folder; "
        "we do not open addresses or paths elsewhere. Copy the file beside it.",
    ),
    "not-linkable": Text(
        nl="Dit bestand ligt niet in een map die de beheerder daarvoor heeft aangewezen "
        "(instelling linked_roots). Neem het op zonder --link, of wijs de map aan.",
        en="This file does not lie in a folder that the operator has named for that (setting "
        "linked_roots). Take it in without --link, or name the folder.",
    ),
    "link-kind": Text(
        nl="Bestanden van deze soort ({kind}) kunnen niet blijven waar ze zijn. Neem het op "
        "zonder --link.",
        en="Files of this kind ({kind}) cannot stay where they are. Take it in without --link.",
    ),
    "container": Text(
        nl="Dit bestand bevat meer lagen ({names}). Zeg in een recept welke u wilt.",
        en="This file holds several arrays ({names}). Say in a recipe which ones you want.",
    ),
    "replaced": Text(
        nl="Dit bestand was al ingelezen en is sindsdien veranderd: het nieuwe komt ervoor in de "
        "plaats. Het eerdere staat in {collection}.",
        en="This file had been taken in and has changed since: the new one takes its place. The "
        "earlier one is in {collection}.",
    ),
    "linked-anew": Text(
        nl="Dit bestand was al gekoppeld en is sindsdien veranderd: het nieuwe komt ervoor in de "
        "plaats. Van het eerdere is niets bewaard.",
        en="This file had been linked and has changed since: the new one takes its place. Nothing "
        "of the earlier one is kept.",
    ),
    "name-taken": Text(
        nl="Er is al een ander beeld dat {id} heet; dit heet nu {scene}, en beide tellen mee. Is "
        "het een verbetering? Zet het op de plaats van het eerste bestand en neem dat opnieuw in.",
        en="There is another image called {id}; this one is called {scene} now, and both count. "
        "Is it a correction? Put it in the place of the first file and take that in again.",
    ),
    "archive": Text(
        nl="Dit is een ingepakt archief. Pak het eerst uit en wijs de map aan.",
        en="This is a packed archive. Unpack it first and name the folder.",
    ),
}


def finding(code: str, path: object, *, blocks: bool = True, **facts: object) -> Finding:
    """Return one of the known findings, its sentence filled with `facts`."""
    message = _TEXTS[code].fill(**facts) if facts else _TEXTS[code]
    return Finding(code=code, message=message, path=str(path), blocks=blocks)


def from_error(error: LandzichtError, path: object) -> Finding:
    """Return an error as a finding that blocks."""
    message = Text(nl=error.say("nl"), en=error.say("en"))
    return Finding(code=error.code, message=message, path=str(path))
