"""From what was measured to the page of the documentation, with goals and whether they are met."""

from __future__ import annotations

import numpy as np

MB = 1e6
NOT = "not measured"


def fitted(growth) -> tuple[float, float, float]:
    """Return a and b of `a + b n`, and the most that a measurement lies off it, as a share.

    Shares are made small, not seconds, so that few parcels weigh as much as many.
    """
    counts = np.array([float(count) for count in growth])
    seconds = np.array([row["seconds"] for row in growth.values()])
    scaled = np.column_stack((np.ones(counts.size), counts)) / seconds[:, None]
    (a, b), *_ = np.linalg.lstsq(scaled, np.ones(counts.size), rcond=None)
    return float(a), float(b), float(np.abs(seconds / (a + b * counts) - 1).max())


def goals(told) -> list[tuple[str, str, bool | None]]:
    """Return each goal, what was measured, and whether it is met; None = not measured."""
    rows = told["rows"]
    found = []

    def add(goal, steps, judge):
        known = all(step in rows for step in steps)
        found.append((goal, *(judge(*(rows[step] for step in steps)) if known else (NOT, None))))

    def share(here, there, least):
        return f"{there / here:.1f} ×", there / here >= least

    def unpacking(files, alone="decode alone"):
        ratio = files["landzicht"] / files[alone]
        return f"{ratio:.2f} ×", ratio <= 1.3

    def memory(row):
        return f"{row['memory_mb'] / 1e3:.2f} GB", row["memory_mb"] <= 2_000

    def linear(*steps):
        off = fitted(dict(zip(told["counts"], steps, strict=True)))[2]
        return f"{off:.1%}", off <= 0.1

    many, dates = f"{told['most']:,}", told["series"][-1]
    add(
        f"a date of {told['count']:,} parcels at least 20 × as quick as xvec with exactextract",
        ["one date"],
        lambda row: share(row["landzicht"], row["xvec"], 20),
    )
    add(
        f"{told['dates']} dates from COG in at most 1.3 × what GDAL takes to unpack them",
        ["files"],
        unpacking,
    )
    add(
        "… and 1.3 × what our own, quicker reader takes",
        ["files"],
        lambda row: unpacking(row, "our decode alone"),
    )
    loop = ["files", "exactextract loop"]
    rival = "as quick as a loop of rasterio and exactextract, on one thread"
    for word, least in (("… at least 5 ×", 5), ("… the aim: 8 ×", 8)):
        add(
            f"{word} {rival}",
            loop,
            lambda ours, theirs, least=least: share(ours["landzicht"], theirs["seconds"], least),
        )
    add(f"{many} parcels × {dates} dates in at most 2 GB", [f"dates {dates}"], memory)
    add("… as a command, to a Parquet file", ["command"], memory)
    few, most = told["counts"][0], told["counts"][-1]
    add(
        f"growth from {few:,} to {most:,} parcels within 10 % of a line",
        [f"parcels {count}" for count in told["counts"]],
        linear,
    )
    return found


def page(told) -> str:
    """Return the page."""
    lines = [
        "# Measuring parcels: how quick",
        "",
        "Made by `make bench-series` (`benchmarks/series/contest.py`): processor seconds of one",
        "thread, the best of rounds in which contestants take turns.",
        f"{told['count']:,} parcels of 2.2 ha on 4096 × 4096 pixels, values with a cloud mask.",
        "",
        "| goal | measured | |",
        "| --- | --- | --- |",
    ]
    words = {True: "met", False: "**missed**", None: ""}
    lines += [f"| {goal} | {said} | {words[is_met]} |" for goal, said, is_met in goals(told)]
    rows = told["rows"]
    for part in (_one_date, _files, _growth, _dates, _command):
        lines += ["", *part(told, rows)]
    versions = ", ".join(f"{name} {number}" for name, number in told["versions"].items())
    lines += ["", f"Python {told['python']}, {told['processors']} processors; {versions}.", ""]
    return "\n".join(lines)


