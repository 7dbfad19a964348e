"""The report of run.py as a table: time, ratio to each peer, share of what the machine can do."""

COLUMNS = ("gradc", "eager", "compiled", "jax", "by hand")
MEMORY = ("gradc", "eager", "jax")
TITLES = (*COLUMNS, "best peer / gradc", "share", "best peer's share",
          *(f"memory of {name}" for name in MEMORY))


def duration(us):
    if us is None:
        return "-"
    for unit, size in (("s", 1e6), ("ms", 1e3), ("us", 1)):
        if us >= size:
            break
    value = us / size
    return f"{value:.0f} {unit}" if value >= 1000 else f"{value:.3g} {unit}"


def least_us(row, limits):
    """T_min = max(FLOP / peak, bytes / bandwidth)."""
    if not limits or not row["flop"]:
        return None
    peak = next((l for l in limits["limits"] if l["threads"] == row["threads"]), None)
    key = "f64_gflops" if row["dtype"] == "float64" else "f32_gflops"
    if not peak:
        return None
    return max(row["flop"] / peak[key], row["bytes"] / peak["read_gbytes"]) * 1e-3


def memory(row, name):
    used = row["sides"].get(name, {}).get("peak_bytes")
    return f"{used / 1e6:.0f} MB" if used else "-"


def cells(row, limits):
    sides = row["sides"]
    times = {name: sides.get(name, {}).get("us") for name in COLUMNS}
    peers = [name for name in COLUMNS[1:] if times[name] is not None]
    best = min(peers, key=times.get, default=None)
    ratio = sides[best].get("ratio") if best else None
    least = least_us(row, limits)
    share = lambda name: f"{least / times[name]:.2f}" if least and times.get(name) else "-"
    yield f"{row['title']}, {row['threads']} thread{'s' if row['threads'] > 1 else ''}"
    for name in COLUMNS:
        yield duration(times[name])
    yield f"{ratio:.2f}x" if ratio else "-"
    yield share("gradc")
    yield share(best)
    for name in MEMORY:
        yield memory(row, name)


def row_text(row, limits):
    return "; ".join(f"{title} {cell}".strip()
                     for title, cell in zip(("", *TITLES), cells(row, limits)) if cell != "-")


def text(report):
    """A table in Markdown."""
    lines = ["| workload | " + " | ".join(TITLES) + " |", "| --- |" + " --- |" * len(TITLES)]
    for row in report["rows"]:
        lines.append("| " + " | ".join(cells(row, report["limits"])) + " |")
    if report["limits"]:
        for limit in report["limits"]["limits"]:
            lines.append(f"\n{limit['threads']} thread{'s' if limit['threads'] > 1 else ''}: "
                         f"{limit['f32_gflops']:.0f} GFLOP/s f32, {limit['f64_gflops']:.0f} f64, "
                         f"reads {limit['read_gbytes']:.1f} GB/s")
    return "\n".join(lines)
