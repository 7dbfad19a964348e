"""One peer on one workload in a process of its own: worker.py PEER WORKLOAD THREADS.

Speaks one JSON object a line. It prepares itself, tries its variants and keeps the fastest; says
{"ready": variant, "compile_s": ...}; then for each line on its input it does what the line says:

  time SECONDS      answers {"us": the median time of a step, "peak_bytes": of memory so far}
  results FILE      writes loss and gradients, and what some steps of the fastest variant have made of
                    the parameters, as .npz; of a workload that generates, the logits
  reference FILE    the same in f64 (PyTorch eager only)
"""

import json
import os
import resource
import statistics
import sys
import time

CHUNK_SECONDS = 0.02
TRIAL_SECONDS = 0.3


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
    """The variants by name, and a function from a precision to what can be compared."""
    if peer == "jax":
        import jax
        if workload.dtype == "float64":
            jax.config.update("jax_enable_x64", True)
        if workload.kind == "decode":
            import jax_decode
            return jax_decode.variants(workload), lambda dtype: jax_decode.logits(workload, dtype)
        import jax_peer
        return jax_peer.variants(workload), lambda dtype: jax_peer.gradients(workload, dtype)
    import torch
    import torch_peer
    torch.set_num_threads(threads)
    compiled = peer == "compiled"
    if workload.kind == "decode":
        import torch_decode
        return (torch_decode.variants(workload, compiled),
                lambda dtype: torch_decode.logits(workload, dtype))
    return (torch_peer.variants(workload, compiled),
            lambda dtype: torch_peer.gradients(workload, dtype, compiled))


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
    tried, compile_s = {}, {}
    for variant, make in variants.items():
        start = time.perf_counter()
        run, _ = make()
        run(1)
        compile_s[variant] = time.perf_counter() - start
        tried[variant] = (step_seconds(run, TRIAL_SECONDS), run)
    best = min(tried, key=lambda variant: tried[variant][0])
    run = tried[best][1]
    say(ready=best, compile_s=compile_s[best],
        tried={variant: seconds * 1e6 for variant, (seconds, _) in tried.items()})

    def save(path, dtype, train, parameters):
        loss, slopes = gradients(dtype)
        train(workload.check_steps)
        np.savez(path, loss=loss, **{f"gradient/{k}": v for k, v in slopes.items()},
                 **{f"trained/{k}": v for k, v in parameters().items()})
        say(done=True)

    for line in sys.stdin:
        command, argument = line.split(maxsplit=1)
        if command == "time":
            us = step_seconds(run, float(argument)) * 1e6
            say(us=us, peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
        elif workload.kind == "decode":
            np.savez(argument.strip(),
                     logits=gradients("float64" if command == "reference" else workload.dtype))
            say(done=True)
        elif command == "results":
            save(argument.strip(), workload.dtype, *variants[best]())
        elif command == "reference":
            import torch_peer
            save(argument.strip(), "float64", *torch_peer.reference(workload))


if __name__ == "__main__":
    main()
