"""Matrix products beside OpenBLAS and oneDNN, one thread, in one sitting.

    contractions.py --programs build/bin [--docs docs] [--layers square_64 nplm_hidden] [--rounds 7] [--json FILE]

The libraries are those of the Python packages scipy-openblas32 and onednn. The program `contractions`
compares and times; this finds the libraries and makes tables of what it says. With --docs it writes
contractions.md and the chart contractions.svg there.
"""

import argparse
import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys

import table

CASES = {"NN": "Forward: x[m, k] w[k, n]", "NT": "Gradient of the input: dy[m, k] w[n, k]ᵀ",
         "TN": "Gradient of the weight: x[k, m]ᵀ dy[k, n]"}
PEERS = ("OpenBLAS", "oneDNN")
SIDES = ("gradc", *PEERS)
COMMAND = "/tmp/venv/bin/python -B bench/peers/contractions.py --programs build/release/bin --docs docs"


def library(package, name):
    """The path of a shared object in an installed package."""
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        sys.exit(f"contractions.py: the package {package} is not installed for {sys.executable}")
    found = [file for file in files if file.name == name]
    if not found:
        sys.exit(f"contractions.py: the package {package} holds no {name}")
    return pathlib.Path(found[0].locate()).resolve()


def measure(options):
    openblas = library("scipy-openblas32", "libscipy_openblas.so")
    onednn = library("onednn", "libdnnl.so.3")
    command = [str(options.programs / "contractions"), "--openblas", str(openblas),
               "--onednn", str(onednn), "--rounds", str(options.rounds)]
    if options.layers:
        command += ["--layers", *options.layers]
    # oneDNN does not say where its own libraries lie, which is beside it.
    environment = {**os.environ, "LD_LIBRARY_PATH": str(onednn.parent)}
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment)
    if run.returncode != 0:
        sys.exit(f"contractions.py: {command[0]} ended with status {run.returncode}")
    return json.loads(run.stdout)


def ratio(product):
    """The time of the better peer by ours."""
    return min(product["sides"][peer]["us"] for peer in PEERS) / product["sides"]["gradc"]["us"]


def cells(product):
    sides = product["sides"]
    yield product["name"].replace("_", " ")
    for extent in ("m", "n", "k"):
        yield str(product[extent])
    yield table.duration(sides["gradc"]["us"])
    for side in SIDES:
        yield f"{sides[side]['gflops']:.1f}"
    yield f"{ratio(product):.2f}x"
    yield f"{sides['gradc']['share']:.2f}"
    yield f"{max(sides[peer]['share'] for peer in PEERS):.2f}"


def tables(report):
    """One for each case, in Markdown."""
    titles = ("layer", "m", "n", "k", "gradc", *(f"{side}, GFLOP/s" for side in SIDES),
              "better peer / gradc", "share", "better peer's share")
    for case, meaning in CASES.items():
        yield f"## {meaning}\n"
        yield "| " + " | ".join(titles) + " |"
        yield "| --- |" + " --: |" * (len(titles) - 1)
        for product in report["products"]:
            if product["case"] == case:
                yield "| " + " | ".join(cells(product)) + " |"
        yield ""


def summary(report):
    """What was measured on, and how often gradc is ahead."""
    products = report["products"]
    ahead = sum(ratio(product) > 1 for product in products)
    versions = [report["versions"][peer].split(" DYNAMIC_ARCH")[0] for peer in PEERS]
    yield (f"{report['processor']}, {report['registers']}, {report['peak_gflops']:.0f} GFLOP/s of f32 "
           f"multiply-adds on one core; {' and '.join(versions)}.")
    yield f"gradc is ahead of the better peer in {ahead} of {len(products)} products."
    for warning in report["warnings"]:
        yield f"Warning: {warning}."


def page(report):
    return "\n".join([
        "# Matrix products on one thread\n", *summary(report), "",
        "m, n and k are those of the product, result[m, n] summed over k; share is that of the measured peak. "
        "[bench/README.md](../bench/README.md) says how it is measured. Made by\n",
        f"    {COMMAND}\n",
        "![the share of the peak by the size of a square product](contractions.svg)\n",
        *tables(report)])


def squares(report, case, side):
    """Size and share, a line each, for gnuplot."""
    return "".join(f"{product['m']} {product['sides'][side]['share']:.4f}\n"
                   for product in report["products"]
                   if product["case"] == case and product["name"].startswith("square_"))


def chart(report, path):
    """Square products: the share of the peak by the size, a panel for each case."""
    script = ["set terminal svg size 1100,380 font 'Helvetica,12' background '#ffffff'",
              f"set output '{path}'", "set multiplot layout 1,3", "set logscale x 2",
              "set xtics (16, 32, 64, 128, 256, 512, 1024)", "set yrange [0:1.05]", "set grid",
              "set xlabel 'rows and columns'", "set key bottom right"]
    for case in CASES:
        for side in SIDES:
            script.append(f"${case}{side} << end\n{squares(report, case, side)}end")
        script.append(f"set title '{case}'")
        script.append(f"set ylabel '{'share of the peak' if case == 'NN' else ''}'")
        script.append("plot " + ", ".join(
            f"${case}{side} with linespoints linewidth 2 pointtype 7 pointsize 0.5 linecolor rgb '{color}' "
            f"title '{side}'" for side, color in zip(SIDES, ("#b5342b", "#5b7083", "#3f8f5f"))))
    subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path, required=True,
                        help="where the built programs lie")
    parser.add_argument("--layers", nargs="+", help="only these")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--docs", type=pathlib.Path, help="also write the page and its chart there")
    parser.add_argument("--json", type=pathlib.Path, help="also write everything there")
    options = parser.parse_args()

    report = measure(options)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    print("\n".join([*summary(report), "", *tables(report)]))
    if options.docs:
        (options.docs / "contractions.md").write_text(page(report))
        chart(report, options.docs / "contractions.svg")


if __name__ == "__main__":
    main()
