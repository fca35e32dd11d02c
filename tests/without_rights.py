"""Run a program held to the permissions of files: `python without_rights.py PROGRAM ARGUMENTS`.

Root may pass over them; so it gives that right up here, and what runs afterwards cannot get it back.
"""

import ctypes
import os
import sys

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2

if os.geteuid() == 0:
    system = ctypes.CDLL(None, use_errno=True)
    for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        assert system.prctl(PR_CAPBSET_DROP, right, 0, 0, 0) == 0, os.strerror(ctypes.get_errno())
os.execv(sys.argv[1], sys.argv[1:])
