"""Where the program is."""

import os
import sys
import sysconfig
from pathlib import Path


def binary() -> Path:
    """The program `gongkai` that was installed with this module.

    Another one on the PATH is never taken: it may be of another version, and read otherwise.

    Raises:
        FileNotFoundError: this module was not installed from a wheel, so there is none.
    """
    name = "gongkai" + (sysconfig.get_config_var("EXE") or "")
    packages = Path(__file__).resolve().parents[1]
    folders = [
        Path(sysconfig.get_path("scripts")),
        # pip install --user
        Path(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))),
        # pip install --target
        packages / "bin",
    ]
    # pip install --prefix: the packages lie in PREFIX/lib/pythonX.Y/site-packages, on Windows in PREFIX/Lib/site-packages.
    up = 1 if os.name == "nt" else 2
    folders.append(packages.parents[up] / ("Scripts" if os.name == "nt" else "bin"))
    # The folder of this very installation goes first: one of these may belong to another.
    folders.sort(key=lambda folder: not packages.is_relative_to(folder.parent))
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    looked = ", ".join(str(folder) for folder in folders)
    raise FileNotFoundError(f"the program {name} is not there; install the wheel (looked in {looked}; Python is {sys.executable})")
