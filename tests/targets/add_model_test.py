"""What gradc_add_model says of targets and parts that it refuses.

    add_model_test.py --cmake cmake --module cmake/GradcAddModel.cmake
"""

import argparse
import subprocess
import sys
import tempfile

CASES = {
    "TARGET avx2": "TARGET is avx2, expected native, x86-64-v3, x86-64-v4 or generic",
    "TARGET x86-64-v3 avx2": "TARGET is avx2, expected native, x86-64-v3, x86-64-v4 or generic",
    "TARGET x86-64-v3 generic x86-64-v3": "TARGET is x86-64-v3;generic;x86-64-v3, expected each once",
    "TARGET x86-64-v3 native": "TARGET is x86-64-v3;native, expected native alone",
    "PARTS 0": "PARTS is 0, expected a whole number from 1 to 64",
    "PARTS two": "PARTS is two, expected a whole number from 1 to 64",
    "PARTS 65": "PARTS is 65, expected a whole number from 1 to 64",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--module", required=True)
    arguments = parser.parse_args()
    failed = False
    for words, expected in CASES.items():
        with tempfile.NamedTemporaryFile("w", suffix=".cmake") as script:
            script.write(f'include("{arguments.module}")\ngradc_add_model(m SOURCES m.cpp {words})\n')
            script.flush()
            result = subprocess.run([arguments.cmake, "-P", script.name], capture_output=True, text=True)
        said = " ".join(result.stderr.split())  # CMake breaks lines
        if result.returncode == 0 or f"gradc_add_model(m): {expected} Call Stack" not in said:
            print(f"{words}: expected {expected!r}, found {said!r}")
            failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
