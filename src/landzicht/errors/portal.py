"""Errors of running a portal: settings, ports, folders."""

from __future__ import annotations

from landzicht.errors.base import Broken, Invalid, SourceFailed
from landzicht.text import Text


class BadSettings(Invalid):
    """A setting that cannot be read."""

    code = "bad-settings"
    what = Text(
        nl="De instelling “{name}” ({origin}) klopt niet.",
        en="The setting “{name}” ({origin}) is wrong.",
    )
    todo = Text(nl="Mogelijk is: {known}.", en="Possible: {known}.")


class PortInUse(SourceFailed):
    """Another program listens on the address already."""

    code = "port-in-use"
    what = Text(
        nl="Op {host}:{port} draait al een ander programma.",
        en="Another program already uses {host}:{port}.",
    )
    todo = Text(
        nl="Stop dat programma, of kies een andere poort: `landzicht up --port {other}`.",
        en="Stop that program, or choose another port: `landzicht up --port {other}`.",
    )


class GdalNotLimited(Broken):
    """GDAL was started before we could switch off its dangerous drivers."""

    code = "gdal-not-limited"
    what = Text(
        nl="De beveiliging van het inlezen van bestanden werkt niet.",
        en="The protection around reading files does not work.",
    )
    why = Text(
        nl="Een ander deel van het programma opende al bestanden met rasterio.",
        en="Another part of the program has opened files with rasterio already.",
    )
    todo = Text(
        nl="Start Landzicht in een eigen proces, of importeer het vóór u rasterio gebruikt.",
        en="Start Landzicht in a process of its own, or import it before you use rasterio.",
    )


class CannotListen(Invalid):
    """The address to listen on cannot be used."""

    code = "cannot-listen"
    what = Text(
        nl="Op {host}:{port} kan dit programma niet luisteren: {reason}.",
        en="This program cannot listen on {host}:{port}: {reason}.",
    )
    todo = Text(
        nl="Kies een adres van deze computer (127.0.0.1, of 0.0.0.0 voor alle) en een poort boven "
        "1023.",
        en="Choose an address of this computer (127.0.0.1, or 0.0.0.0 for all) and a port above "
        "1023.",
    )


class DemoRefused(Broken):
    """An image that we made ourselves was refused at the door."""

    code = "demo-refused"
    what = Text(
        nl="Een beeld van Zonderland kon niet worden opgenomen: {reason}",
        en="An image of Zonderland could not be taken in: {reason}",
    )


class BadTheme(Invalid):
    """A file with the look of an organisation that is not CSS, or fetches from elsewhere."""

    code = "bad-theme"
    what = Text(
        nl="Het thema “{path}” kunnen wij niet gebruiken: {reason}.",
        en="We cannot use the theme “{path}”: {reason}.",
    )
    todo = Text(
        nl="Verbeter het CSS-bestand; de pagina “Thema” in de uitleg heeft een voorbeeld.",
        en="Mend the CSS file; the page “Theme” of the documentation has an example.",
    )
