"""Why a file cannot be used: the sentence that fills `UnreadableFile(reason=…)` and its kin."""

from __future__ import annotations

from landzicht.text import Text

NO_FILE = Text(nl="Het bestaat niet, of het is geen gewoon bestand.", en="There is no such file.")
EMPTY = Text(nl="Het bestand is leeg.", en="The file is empty.")
ODD_NAME = Text(
    nl="De naam bevat tekens die wij niet openen.",
    en="Its name has characters that we do not open.",
)
NOT_A_RASTER = Text(
    nl="Aan de inhoud te zien is het geen rasterbestand dat wij kennen ({seen}).",
    en="By its content it is not a raster format that we know ({seen}).",
)
REFUSED_KIND = Text(
    nl="{kind} kan naar andere bestanden of servers verwijzen; dat openen wij niet.",
    en="{kind} can refer to other files or servers; we do not open it.",
)
HEADER = Text(
    nl="De kop van het bestand klopt niet ({detail}).", en="Its header is wrong ({detail})."
)
DAMAGED = Text(
    nl="De pixels zijn beschadigd of afgekapt ({detail}).",
    en="Its pixels are damaged or cut short ({detail}).",
)
NO_ARRAY = Text(
    nl="Er is geen laag “{name}” in dit bestand.", en="There is no array “{name}” in this file."
)
CRASHED = Text(
    nl="Het lezen liep vast: te veel geheugen of een kapot bestand.",
    en="Reading it crashed: too much memory, or a broken file.",
)
TOO_SLOW = Text(
    nl="Het lezen duurde langer dan {seconds} seconden.",
    en="Reading it took longer than {seconds} seconds.",
)
DTYPE = Text(
    nl="Het getalsoort {dtype} kunnen wij niet opslaan.", en="We cannot store numbers of {dtype}."
)
SIDES = Text(
    nl="de kop noemt {width} × {height} pixels", en="its header declares {width} × {height} pixels"
)
BLOCK = Text(
    nl="één blok in het bestand is uitgepakt {megabytes} MB",
    en="one block in it is {megabytes} MB when unpacked",
)
FILES = Text(nl="het heeft meer dan {count} bestanden", en="it has more than {count} files")
BANDS = Text(nl="het heeft {count} banden", en="it has {count} bands")
BOMB = Text(
    nl="{size} MB zou uitgepakt {declared} MB worden",
    en="{size} MB would become {declared} MB when unpacked",
)
