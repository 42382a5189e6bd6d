"""Commands of a copy of the project, one after another in one process: started by scratch.py.

Reads orders `[words of Python, folder, environment]` from its standard input; a module is run as `python -m` runs it, a text as
`python -c` does. Answers each with `[exit code, standard output, standard error]`.
"""

from __future__ import annotations

import io
import json
import os
import runpy
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout

_MODULE, _TEXT = "-m", "-c"


def _carry_out(words: list[str]) -> int:
    how, what, *sys.argv[1:] = words
    try:
        if how == _MODULE:
            sys.modules.pop(what, None)  # as a process of its own would find it
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(what, {"__name__": "__main__"})
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001  # Python ends with any of them
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    orders, answers = sys.stdin, sys.stdout
    for order in orders:
        words, folder, environment = json.loads(order)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with redirect_stdout(out), redirect_stderr(err):
            code = _carry_out(words)
        said = [stream.buffer.getvalue().decode() for stream in (out, err)]
        print(json.dumps([code, *said]), file=answers, flush=True)


if __name__ == "__main__":
    main()
