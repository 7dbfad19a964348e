"""Generated programs beside PyTorch and JAX, in one sitting.

    run.py --programs build/bin [--rows nplm moons] [--threads 1] [--rounds 7] [--seconds 0.5] [--json FILE]

One peer after another, so that memory holds one of them: it gives its gradients for the same values,
and is not timed if they are wrong; then it takes turns with the generated program, round after round,
and the median round of each counts. Without --programs, or where a program is missing, only the peers
run. README.md says how peers are configured.
"""

import argparse
import io
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy as np

import table
import tensors
from workloads import WORKLOADS

HERE = pathlib.Path(__file__).parent
GRADIENT_TOLERANCE = 1e-4   # of the norm, in f32
TRAINED_TOLERANCE = 1e-3    # of the way that the parameters went


class Peer:
    """A worker process that answers one line with one line."""

    def __init__(self, peer, workload, threads):
        self.name = peer
        self.process = subprocess.Popen(
            [sys.executable, "-B", str(HERE / "worker.py"), peer, workload.name, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.facts = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended with status {self.process.wait()}")
        return json.loads(line)

    def ask(self, command, argument):
        self.process.stdin.write(f"{command} {argument}\n")
        self.process.stdin.flush()
        return self.read()

    def results(self, folder, command="results"):
        path = pathlib.Path(folder) / f"{self.name}-{command}.npz"
        self.ask(command, path)
        return dict(np.load(path))

    def time(self, seconds):
        answer = self.ask("time", seconds)
        self.facts["peak_bytes"] = answer["peak_bytes"]
        return answer["us"]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Program:
    """A generated program; its gradients come from a program of its own, NAME_gradients."""

    name = "gradc"

    def __init__(self, folder, workload, threads):
        self.path = folder / workload.name
        self.workload, self.threads = workload, threads
        self.facts = {}

    def call(self, path, arguments=(), given=subprocess.DEVNULL):
        """What it prints, in bytes; its peak of memory is kept among the facts."""
        cores = sorted(os.sched_getaffinity(0))[:self.threads]
        with subprocess.Popen([str(path), *arguments], stdin=given, stdout=subprocess.PIPE,
                              preexec_fn=lambda: os.sched_setaffinity(0, cores)) as process:
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise subprocess.CalledProcessError(process.returncode, path)
        self.facts["peak_bytes"] = usage.ru_maxrss * 1024
        return output

    def results(self, folder):
        decodes = self.workload.kind == "decode"
        with tempfile.TemporaryFile() as given:
            given.write(b"" if decodes else f"{self.workload.batch}\n".encode())
            for name, values in {**self.workload.parameters, **self.workload.inputs}.items():
                tensors.write(given, name, values)
            given.seek(0)
            program = f"{self.path}_{'logits' if decodes else 'gradients'}"
            found = tensors.read_all(io.BytesIO(self.call(program, given=given)))
        if decodes:
            return found
        return {"loss": found.pop("loss")[0],
                **{f"gradient/{name}": values for name, values in found.items()}}

    def time(self, seconds):
        arguments = ["bench", "--json", "--threads", str(self.threads)]
        if self.workload.kind == "decode":
            arguments.append("--decode")
        if self.workload.inputs:
            arguments += ["--batch", str(self.workload.batch)]
        return json.loads(self.call(self.path, arguments))["step_us"]

    def close(self):
        pass


class ByHand:
    """Hand-written C++ that prints the nanoseconds of a step."""

    name = "by hand"

    def __init__(self, command):
        self.command = command
        self.facts = {}

    def time(self, seconds):
        return float(subprocess.run([*self.command, str(seconds)], capture_output=True, text=True,
                                    check=True).stdout) * 1e-3

    def close(self):
        pass


def disagreement(workload, found, exact):
    """What is wrong with these results; None if they agree with the exact ones."""
    if workload.kind == "decode":
        apart = np.linalg.norm(found["logits"].ravel() - exact["logits"].ravel())
        off = apart / np.linalg.norm(exact["logits"])
        return None if off <= GRADIENT_TOLERANCE else f"the logits are {off:.1e} off"
    if abs(found["loss"] - exact["loss"]) > GRADIENT_TOLERANCE * abs(exact["loss"]):
        return f"loss {found['loss']:.6g}, expected {exact['loss']:.6g}"
    for name, start in workload.parameters.items():
        key = f"gradient/{name}"
        if key not in found:
            return f"no gradient of {name}"
        apart = np.linalg.norm(found[key].ravel() - exact[key].ravel())
        if not apart <= GRADIENT_TOLERANCE * np.linalg.norm(exact[key]):
            return f"the gradient of {name} is {apart / np.linalg.norm(exact[key]):.1e} off"
        key = f"trained/{name}"
        if key in found:
            difference, moved = found[key] - exact[key], exact[key] - start
            if name in workload.free:
                difference[workload.free[name]] = moved[workload.free[name]] = 0
            apart, way = np.linalg.norm(difference), np.linalg.norm(moved)
            if not apart <= TRAINED_TOLERANCE * way:
                return f"trained, {name} is {apart / way:.1e} off"
    return None


def peer_of(name, workload, threads, programs):
    if name != "by hand":
        return Peer(name, workload, threads)
    program, *arguments = workload.by_hand
    path = programs / program if programs else None
    return ByHand([str(path), *arguments]) if path and path.exists() else None


def reference_of(workload, threads, folder):
    """Loss and gradients, and what training makes of the parameters, by PyTorch in f64."""
    peer = Peer("reference", workload, threads)
    exact = peer.results(folder)
    peer.close()
    return exact


def report_of(side, wrong):
    return {"variant": side.facts.get("ready"), "compile_s": side.facts.get("compile_s"),
            "tried_us": side.facts.get("tried"), "wrong": wrong, "rounds_us": []}


def run_row(workload, threads, options):
    row = {"workload": workload.name, "title": workload.title, "threads": threads,
           "flop": workload.flop * workload.steps,
           "bytes": workload.bytes * workload.steps, "dtype": workload.dtype, "sides": {}}
    with tempfile.TemporaryDirectory() as folder:
        exact = reference_of(workload, threads, folder)

        def enter(side):
            """Compares a side; it is given back if it may be timed."""
            wrong = None if side.name == "by hand" else disagreement(
                workload, side.results(folder), exact)
            row["sides"][side.name] = report_of(side, wrong)
            if wrong:
                print(f"{workload.name}: {side.name} is not timed: {wrong}", file=sys.stderr)
            return None if wrong else side

        program = None
        if options.programs and (options.programs / workload.name).exists():
            program = enter(Program(options.programs, workload, threads))
        for name in workload.peers:
            peer = peer_of(name, workload, threads, options.programs)
            if peer:
                take_turns(row, [side for side in (program, enter(peer)) if side],
                           workload.steps, options)
                row["sides"][name]["peak_bytes"] = peer.facts.get("peak_bytes")
                peer.close()
    if program:
        row["sides"][program.name]["peak_bytes"] = program.facts["peak_bytes"]
    for side in row["sides"].values():
        if side["rounds_us"]:
            side["us"] = statistics.median(side["rounds_us"])
    return row


def take_turns(row, sides, steps, options):
    """Times them round after round; a peer's ratio is that to the generated program beside it."""
    times = {side.name: [] for side in sides}
    for _ in range(options.rounds):
        for side in sides:
            times[side.name].append(side.time(options.seconds) * steps)
    for name, rounds in times.items():
        row["sides"][name]["rounds_us"] += rounds
    if len(sides) == 2:
        ours, peers = (statistics.median(times[side.name]) for side in sides)
        row["sides"][sides[1].name]["ratio"] = peers / ours


def measure_limits(programs):
    if not programs or not (programs / "limits").exists():
        return None
    return json.loads(subprocess.run([str(programs / "limits"), "--json"], capture_output=True,
                                     text=True, check=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", type=pathlib.Path, help="where the built programs lie")
    parser.add_argument("--rows", nargs="+", choices=WORKLOADS)
    parser.add_argument("--threads", nargs="+", type=int, help="only rows with so many threads")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each side and round")
    parser.add_argument("--json", type=pathlib.Path, help="also write everything there")
    options = parser.parse_args()

    report = {"limits": measure_limits(options.programs), "rows": []}
    for name in options.rows or WORKLOADS:
        workload = WORKLOADS[name]()
        for threads in workload.threads:
            if options.threads and threads not in options.threads:
                continue
            report["rows"].append(run_row(workload, threads, options))
            print(table.row_text(report["rows"][-1], report["limits"]), flush=True)
    report["limits_after"] = measure_limits(options.programs)
    print()
    print(table.text(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
