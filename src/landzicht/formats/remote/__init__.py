"""Files on other computers: HTTP(S) and S3, piece by piece, vetted, and kept on disk."""

from landzicht.formats.remote.address import Permissions, read_address, read_api_address
from landzicht.formats.remote.crop import FarImage, Pixels, crop
from landzicht.formats.remote.fetching import Fetcher, FetchOptions
from landzicht.formats.remote.files import RemoteFiles, RemoteOptions
from landzicht.formats.remote.keys import KeyKind, KeyNames, Keys, find_keys
from landzicht.formats.remote.linker import RemoteLinker
from landzicht.formats.remote.s3 import S3Access

__all__ = [
    "FarImage",
    "FetchOptions",
    "Fetcher",
    "KeyKind",
    "KeyNames",
    "Keys",
    "Permissions",
    "Pixels",
    "RemoteFiles",
    "RemoteLinker",
    "RemoteOptions",
    "S3Access",
    "crop",
    "find_keys",
    "read_address",
    "read_api_address",
]
