"""One peer on one workload in a process of its own: worker.py PEER WORKLOAD THREADS.

Speaks one JSON object a line. It prepares itself, tries its variants and keeps the fastest; says
{"ready": variant, "compile_s": ...}; then for each line on its input it does what the line says:

  time SECONDS      answers {"us": the median time of a step, "peak_bytes": of memory so far}
  results FILE      writes loss and gradients, and what some steps of the fastest variant have made of
                    the parameters, as .npz; of a workload that generates, the logits

The peer "reference" is PyTorch eager in f64; it gives results and is not timed.
"""

import json
import os
import resource
import statistics
import sys
import time

CHUNK_SECONDS = 0.02
TRIAL_SECONDS = 0.3
# Of Adam while results are compared. With an epsilon near 0 a gradient that is rounding alone becomes
# a whole step; with about the size of the gradients a step is off by no more than they are. The rate
# is such that the way of a parameter is far above the rounding of its value.
CHECK_OF_ADAM = {"epsilon": 1e-3, "rate": 1e-2}


def limit_threads(threads):
    """To be done before a framework is imported: it reads its environment once."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < threads:
        raise SystemExit(f"{threads} threads want {threads} cores, there are {len(cores)}")
    os.sched_setaffinity(0, cores[:threads])
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(threads)
    if threads == 1:
        os.environ["XLA_FLAGS"] = ("--xla_cpu_multi_thread_eigen=false "
                                   "intra_op_parallelism_threads=1")


def step_seconds(run, seconds):
    """The median over chunks, each long enough that the clock and a call's overhead do not count."""
    steps = 1
    while True:
        start = time.perf_counter()
        run(steps)
        taken = time.perf_counter() - start
        if taken > CHUNK_SECONDS / 2:
            break
        steps *= 2
    steps = max(1, round(steps * CHUNK_SECONDS / taken))
    samples, begin = [], time.perf_counter()
    while len(samples) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        run(steps)
        samples.append((time.perf_counter() - start) / steps)
    return statistics.median(samples)


def load_peer(peer, workload, threads):
    """The variants by name, and a function that gives what can be compared."""
    dtype = "float64" if peer == "reference" else workload.dtype
    if peer == "jax":
        import jax
        if dtype == "float64":
            jax.config.update("jax_enable_x64", True)
        if workload.kind == "decode":
            import jax_decode
            return jax_decode.variants(workload), lambda: jax_decode.logits(workload, dtype)
        import jax_peer
        return jax_peer.variants(workload), lambda: jax_peer.gradients(workload, dtype)
    import torch
    import torch_peer
    torch.set_num_threads(threads)
    compiled = peer == "compiled"
    if workload.kind == "decode":
        import torch_decode
        return (torch_decode.variants(workload, compiled),
                lambda: torch_decode.logits(workload, dtype))
    variants = ({"f64": lambda: torch_peer.reference(workload)} if peer == "reference"
                else torch_peer.variants(workload, compiled))
    return variants, lambda: torch_peer.gradients(workload, dtype, compiled)


def fastest(variants):
    """The name of the fastest variant, and what there is to say about all."""
    seconds, compile_s = {}, {}
    for variant, make in variants.items():
        start = time.perf_counter()
        run, _ = make()
        run(1)
        compile_s[variant] = time.perf_counter() - start
        seconds[variant] = step_seconds(run, TRIAL_SECONDS)
        del run  # what it holds, before the next is made
    best = min(seconds, key=seconds.get)
    return best, {"ready": best, "compile_s": compile_s[best],
                  "tried": {variant: taken * 1e6 for variant, taken in seconds.items()}}


def main():
    peer, name, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    answers, sys.stdout = sys.stdout, sys.stderr  # what a framework prints is no answer
    limit_threads(threads)
    import numpy as np
    from workloads import WORKLOADS
    workload = WORKLOADS[name]()

    def say(**answer):
        print(json.dumps(answer), file=answers, flush=True)

    variants, gradients = load_peer(peer, workload, threads)
    if peer == "reference":
        best = next(iter(variants))
        say(ready=best)
    else:
        best, facts = fastest(variants)
        say(**facts)

    def results():
        if workload.kind == "decode":
            return {"logits": gradients()}
        loss, slopes = gradients()
        timed = dict(vars(workload))
        if workload.betas:
            vars(workload).update(CHECK_OF_ADAM)
        train, parameters = variants[best]()
        train(workload.check_steps)
        vars(workload).update(timed)
        return {"loss": loss, **{f"gradient/{k}": v for k, v in slopes.items()},
                **{f"trained/{k}": v for k, v in parameters().items()}}

    run = None
    for line in sys.stdin:
        command, argument = line.split(maxsplit=1)
        if command == "time":
            if run is None:
                run, _ = variants[best]()
            us = step_seconds(run, float(argument)) * 1e6
            say(us=us, peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
        elif command == "results":
            np.savez(argument.strip(), **results())
            say(done=True)


if __name__ == "__main__":
    main()
