"""`python -m gongkai` is the program `gongkai`."""

import os
import subprocess
import sys

from ._binary import binary

command = [str(binary()), *sys.argv[1:]]
if os.name == "nt":
    # There is no replacing of a process there.
    sys.exit(subprocess.run(command).returncode)
os.execv(command[0], command)
