"""Runs a Python module as the main one while the process that started it lives: `python -m detainer.exchange.kept MODULE ...`.

Standard input is a pipe that the starter holds open. It ends with the starter, however that dies, and so does the group.
"""

import os
import runpy
import signal
import sys
import threading


def _end_with_the_starter() -> None:
    while os.read(0, 1024):
        pass
    os.killpg(os.getpgrp(), signal.SIGTERM)
    threading.Event().wait(10)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