def _one_date(told, rows):
    lines = ["## One date in memory", ""]
    row = rows.get("one date")
    if row is None:
        return [*lines, f"This was {NOT}."]
    agree = row["agree"]
    lines += ["| | seconds | × ours | agrees with ours |", "| --- | --- | --- | --- |"]
    for name in ("landzicht", "landzicht with weights", "exactextract", "xvec", "rasterstats"):
        said = _agreement(agree.get(name))
        lines.append(f"| {name} | {row[name]:.3f} | {row[name] / row['landzicht']:.1f} | {said} |")
    return [
        *lines,
        "",
        "The others get the index ready as numbers of 64 bits; ours begins with the stored bands.",
        "rasterstats counts pixels whose centre lies inside,",
        f"measures {told['slow']} parcels, and its time is scaled. “With weights” also works out",
        "the share of each pixel in each parcel, which is kept after the first date.",
    ]


def _agreement(agree):
    if agree is None:
        return ""
    if "median" in agree:
        half, most = agree["median"], agree["p90"]
        return f"means within {half:.4f} (half of them), {most:.3f} (nine in ten)"
    ends = agree["other_ends"]
    told = f"within {max(agree['furthest'], 1e-12):.0e} (mean, deviation, count)"
    return told + (f"; {ends} lowest or highest values of crumbs differ" if ends else "")


def _files(told, rows):
    lines = [f"## {told['dates']} dates from COG", ""]
    row = rows.get("files")
    if row is None:
        return [*lines, f"This was {NOT}."]
    lines += [
        "| | seconds | × ours | rounds | agrees with ours |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name in ("landzicht", "decode alone", "our decode alone"):
        times = row[name] / row["landzicht"]
        lines.append(f"| {name} | {row[name]:.2f} | {times:.2f} | {told['rounds']} | |")
    for name in ("exactextract loop", "odc-stac and xvec"):
        other = rows.get(name)
        if other is None:
            lines.append(f"| {name} | {NOT} | | | |")
            continue
        times, said = other["seconds"] / row["landzicht"], _agreement(other["agree"])
        lines.append(f"| {name} | {other['seconds']:.2f} | {times:.2f} | 1 | {said} on each date |")
    return [
        *lines,
        "",
        "“Decode alone” reads every band as a whole by rasterio, “our decode alone” unpacks every",
        "block in the way that ours does; both look at nothing.",
    ]


def _growth(told, rows):
    lines = [f"## More parcels × {told['growth_dates']} dates in memory", ""]
    known = {n: rows[f"parcels {n}"] for n in told["counts"] if f"parcels {n}" in rows}
    if len(known) < len(told["counts"]):
        return [
            *lines,
            f"This was {NOT}." if not known else f"{len(known)} of these only were measured.",
        ]
    a, b, off = fitted(known)
    lines += ["| parcels | seconds | by the line | memory, MB |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {n:,} | {row['seconds']:.2f} | {a + b * n:.2f} | {row['memory_mb']:.0f} |"
        for n, row in known.items()
    ]
    return [
        *lines,
        "",
        f"The line is {a:.2f} + {b * 1e3:.4f} s for each 1,000 parcels; the furthest measurement",
        f"lies {off:.1%} off it. All with working out the weights. Memory is the most that the",
        "process held.",
    ]


def _dates(told, rows):
    lines = [f"## {told['most']:,} parcels, more dates from COG", ""]
    known = {n: rows[f"dates {n}"] for n in told["series"] if f"dates {n}" in rows}
    if not known:
        return [*lines, f"This was {NOT}."]
    lines += ["| dates | seconds | seconds a date | memory, MB |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {n} | {row['seconds']:.1f} | {row['seconds'] / n:.2f} | {row['memory_mb']:.0f} |"
        for n, row in known.items()
    ]
    return lines


def _command(told, rows):
    lines = ["## As a command", ""]
    row = rows.get("command")
    if row is None:
        return [*lines, f"This was {NOT}."]
    most, dates, rows, names = told["most"], row["dates"], row["rows"], ", ".join(row["stats"])
    return [
        *lines,
        f"`landzicht series parcels.parquet --out x.parquet` of {most:,} parcels × {dates} dates:",
        f"{rows:,} rows of {names} in {row['wall']:.0f} s ({row['seconds']:.0f} s of processor,",
        f"{row['threads']} threads), {row['memory_mb']:.0f} MB of memory at most,",
        f"{row['out_mb']:.0f} MB of Parquet; starting, reading the parcels, and keeping answers",
        "for the next time included.",
    ]
