"""What can be typed: the parser's sentences, help in both languages, completion, paths, exit codes, start-up."""

from __future__ import annotations

import atexit
import gc
import os
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from renewd import __version__
from renewd.cli import main
from renewd.cli.arguments import parse
from renewd.cli.commands import COMMANDS, GLOBAL, command
from renewd.cli.paths import find, language_of
from renewd.cli.screen import with_options
from renewd.disk import Paths
from renewd.domain.errors import UsageError
from renewd.i18n import LANGUAGES, as_typed, commands_completed, language
from shell import Shell, golden

ROOT = Path(__file__).parents[2]


# --- the parser -----------------------------------------------------------------------------------------------------


def test_options_may_stand_anywhere() -> None:
    for argv in (
        ["mark", "main", "paid", "October overage", "--on", "2026-11-28", "--config", "x"],
        ["--config", "x", "mark", "main", "paid", "--on=2026-11-28", "October overage"],
        ["mark", "--on", "2026-11-28", "main", "--config=x", "paid", "October overage"],
        ["--config", "x", "mark", "--on", "2026-11-28", "--", "main", "paid", "October overage"],
    ):
        name, values = parse(argv)
        assert name == "mark"
        assert (values.plan, values.what, values.item) == ("main", "paid", "October overage")
        assert (values.on, values.config, values.until) == (date(2026, 11, 28), "x", None)


def test_commands_of_two_words_and_values_that_look_like_commands() -> None:
    assert parse(["plan", "list"]).command == "plan list"
    assert parse(["history"]).command == "history"
    assert parse(["--state", "run", "history", "show", "4"]).command == "history show"
    assert parse(["mark", "run", "renewed", "--reference", "status"]).values.reference == "status"


def test_values_are_read_as_the_file_s_are() -> None:
    values = parse(["mark", "a", "renewed", "--amount", "12.50", "--until", "2027-01-02"]).values
    assert (values.amount, values.until) == (Decimal("12.50"), date(2027, 1, 2))
    assert parse(["agenda", "--days", "90", "--json"]).values.days == 90


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_what_is_typed_wrong_is_said_in_the_user_s_language(shell: Shell, language: str) -> None:
    shell.language = language
    shell.width = 200
    shell.write(f'language = "{language}"\n')
    lines = []
    for argv in (
        ["makr"],
        ["frobnicate"],
        ["plan"],
        ["plan", "lits"],
        ["agenda", "--form", "2026-12-01"],
        ["agenda", "--xyzzy"],
        ["agenda", "-x"],
        ["agenda", "--from"],
        ["agenda", "--json=1"],
        ["agenda", "--days", "0"],
        ["agenda", "--days", "many"],
        ["agenda", "--from", "2026-02-30"],
        ["agenda", "--from", "12/5/2026"],
        ["agenda", "--from", "5.12.26"],
        ["agenda", "2026-12-01"],
        ["mark"],
        ["mark", "tello"],
        ["mark", "tello", "renwed"],
        ["mark", "tello", "renewed", "--amount", "five"],
        ["mark", "tello", "renewed", "--reference", ""],
        ["simulate"],
        ["completion", "tcsh"],
    ):
        said = shell(*argv)
        assert (said.code, said.out) == (2, ""), argv
        lines.append(f"$ renewd {' '.join(argv)}\n{said.err}")
    golden(f"usage.{language}.txt", "".join(lines))


def test_without_a_command_the_commands_are_shown_and_it_is_an_error(shell: Shell) -> None:
    said = shell()
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("usage: renewd ")


def test_the_version(shell: Shell) -> None:
    assert shell("--version").out == f"renewd {__version__}\n"


def test_no_file_yet_names_the_next_command(shell: Shell) -> None:
    said = shell("agenda")
    assert (said.code, said.err) == (78, "There is no ~/plans.toml yet. Make one with: renewd init\n")


# --- help -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_help_in_both_languages(shell: Shell, language: str) -> None:
    shell.language = language
    pages = [("", shell("--help"))] + [(name, shell(*name.split(), "--help")) for name in COMMANDS]
    assert {said.code for _, said in pages} == {0}
    text = "\n".join(f"$ {f'renewd {name}'.strip()} --help\n{said.out}" for name, said in pages)
    golden(f"help.{language}.80.txt", text)


def test_help_is_never_wider_than_the_terminal(shell: Shell) -> None:
    from renewd.render.table import cells_of

    for shell.language in ("en", "zh-CN"):
        for name in ("", *COMMANDS):
            for line in shell(*name.split(), "--help").out.splitlines():
                assert cells_of(line) <= 80 or line.startswith(("usage", "用法", "  renewd")), line


