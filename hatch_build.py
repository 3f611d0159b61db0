"""Compiles reports/exports/fastcsv/csvrows.c when a wheel is built."""

import subprocess
import sys
import sysconfig
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARY = "reports/exports/fastcsv/library.py"


class CompiledRows(BuildHookInterface):
    """Compiles with the command of script/setup. Without a compiler the wheel has only Python.

    The compiled file is loaded by ctypes and is independent of Python's version: the wheel is for
    any Python 3 of the platform.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compiled = subprocess.run([sys.executable, LIBRARY], cwd=self.root, check=False)
        if compiled.returncode:
            self.app.display_warning(
                "Isoline is installed without its compiled part: CSV exports are slower. Install"
                " a C compiler, then reinstall Isoline."
            )
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
