"""A test runner that writes the outcome of each test to the file `DJANGOSUITE_OUTCOMES`."""

import json
import os
from pathlib import Path
from typing import Any
from unittest import TestCase, TestSuite, TextTestResult

from django.test.runner import DiscoverRunner

PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"


class Outcomes(TextTestResult):
    """Keeps the outcome of each test and, if it failed, the traceback."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcomes: dict[str, tuple[str, str]] = {}

    def _note(self, test: TestCase, outcome: str, detail: str = "") -> None:
        # A failed subtest has reported the test already.
        self.outcomes.setdefault(test.id(), (outcome, detail))

    def addSuccess(self, test: TestCase) -> None:
        super().addSuccess(test)
        self._note(test, PASSED)

    # Django marks these itself, so they are as they should be.

    def addExpectedFailure(self, test: TestCase, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self._note(test, SKIPPED, "expected failure")

    def addUnexpectedSuccess(self, test: TestCase) -> None:
        super().addUnexpectedSuccess(test)
        self._note(test, PASSED)

    def addSkip(self, test: TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self._note(test, SKIPPED, reason)

    def addError(self, test: TestCase, err: Any) -> None:
        super().addError(test, err)
        self._note(test, FAILED, self.errors[-1][1])

    def addFailure(self, test: TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self._note(test, FAILED, self.failures[-1][1])

    def addSubTest(self, test: TestCase, subtest: TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(test, FAILED, (self.failures + self.errors)[-1][1])


class Runner(DiscoverRunner):
    def get_resultclass(self) -> type[Outcomes]:
        return Outcomes

    def run_suite(self, suite: TestSuite, **kwargs: Any) -> Any:
        result: Any = super().run_suite(suite, **kwargs)
        Path(os.environ["DJANGOSUITE_OUTCOMES"]).write_text(json.dumps(result.outcomes))
        return result