def test_every_command_has_an_example_that_can_be_typed() -> None:
    for name in COMMANDS:
        assert command(name).examples, name
        for example in command(name).examples:
            words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', example.partition(" >")[0])]
            assert parse(words).command == name


NAMES_OF_COMMANDS = "|".join(sorted(COMMANDS, key=len, reverse=True))


def commands_in(code: str) -> Iterator[tuple[str, str]]:
    """Iterate the commands that sentences of a language advise, each with the words after it, up to a mark of punctuation."""
    for key in sorted(language(code).keys()):
        words = language(code).words(key)
        for text in [words] if isinstance(words, str) else words.values():
            for found in re.finditer(rf"(?<![\w/])renewd ((?:{NAMES_OF_COMMANDS})\b[^，。；：（）、,.;:()]*)", text):
                if not key.startswith(("commands.", "web.")):
                    yield key, re.sub(r"\{\w+(?::\w+)?\}", "x", re.sub("DATE|日期", "2026-12-05", found[1])).strip("` ")


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_a_sentence_advises_to_type_can_be_typed(code: str) -> None:
    for key, typed in commands_in(code):
        words = [word.strip('"`') for word in re.findall(r'"[^"]*"|\S+', typed)]
        name = re.match(NAMES_OF_COMMANDS, typed)
        assert name is not None
        entry = command(name[0])
        options = {f"--{option.name}": 1 + bool(option.value) for option in (*entry.options, *GLOBAL)}
        asked = len([argument for argument in entry.arguments if not argument.optional])
        try:
            parse(words[: len(name[0].split()) + asked + sum(options.get(word, 0) for word in words)])
        except UsageError as error:
            pytest.fail(f"{key}: {typed}: {error}")


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_command_in_a_sentence_names_the_file_that_was_named(code: str) -> None:
    with commands_completed(partial(with_options, "--config x ")):
        for key in language(code).keys():
            said = str(language(code).words(key))
            if key.startswith(("terminal.", "check.", "delivery.", "doctor.", "carriers.", "web.")):
                assert not re.search(rf"(?<![\w/])renewd (?:{NAMES_OF_COMMANDS})\b", as_typed(said)), key


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("mark", "t", "renewed", "--until", "2029-01-01"), "If the year is wrong: {renewd} undo"),
        (("mark", "t", "requested"), "If you do: {renewd} mark t leaving --number port"),
        (("mark", "x", "renewed"), "{renewd} plan list shows them"),
        (("history", "show", "5"), "{renewd} history lists them"),
        (("carriers", "nope"), "`{renewd} carriers` lists them"),
        (("check",), "{renewd} mark t renewed. Left?"),
    ],
)
def test_what_a_command_advises_works_on_the_same_file(shell: Shell, argv: tuple[str, ...], said: str) -> None:
    shell.width = 400
    text = 'language = "en"\nmail.to = "me@example.com"\n[plan.t]\nrenews = 2026-01-05\nevery = "30 days"\n'
    file = shell.write(text).rename(shell.folder / "my plans.toml")
    answer = shell("--config", str(file), "--state", "s", *argv)
    assert said.format(renewd=f"renewd --config '{file}' --state {shell.folder}/s") in answer.out + answer.err


def test_the_examples_of_the_overview_are_the_first_of_their_commands(shell: Shell) -> None:
    shown = re.findall(r"(?m)^  renewd (.+)$", shell("--help").out)
    assert shown == [command(name).examples[0] for name in ("init", "run", "agenda", "mark")]


def test_the_file_s_language_counts_before_the_environment_s(shell: Shell) -> None:
    shell.write('# mine\n\nlanguage = ["zh-CN", "en"]\n[plan.a]\nlanguage = "en"\n')
    assert shell("--help").out.startswith("用法：")
    shell.write('[plan.a]\nlanguage = "zh-CN"\n')
    assert shell("--help").out.startswith("usage: ")
    shell.write('language = "zh-CN\n')
    assert shell("--help").out.startswith("usage: ")
    assert language_of(Path("/nowhere"), {"LANG": "zh_TW.UTF-8"}) == "zh-CN"
    assert language_of(Path("/nowhere"), {"LANG": "fr_FR.UTF-8"}) == "en"


