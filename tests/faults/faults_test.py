"""What counts as a fault that is noticed, told from what does not, with tests that only pretend to be built and run."""

import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import faults

FAULT = faults.Fault("wrong sign", "sum.cpp", "a + b", "a - b", "sum_test", "*", r"is \d+, not \d+")


class Complaints(unittest.TestCase):
    def complaint(self, source="return a + b;", log="", status=1, output="", error=None):
        """That about FAULT, where `source` is the file and the build and the test do as told."""
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            (scratch / "sum.cpp").write_text(source, encoding="utf-8")
            ran = mock.Mock(return_value=subprocess.CompletedProcess([], status, output), side_effect=error)
            with mock.patch.object(faults, "build", return_value=log), mock.patch.object(faults, "run", ran):
                text = faults.complaint(scratch, FAULT)
            self.assertEqual((scratch / "sum.cpp").read_text(encoding="utf-8"), source, "the fault is taken back")
            return text

    def test_a_test_that_fails_and_says_why_has_noticed(self):
        self.assertEqual(self.complaint(output="sum is 1, not 3"), "")

    def test_a_test_that_passes_has_not(self):
        self.assertEqual(self.complaint(status=0), "sum_test does not notice")

    def test_a_fault_that_does_not_build_is_not_noticed(self):
        self.assertEqual(self.complaint(log="error: expected ;", output="sum is 1, not 3"), "does not build\nerror: expected ;")

    def test_emitted_code_that_does_not_compile_is_not_noticed(self):
        self.assertEqual(self.complaint(output="g++ -c sum.cpp\nerror: expected ;"),
                         "sum_test fails without saying is \\d+, not \\d+\ng++ -c sum.cpp\nerror: expected ;")

    def test_a_crash_is_not_noticed(self):
        self.assertEqual(self.complaint(status=-11), "sum_test fails without saying is \\d+, not \\d+\nexit status -11")

    def test_a_test_without_end_is_not_noticed(self):
        self.assertEqual(self.complaint(error=subprocess.TimeoutExpired("sum_test", 600)),
                         "sum_test takes more than 600 seconds")

    def test_a_fault_applies_at_one_place(self):
        self.assertEqual(self.complaint(source="return a;"), "stands 0 times in sum.cpp, which must be once: a + b")
        self.assertEqual(self.complaint(source="a + b; a + b"), "stands 2 times in sum.cpp, which must be once: a + b")


class WithoutAFault(unittest.TestCase):
    def sound(self, log="", **result):
        with mock.patch.object(faults, "build", return_value=log), mock.patch.object(faults, "run", mock.Mock(**result)):
            return faults.sound(Path(), [FAULT])

    def test_a_test_that_passes_is_sound(self):
        self.assertEqual(self.sound(return_value=subprocess.CompletedProcess([], 0, "")), "")

    def test_what_fails_without_a_fault_proves_nothing(self):
        self.assertEqual(self.sound(return_value=subprocess.CompletedProcess([], 1, "sum is 1, not 3")),
                         "sum_test, without a fault:\nsum is 1, not 3")
        self.assertEqual(self.sound(log="error: expected ;"), "sum_test, without a fault:\nerror: expected ;")
        self.assertEqual(self.sound(side_effect=subprocess.TimeoutExpired("sum_test", 600)),
                         "sum_test, without a fault:\ntakes more than 600 seconds")


if __name__ == "__main__":
    unittest.main()
