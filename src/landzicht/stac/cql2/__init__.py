"""CQL2 (OGC 21-065r2): conditions on scenes, read from text or JSON, checked, evaluated."""

from landzicht.stac.cql2.check import check
from landzicht.stac.cql2.evaluate import evaluate
from landzicht.stac.cql2.read_json import parse_json
from landzicht.stac.cql2.read_text import parse_text
from landzicht.stac.cql2.write import write_json, write_text

__all__ = ["check", "evaluate", "parse_json", "parse_text", "write_json", "write_text"]
