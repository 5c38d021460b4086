"""Asking S3 and stores that speak like it, through obstore."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from landzicht.formats.remote.line import CONNECT_S, SILENCE_S
from landzicht.formats.remote.parts import Changed, Lasting, Part, Passing, Version
from landzicht.text import Text

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Credential, S3Store

    from landzicht.formats.remote.address import Address
    from landzicht.formats.remote.line import Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Access:
    """Where buckets are. Keys come from the usual `AWS_*` variables, never from our settings."""

    endpoint: str = ""
    """`https://…` of a store that is not Amazon's; empty = Amazon."""
    region: str = ""
    """As the store names it; empty = `AWS_REGION`, or us-east-1."""
    key: str = field(default="", repr=False)
    """Access key of one source; empty = as the variables say."""
    secret: str = field(default="", repr=False)
    """Secret key that goes with it."""
    token: str = field(default="", repr=False)
    """Session token that goes with it, or empty."""
    payer: bool = False
    """Whether we pay for what we fetch (“requester pays”)."""


class S3Asker:
    """Asks S3; implements `Asker`; safe for many threads.

    The address that is connected to is Amazon's or the operator's `s3_endpoint`; a linked scene
    chooses only bucket and key, and the bucket must be on the operator's list.
    """

    def __init__(self, access: S3Access) -> None:
        """Make an asker for the buckets of one store."""
        self._access = access
        self._stores: dict[str, S3Store] = {}
        self._lock = threading.Lock()

    def ask(
        self,
        address: Address,
        start: int,
        stop: int,
        known: Version | None,
        deadline: Deadline,
    ) -> Part:
        """See `Asker.ask`."""
        import obstore
        from obstore.exceptions import (
            BaseError,
            NotFoundError,
            PermissionDeniedError,
            PreconditionError,
            UnauthenticatedError,
        )

        deadline.left()
        options: dict[str, Any] = {"range": (start, stop)}
        if known is not None and known.is_strong:
            options["if_match"] = known.tag
        try:
            answer = obstore.get(self._store(address.host), address.path, options=options)  # type: ignore[arg-type]
            meta, (first, end) = answer.meta, answer.range
            version = Version(str(meta.get("e_tag") or ""), int(meta["size"]))
            if known is not None and known != version:
                raise Changed
            content = bytes(answer.bytes())
        except PreconditionError as error:
            raise Changed from error
        except (NotFoundError, FileNotFoundError) as error:
            raise Lasting(_GONE) from error
        except (PermissionDeniedError, UnauthenticatedError, PermissionError) as error:
            raise Lasting(_FORBIDDEN) from error
        except (BaseError, OSError) as error:
            if "416" in str(error):
                raise Changed from error
            raise Passing(_FAILED) from error
        if first != start or len(content) != min(stop, version.size) - start or end < first:
            raise Passing(_WRONG_RANGE)
        return Part(content, version)

    def close(self) -> None:
        """Forget the stores."""
        with self._lock:
            self._stores.clear()

    def _store(self, bucket: str) -> S3Store:
        with self._lock:
            if bucket not in self._stores:
                self._stores[bucket] = self._open(bucket)
            return self._stores[bucket]

    def _open(self, bucket: str) -> S3Store:
        from obstore.store import S3Store

        client: ClientConfig = {
            "connect_timeout": timedelta(seconds=CONNECT_S),
            "timeout": timedelta(seconds=2 * SILENCE_S),
            "allow_http": self._access.endpoint.startswith("http://"),
        }
        # Asking again is our own work: with one deadline for all.
        retry: RetryConfig = {"max_retries": 0, "retry_timeout": timedelta(seconds=2 * SILENCE_S)}
        options: dict[str, Any] = {}
        region = self._access.region or os.environ.get("AWS_REGION") or "us-east-1"
        if self._access.endpoint:
            options["endpoint"] = self._access.endpoint
        if self._access.key:
            # As a whole: of what is left out the store would take the variable `AWS_…`, and send
            # the session token of an account at Amazon to somebody else.
            options["credential_provider"] = self._credentials
        elif not os.environ.get("AWS_ACCESS_KEY_ID"):
            options["skip_signature"] = True
        # Also when it is no: a variable `AWS_REQUEST_PAYER` never makes anybody pay.
        options["request_payer"] = self._access.payer
        return S3Store(bucket, region=region, client_options=client, retry_config=retry, **options)

    def _credentials(self) -> S3Credential:
        made: S3Credential = {
            "access_key_id": self._access.key,
            "secret_access_key": self._access.secret,
            "expires_at": None,
        }
        if self._access.token:
            made["token"] = self._access.token
        return made


_GONE = Text(nl="het is daar niet (meer)", en="it is not there (any more)")
_FORBIDDEN = Text(nl="de opslag geeft het niet aan ons", en="the store refuses to give it to us")
_FAILED = Text(nl="de opslag geeft geen goed antwoord", en="the store gives no good answer")
_WRONG_RANGE = Text(
    nl="de opslag stuurt een ander stuk dan wij vroegen",
    en="the store sends another piece than we asked for",
)