@pytest.mark.parametrize("config", [("--config", "zh.toml"), ("--config=zh.toml",)])
def test_what_is_typed_wrong_is_said_in_the_language_of_the_file_that_is_named(
    shell: Shell, config: tuple[str, ...]
) -> None:
    shell.folder.joinpath("zh.toml").write_text('language = "zh-CN"\n')
    assert shell(*config, "agenda", "--dayz").err == "renewd：没有 '--dayz' 这个选项；是不是 '--days'？\n"


# --- the sentences --------------------------------------------------------------------------------------------------


def placeholders(words: str | object) -> set[str]:
    texts = [words] if isinstance(words, str) else list(words.values())  # type: ignore[attr-defined]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_with_the_same_facts() -> None:
    zh, en = (language(code) for code in LANGUAGES)
    keys = {key for key in zh.keys() if key.startswith(("terminal.", "commands."))}
    assert keys == {key for key in en.keys() if key.startswith(("terminal.", "commands."))}
    for key in keys:
        assert placeholders(zh.words(key)) == placeholders(en.words(key)), key


def literal_keys() -> Iterator[str]:
    sources = [
        *(ROOT / "daemon" / "renewd" / "cli").glob("*.py"),
        ROOT / "daemon" / "renewd" / "domain" / "fact_changes.py",
    ]
    for source in sources:
        text = source.read_text("utf-8")
        yield from re.findall(r'"(terminal\.[a-z.-]+)"', text)
        yield from (f"terminal.{key}" for key in re.findall(r'screen\.say\(\s*"([a-z][a-z.-]*)"', text))
        yield from (f"terminal.mark.{key}" for key in re.findall(r'Said\("([a-z-]+)"', text))


@pytest.mark.checkout
def test_every_sentence_that_the_code_asks_for_is_there() -> None:
    keys = set(literal_keys())
    assert len(keys) > 100
    assert keys - language("en").keys() == set()


def test_chinese_is_set_as_it_is_to_be() -> None:
    zh = language("zh-CN")
    for key in zh.keys():
        words = zh.words(key)
        if key.startswith(("terminal.", "commands.")) and isinstance(words, str):
            bare = re.sub(r"\{[^}]*\}|`[^`]*`|'[^']*'|\"[^\"]*\"|\[[^]]*\]", "X", words)
            assert not re.search(r"[！～您]", bare), key
            assert not re.search(r"[\u4e00-\u9fff][,;:?!]", bare), (key, bare)
            assert not re.search(
                r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", re.sub(r"X|\d+月\d+日", "", bare)
            ), (key, bare)


# --- paths ----------------------------------------------------------------------------------------------------------


def test_the_file_is_the_one_named_then_one_s_own_then_the_system_s(tmp_path: Path) -> None:
    home, system = tmp_path / "home", tmp_path / "etc" / "plans.toml"
    own = home / ".config" / "renewd" / "plans.toml"
    environment = {"HOME": str(home)}

    def config(named: str | None = None, **more: str) -> Path:
        return find(named, None, {**environment, **more}, system_config=system, system_state=tmp_path / "var").config

    assert config() == own
    system.parent.mkdir()
    system.touch()
    assert config() == system
    own.parent.mkdir(parents=True)
    own.touch()
    assert config() == own
    assert config(XDG_CONFIG_HOME=str(tmp_path / "xdg")) == system
    assert config(XDG_CONFIG_HOME="relative") == own
    assert config(RENEWD_CONFIG="/x.toml") == Path("/x.toml")
    assert config("/y.toml", RENEWD_CONFIG="/x.toml") == Path("/y.toml")


def test_the_state_goes_with_the_file(tmp_path: Path) -> None:
    system, state = tmp_path / "etc" / "plans.toml", tmp_path / "var"
    system.parent.mkdir()
    system.touch()

    def folder(named: str | None = None, config: str | None = None, **environment: str) -> Path:
        environment = {"HOME": str(tmp_path), **environment}
        return find(config, named, environment, system_config=system, system_state=state).state

    assert folder() == tmp_path / ".local" / "state" / "renewd"
    state.mkdir()
    assert folder() == state  # the file is the system's, and so is what runs on it
    assert folder(config="/mine.toml") == tmp_path / ".local" / "state" / "renewd"
    assert folder(config="/mine.toml", XDG_STATE_HOME="/s") == Path("/s/renewd")
    assert folder(STATE_DIRECTORY="/a:/b", XDG_STATE_HOME="/s") == Path("/a")
    assert folder("/named", STATE_DIRECTORY="/a") == Path("/named")


