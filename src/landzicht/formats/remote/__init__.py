"""Files on other computers: HTTP(S) and S3, piece by piece, vetted, and kept on disk."""

from landzicht.formats.remote.address import Permissions, read_address
from landzicht.formats.remote.files import RemoteFiles, RemoteOptions
from landzicht.formats.remote.linker import RemoteLinker
from landzicht.formats.remote.s3 import S3Access

__all__ = [
    "Permissions",
    "RemoteFiles",
    "RemoteLinker",
    "RemoteOptions",
    "S3Access",
    "read_address",
]
