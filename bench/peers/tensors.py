"""Values that go through a pipe to and from a generated program, as tensors.h reads and writes them:
a line NAME COUNT, then so many doubles.
"""

import numpy as np


def write(stream, name, values):
    stream.write(f"{name} {np.size(values)}\n".encode())
    stream.write(np.asarray(values, dtype=np.float64).tobytes())


def read_all(stream):
    found = {}
    while line := stream.readline():
        name, count = line.decode().split()
        found[name] = np.frombuffer(stream.read(8 * int(count)), dtype=np.float64)
    return found