def test_a_path_is_shown_as_people_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/li")
    paths = Paths(Path("/home/li/.config/renewd/plans.toml"), Path("/var/lib/renewd"))
    assert (paths.short(paths.config), paths.short(paths.state)) == ("~/.config/renewd/plans.toml", "/var/lib/renewd")


def test_a_process_looks_for_no_garbage_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that calls `main` goes on."""
    at_the_end: list[object] = []
    monkeypatch.setattr(atexit, "register", at_the_end.append)
    assert main(["--version"]) == 0
    assert at_the_end == []
    monkeypatch.setattr(sys, "argv", ["renewd", "--version"])
    assert main() == 0
    assert at_the_end == [gc.freeze]


# --- real processes -------------------------------------------------------------------------------------------------


def process(*argv: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    path = os.pathsep.join([str(ROOT / "daemon"), os.environ.get("PYTHONPATH", "")])
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": path, **environment}
    return subprocess.run(
        [sys.executable, "-m", "renewd", *argv], cwd=folder, env=clean, capture_output=True, check=False
    )


def test_a_reader_that_has_seen_enough_ends_it_quietly(shell: Shell) -> None:
    shell.seven()
    path = os.pathsep.join([str(ROOT / "daemon"), os.environ.get("PYTHONPATH", "")])
    environment = {"PATH": os.environ["PATH"], "HOME": str(shell.folder), "PYTHONPATH": path}
    command = [sys.executable, "-m", "renewd", "--config", str(shell.config), "agenda", "--days", "3000", "--json"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read(2) == b"[{"
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


def test_names_that_the_terminal_cannot_show_are_no_error(shell: Shell) -> None:
    shell.language = "zh-CN"
    shell.seven()
    done = process("--config", str(shell.config), "plan", "list", folder=shell.folder, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"?" in done.stdout
    assert done.stderr == b""


def test_the_language_comes_from_the_environment_of_a_real_process(tmp_path: Path) -> None:
    done = process("--help", folder=tmp_path, LC_ALL="zh_CN.UTF-8")
    assert done.stdout.decode().startswith("用法：renewd")
    assert process("nope", folder=tmp_path, LANG="C").returncode == 2


@pytest.mark.parametrize("argv", [["--help"], ["agenda"], ["check"], ["mark", "tello", "renewed"]])
def test_nothing_that_a_command_does_not_need_is_imported(shell: Shell, argv: list[str]) -> None:
    shell.seven()
    with shell.config.open("a") as file:
        file.write('[[plan.tello.backup]]\nwhat = "photos"\npath = "photos/*"\n')
    shell.config.chmod(0o644)  # `check` has a note to show
    code = (
        "import sys; from renewd.cli import main; main(sys.argv[1:]);"
        "rare = {'asyncio', 'aiosmtplib', 'apscheduler', 'jinja2', 'logging', 'sqlite3', 'email'};"
        "print(*sorted(rare & set(sys.modules)), file=sys.stderr)"
    )
    path = os.pathsep.join([str(ROOT / "daemon"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", code, "--config", str(shell.config), "--state", str(shell.state), *argv],
        env={"PATH": os.environ["PATH"], "HOME": str(shell.folder), "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    needed = {"agenda": ["sqlite3"], "check": ["jinja2"]}.get(argv[0], [])
    assert done.stderr.split() == needed


@pytest.mark.parametrize("argv", [["plan", "--help"], ["help", "plan"], ["--help", "plan"], ["plan", "-h"]])
def test_a_group_has_its_help(shell: Shell, argv: list[str]) -> None:
    said = shell(*argv)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("usage: renewd plan COMMAND …\n")
    assert re.findall(r"^  (plan \w+)", said.out, re.MULTILINE) == ["plan add", "plan list"]


def test_help_is_a_command_too(shell: Shell) -> None:
    assert shell("help").out == shell("--help").out == shell("-h").out
    assert shell("help", "plan", "add").out == shell("plan", "add", "--help").out
    assert shell("-V").out == shell("--version").out == f"renewd {__version__}\n"
    said = shell("help", "plan", "lst")
    assert (said.code, said.err) == (2, "renewd: no command 'plan lst'; did you mean 'renewd plan list'?\n")


@pytest.mark.parametrize(("argv", "title"), [([], ".TH RENEWD 1"), (["plans.toml"], ".TH PLANS.TOML 5")])
def test_a_man_page_is_left_aligned_and_breaks_no_word(shell: Shell, argv: list[str], title: str) -> None:
    page = shell("help", "--man", *argv).out.splitlines()
    assert page[0].startswith(title)
    assert page[1:3] == [".nh", ".ad l"]
