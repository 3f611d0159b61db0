"""Compiles reports/exports/fastcsv/csvrows.c whenever a wheel is built."""

import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledLines(BuildHookInterface):
    """By the same command as script/setup."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        subprocess.run(
            [sys.executable, "reports/exports/fastcsv/library.py"], cwd=self.root, check=True
        )
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
