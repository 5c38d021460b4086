"""What an operating system's refusal to write or read means, in plain words."""

from __future__ import annotations

import errno

from landzicht.text import Text

_REASONS = {
    errno.ENOSPC: Text(nl="de schijf is vol", en="the disk is full"),
    errno.EDQUOT: Text(nl="uw schijfruimte is op", en="your disk quota is used up"),
    errno.EFBIG: Text(
        nl="het bestand wordt groter dan hier mag", en="the file grows beyond the limit set here"
    ),
    errno.EROFS: Text(nl="de schijf is alleen te lezen", en="the disk is read-only"),
    errno.EACCES: Text(nl="u hebt geen schrijfrecht", en="you have no permission to write"),
    errno.EPERM: Text(nl="u hebt geen schrijfrecht", en="you have no permission to write"),
    errno.EIO: Text(nl="de schijf geeft een fout", en="the disk reports an error"),
    errno.ENOTDIR: Text(nl="de map is een bestand", en="the folder is a file"),
    errno.EISDIR: Text(nl="het is een map", en="it is a folder"),
    errno.ESPIPE: Text(nl="het is geen gewoon bestand", en="it is not a regular file"),
    errno.EMFILE: Text(nl="er zijn te veel bestanden open", en="too many files are open"),
}

_READING = _REASONS | {
    errno.ENOENT: Text(nl="het bestaat niet", en="it does not exist"),
    errno.EACCES: Text(nl="u mag het niet lezen", en="you have no permission to read it"),
    errno.EPERM: Text(nl="u mag het niet lezen", en="you have no permission to read it"),
    errno.ENOTDIR: Text(nl="het bestaat niet", en="it does not exist"),
    errno.ELOOP: Text(nl="de links lopen in een kring", en="its links run in a circle"),
    errno.ENAMETOOLONG: Text(nl="de naam is te lang", en="the name is too long"),
    errno.ESTALE: Text(nl="de netwerkschijf is weg", en="the network disk is gone"),
}


def disk_reason(error: OSError) -> Text:
    """Return why writing failed, for `DiskFailed(reason=…)`."""
    told = f"{error.strerror or error}"
    return _REASONS.get(error.errno or 0, Text(nl=told, en=told))


def read_reason(error: OSError) -> Text:
    """Return why reading failed, as half a sentence."""
    told = f"{error.strerror or error}"
    return _READING.get(error.errno or 0, Text(nl=told, en=told))
