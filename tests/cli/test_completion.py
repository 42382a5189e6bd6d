"""`completion`: what bash, zsh and fish really offer, each where it is installed."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
from pathlib import Path

import pytest

from renewd.cli.commands import COMMANDS
from renewd.domain.fact_changes import FACTS
from shell import Shell

HOUSEHOLD = """[mail]
to = "me@example.com"
[person.mom]
email = "mom@example.com"
push = ["phone"]
[push.phone]
service = "bark"
[plan.tello]
renews = 2026-12-05
[[plan.tello.bill]]
what = "fee"   # of October
[[plan.tello.bill]]
what="October overage"
[[plan.tello.binding]]
service = "Chase"
[plan.visible]
renews = 2026-12-05
[[plan.visible.binding]]
service = "Apple"
"""
OTHER = """[mail]
to = "me@example.com"
[plan.gym]
renews = 2026-12-05
[[plan.gym.document]]
what = "contract"
"""
DEADLINE = 20  # seconds for a shell that answers nothing
_TYPE = re.escape("\x1b[?2004h")  # zsh is ready for what is typed


def environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "dumb", "RENEWD_CONFIG": str(home / "plans.toml")}


def in_bash(home: Path, line: str) -> list[str]:
    """Return what bash offers for the last word of a line."""
    ask = """source renewd.bash; read -ra COMP_WORDS <<< "$1"; [[ $1 == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _renewd; printf '%s\\n' "${COMPREPLY[@]}\""""
    done = subprocess.run(
        ["bash", "-c", ask, "bash", line], cwd=home, env=environment(home), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def in_fish(home: Path, line: str) -> list[str]:
    """Return what fish offers for the last word of a line."""
    done = subprocess.run(
        ["fish", "--no-config", "-c", "source renewd.fish; complete -C $argv[1]", line],
        cwd=home, env=environment(home), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return [offer.partition("\t")[0] for offer in done.stdout.splitlines()]


def in_zsh(home: Path, lines: list[str]) -> list[list[str]]:
    """Return what zsh shows on a terminal when Tab is pressed at the end of each line."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        ["zsh", "-f", "-i"], cwd=home, env=environment(home), stdin=its, stdout=its, stderr=its, start_new_session=True
    )
    try:
        start = "PS1=; autoload -U compinit; compinit -u -D; source ./renewd.zsh; echo be''gin"
        os.write(ours, f"{start}\n".encode())
        _read_until(ours, f"begin.*{_TYPE}")
        return [_words_of(_offered(ours, line)) for line in lines]
    finally:
        process.kill()
        process.wait()
        os.close(its)
        os.close(ours)


def _offered(terminal: int, line: str) -> str:
    os.write(terminal, f"{line}\t".encode())
    os.write(terminal, b"\x15echo en''d\n")  # clears the line
    return _read_until(terminal, f"\nend\r?\n.*{_TYPE}")


def _words_of(shown: str) -> list[str]:
    return re.findall(r"[A-Za-z][a-z.-]+", shown)


def _read_until(terminal: int, pattern: str) -> str:
    read = ""
    while not re.search(pattern, read, re.DOTALL):
        ready, _, _ = select.select([terminal], [], [], DEADLINE)
        assert ready, read
        read += os.read(terminal, 4096).decode("utf-8", "replace")
    return read


LINES: list[tuple[str, list[str], list[str]]] = [
    ("renewd ", ["agenda", "plan", "help"], []),
    ("renewd mark ", ["tello", "visible"], ["gym"]),
    ("renewd --config other.toml mark ", ["gym"], ["tello"]),
    ("renewd mark tello ", ["renewed", "paid", "lock-off"], []),
    ("renewd history --plan ", ["tello", "visible"], ["mom"]),
    ("renewd import --from ", ["wallos", "renewlet", "subtrackr", "ics"], ["tello"]),
    ("renewd export --format ", ["csv", "json", "ics"], ["html"]),
    ("renewd report --format ", ["text", "html", "md", "json"], ["csv"]),
    ("renewd page --person m", ["mom"], ["tello"]),
    ("renewd test-push p", ["phone"], ["mom"]),
    ("renewd service set-secret ", ["smtp-password", "imap-password", "push-phone"], []),
    ("renewd help ", ["agenda", "plans.toml"], []),
    ("renewd carriers ", ["tello", "tmobile"], ["visible-x", "mom"]),
    ("renewd mark tello checked ", ["bindings", "backups", "documents"], []),
    ("renewd mark tello moved ", ["Chase"], ["fee", "Apple"]),
    ("renewd mark tello paid ", ["fee"], ["Chase"]),
    ("renewd --config other.toml mark gym kept ", ["contract"], ["fee"]),
    ("renewd mark tello leaving --number ", ["port", "drop", "move"], ["lapse"]),
]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_shell_offers_what_can_be_typed(shell: Shell, name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    (shell.folder / f"renewd.{name}").write_text(shell("completion", name).out, "utf-8")
    shell.write(HOUSEHOLD)
    (shell.folder / "other.toml").write_text(OTHER, "utf-8")
    lines = [line for line, _, _ in LINES]
    if name == "zsh":
        found = in_zsh(shell.folder, lines)
    else:
        ask = in_bash if name == "bash" else in_fish
        found = [ask(shell.folder, line) for line in lines]
    for (line, offered, others), said in zip(LINES, found, strict=True):
        assert (line, [word for word in offered if word not in said]) == (line, [])
        assert (line, [word for word in others if word in said]) == (line, [])


def test_bash_offers_words_in_their_place_only(shell: Shell) -> None:
    (shell.folder / "renewd.bash").write_text(shell("completion", "bash").out, "utf-8")
    shell.write(HOUSEHOLD)

    def offers(line: str) -> list[str]:
        return in_bash(shell.folder, line)

    assert offers("renewd ag") == ["agenda"]
    assert offers("renewd --state x pl") == ["plan"]
    assert offers("renewd plan ") == ["add", "list"]
    assert offers("renewd mark t") == ["tello"]
    assert offers("renewd mark tello re") == [fact for fact in FACTS if fact.startswith("re")]
    assert offers("renewd mark tello paid O") == ["October\\", "overage"]  # one offer, its blank escaped
    assert offers("renewd mark tello renewed --u") == ["--until"]
    assert offers("renewd history show 4 --") == ["--raw", "--config", "--state", "--help", "--version"]


def test_each_shell_has_a_script_that_names_every_command(shell: Shell) -> None:
    for name in ("bash", "zsh", "fish"):
        script = shell("completion", name).out
        assert [command for command in COMMANDS if command.split()[-1] not in script] == []
