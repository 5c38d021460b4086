"""The statements that give candidates, one for each way through the tables.

What comes from outside is a bound parameter; only names of ours stand in the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from landzicht.records.plan import DAY, Ask, Way

if TYPE_CHECKING:
    from landzicht.records.footprint import Region
    from landzicht.records.token import Place

_TIME = "s.t <= :end AND s.t1 >= :start"
_COLLECTION = "s.collection IN (SELECT value FROM json_each(:collections))"
COLUMNS = "s.rid, s.t, s.collection, s.id, s.cloud, s.x0, s.x1, s.y0, s.y1, s.outline"
_FACT = "CROSS JOIN fact f ON f.rid = s.rid"


class Statement(NamedTuple):
    """A statement and its parameters."""

    sql: str
    facts: dict[str, Any]


def candidates(asked: Ask, way: Way, columns: str = COLUMNS, *, fact: bool = False) -> Statement:
    """Return a statement that gives the candidates of one way, in any order.

    A scene that meets two copies of the place comes twice.

    Args:
        asked: what is wanted.
        way: which way to take.
        columns: what to give of each scene.
        fact: whether `columns` look into the properties.
    """
    joined = _FACT if fact or (asked.condition and asked.condition.uses_fact) else ""
    if way is Way.BOX:
        return _by_box(asked, columns, joined)
    if way is Way.IDS:
        return _by_ids(asked, columns, joined)
    if way is Way.CLOUD:
        return _by_cloud(asked, columns, joined)
    return _by_time(asked, columns, joined)


def walk(asked: Ask, after: Place | None) -> Statement:
    """Return a statement that gives scenes newest first, starting after a place."""
    joined = _FACT if asked.condition and asked.condition.uses_fact else ""
    order = "s.t DESC, s.id" if len(asked.collections) == 1 else "s.t DESC, s.collection, s.id"
    text, facts = _by_time(asked, COLUMNS, joined)
    if after is not None:
        text += " AND s.t <= :after_t AND (s.t < :after_t OR (s.collection, s.id) > (:c, :i))"
        facts |= {"after_t": after.t, "c": after.collection, "i": after.id}
    return Statement(f"{text} ORDER BY {order}", facts)


def count_near(asked: Ask, after: float, most: int) -> Statement:
    """Return a statement that counts the scenes near the first place, up to `most`.

    Args:
        asked: what is wanted.
        after: only those that start later; days since 1970.
        most: count no further.
    """
    passes, facts = _passes(asked, "SELECT 1 FROM box b WHERE", "AND b.d0 > :after_day")
    text = f"SELECT count(*) FROM ({passes} LIMIT {most})"  # noqa: S608 - a number
    return Statement(text, facts | {"after_day": after})


def days_near(asked: Ask, after: float, until: float, most: int) -> Statement:
    """Return a statement that gives day and number of scenes near the first place.

    Only the R*Tree is read. A scene that meets two copies of the place comes twice.

    Args:
        asked: what is wanted.
        after: only those that start later than this (days since 1970) …
        until: … and not later than this.
        most: no more than so many.
    """
    between = "AND b.d0 > :after_day AND b.d0 <= :until_day"
    passes, facts = _passes(asked, "SELECT b.d0, b.rid FROM box b WHERE", between)
    return Statement(f"{passes} LIMIT {most}", facts | {"after_day": after, "until_day": until})


def by_number(asked: Ask) -> Statement:
    """Return a statement that looks scenes up by number: the parameter `rids`, a list in JSON."""
    joined = _FACT if asked.condition and asked.condition.uses_fact else ""
    text = (
        f"SELECT {COLUMNS} FROM json_each(:rids) r CROSS JOIN scene s ON s.rid = r.value "  # noqa: S608 - our own names
        f"{joined} WHERE {_TIME} AND {_COLLECTION}{_and(asked)}"
    )
    return Statement(text, asked.facts)


def count_clear(asked: Ask, most: int) -> Statement:
    """Return a statement that counts the scenes with so little cloud, up to `most`."""
    inner = "SELECT 1 FROM scene s INDEXED BY scene_cloud WHERE s.cloud <= :cloud"
    return Statement(f"SELECT count(*) FROM ({inner} LIMIT {most})", asked.facts)  # noqa: S608 - a number


def count_in_time(asked: Ask, most: int) -> Statement:
    """Return a statement that counts the scenes of a period, up to `most`."""
    text, facts = candidates(asked, Way.TIME, "1")
    return Statement(f"SELECT count(*) FROM ({text} LIMIT {most})", facts)  # noqa: S608 - our own text


def _and(asked: Ask) -> str:
    """Return the condition on scenes that the filter adds."""
    return f" AND {asked.condition.sql}" if asked.condition else ""


def _by_box(asked: Ask, columns: str, joined: str) -> Statement:
    """Give the scenes near the first place; CROSS JOIN keeps its order."""
    start = f"SELECT {columns} FROM box b CROSS JOIN scene s ON s.rid = b.rid {joined} WHERE"  # noqa: S608
    passes, facts = _passes(asked, start, f"AND {_TIME} AND {_COLLECTION}{_and(asked)}")
    return Statement(passes, facts | asked.facts)


def _passes(asked: Ask, start: str, end: str = "") -> tuple[str, dict[str, Any]]:
    """Return one pass over the R*Tree for each copy of the place.

    With an OR instead, SQLite would leave the R*Tree.
    """
    region = asked.regions[0]
    facts: dict[str, Any] = {"n": region.y1, "s": region.y0}
    facts |= {"d0": asked.start / DAY, "d1": asked.end / DAY}
    passes = []
    for n, window in enumerate(region.windows):
        passes.append(
            f"{start} b.x0 <= :e{n} AND b.x1 >= :w{n} AND b.y0 <= :n AND b.y1 >= :s "
            f"AND b.d0 <= :d1 AND b.d1 >= :d0 {end}"
        )
        facts |= {f"w{n}": window.x0, f"e{n}": window.x1}
    return " UNION ALL ".join(passes), facts


def _by_ids(asked: Ask, columns: str, joined: str) -> Statement:
    """Look scenes up by name."""
    text = (
        f"SELECT {columns} FROM json_each(:collections) c CROSS JOIN "  # noqa: S608 - our own names
        "(SELECT DISTINCT value FROM json_each(:ids)) i CROSS JOIN scene s INDEXED BY scene_id "
        f"ON s.collection = c.value AND s.id = i.value {joined} WHERE {_TIME}{_and(asked)}"
    )
    return Statement(text, asked.facts)


def _by_cloud(asked: Ask, columns: str, joined: str) -> Statement:
    """Give the scenes with so little cloud; what the index holds is tested first."""
    facts, conditions = asked.facts, ["s.cloud <= :cloud", _TIME]
    for n, region in enumerate(asked.regions):
        near, edges = _near(region, f"r{n}")
        conditions.append(near)
        facts |= edges
    where = " AND ".join([*conditions, _COLLECTION]) + _and(asked)
    text = f"SELECT {columns} FROM scene s INDEXED BY scene_cloud {joined} WHERE {where}"  # noqa: S608 - our own names
    return Statement(text, facts)


def _by_time(asked: Ask, columns: str, joined: str) -> Statement:
    """Give the scenes of a period."""
    facts, conditions = asked.facts, [_TIME, "s.t >= :first"]
    if len(asked.collections) == 1:
        index = "scene_collection"
        conditions.append("s.collection = :collection")
    else:
        index = "scene_time"
        conditions.append(_COLLECTION)
    for n, region in enumerate(asked.regions):
        near, edges = _near(region, f"r{n}")
        conditions.append(near)
        facts |= edges
    where = " AND ".join(conditions) + _and(asked)
    text = f"SELECT {columns} FROM scene s INDEXED BY {index} {joined} WHERE {where}"  # noqa: S608 - our own names
    return Statement(text, facts)


def _near(region: Region, name: str) -> tuple[str, dict[str, float]]:
    """Return a condition on the columns of a scene: its box meets that of the place."""
    facts = {f"{name}n": region.y1, f"{name}s": region.y0}
    parts = []
    for n, window in enumerate(region.windows):
        facts |= {f"{name}w{n}": window.x0, f"{name}e{n}": window.x1}
        parts.append(f"(s.x0 <= :{name}e{n} AND s.x1 >= :{name}w{n})")
    return f"(({' OR '.join(parts)}) AND s.y0 <= :{name}n AND s.y1 >= :{name}s)", facts
