"""`completion`: a script for bash, zsh or fish, made from the same list that the parser reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace

from renewd.assets import ASSETS
from renewd.cli.command_text import does, meaning
from renewd.cli.commands import COMMANDS, GLOBAL, Argument, Command, Option, command
from renewd.cli.screen import Screen
from renewd.disk import Paths
from renewd.domain.plans import CHECKED

COMMAND = Command(
    arguments=(Argument("SHELL", choices=("bash", "zsh", "fish")),),
    examples=("completion bash > ~/.local/share/bash-completion/completions/renewd",),
)


# Prints the ids of a group in the file that would be read. It needs no Python, which is slow to start at every Tab.
_FILE = r"""file="${2:-${RENEWD_CONFIG:-${XDG_CONFIG_HOME:-$HOME/.config}/renewd/plans.toml}}"
    [ -n "$2${RENEWD_CONFIG-}" ] || [ -e "$file" ] || file=/etc/renewd/plans.toml
    case "$file" in "~/"*) file="$HOME/${file#??}" ;; esac
    """
_IDS = rf"""{_FILE}sed -n "s/^ *\[$1\.\([a-z0-9-]*\)\].*/${{3-}}\1/p" "$file" 2>/dev/null"""
# Prints what a fact may be about, a name a line: those that stand in tables such as [[plan.main.bill]].
_ITEMS = rf"""{_FILE}case "$3" in
        paid) set -- "$1" bill what ;;
        moved) set -- "$1" binding service ;;
        backed-up) set -- "$1" backup what ;;
        kept) set -- "$1" document what ;;
        checked) printf '%s\n' {" ".join(CHECKED)}; return 0 2>/dev/null || exit 0 ;;
        *) return 0 2>/dev/null || exit 0 ;;
    esac
    awk -v table="[[plan.$1.$2]]" -v key="^ *$3 *= *\"" '
        /^ *\[/ {{ inside = index($0, table) > 0 }}
        inside && $0 ~ key {{ sub(key, ""); sub(/".*/, ""); print }}' "$file" 2>/dev/null"""
_IDS_OF_OPTIONS = ("plan", "person")  # options that take the id of something in the file
_SECRETS = ("smtp-password", "imap-password")
_FILES_IN_BASH = {"folder": "$(compgen -d)", "file": "$(compgen -f)"}
_ITEMS_IN_FISH = {"item": "(__renewd_items)"}

_FISH_IDS = r"""function __renewd_ids
    set -l words (commandline -opc)
    set -l file
    if set -l place (contains -i -- --config $words)
        set file $words[(math $place + 1)]
    end
    sh -c @IDS@ sh $argv[1] "$file" $argv[2]
end
function __renewd_items
    set -l words (commandline -opc)
    set -l file
    if set -l place (contains -i -- --config $words)
        set file $words[(math $place + 1)]
        set -e words[$place] words[$place]
    end
    set -l place (contains -i -- mark $words)
    sh -c @ITEMS@ sh $words[(math $place + 1)] "$file" $words[(math $place + 2)]
end"""

_BASH = r"""
__renewd_ids() {
    local file
    @IDS@
}

__renewd_items() {
    local file
    @ITEMS@
}

_renewd() {
    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"
    local command="" config="" offers="" given=() n=0 i item
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case "${COMP_WORDS[i]}" in
            --config) ((i++)); config="${COMP_WORDS[i]}" ;;
            @VALUES@) ((i++)) ;;
            -*) ;;
            *) case "$command ${COMP_WORDS[i]}" in
                @PAIRS@) command="$command ${COMP_WORDS[i]}" ;;
                @FIRSTS@) command="${COMP_WORDS[i]}" ;;
                *) given+=("${COMP_WORDS[i]}"); ((n++)) ;;
            esac ;;
        esac
    done
    case "$command $before" in
@CHOICES@
        *) case "$before" in
            @FILES@) COMPREPLY=($(compgen -f -- "$word")); return ;;
            @FOLDERS@) COMPREPLY=($(compgen -d -- "$word")); return ;;
            @VALUES@) return ;;
        esac ;;
    esac
    case "$command/$n" in
        @ITEM@) while IFS= read -r item; do
                printf -v item %q "$item"
                [[ "$item" != "$word"* ]] || COMPREPLY+=("$item")
            done < <(__renewd_items "${given[0]}" "$config" "${given[1]}") ;;
@OFFERS@
    esac
    if [[ $word == -* ]]; then
        case "$command" in
@OPTIONS@
            *) offers="@GLOBAL@" ;;
        esac
    fi
    COMPREPLY+=($(compgen -W "$offers" -- "$word"))
}
complete -F _renewd renewd"""


def run(args: SimpleNamespace, _paths: Paths, screen: Screen) -> int:
    """Print the script for a shell."""
    if args.shell == "fish":
        screen.print(*_fish(screen))
    elif args.shell == "zsh":
        screen.print("#compdef renewd", "autoload -U +X bashcompinit && bashcompinit", _bash())
    else:
        screen.print("# renewd for bash: save it as ~/.local/share/bash-completion/completions/renewd", _bash())
    return 0


def _bash() -> str:
    options = [*GLOBAL, *(option for name in COMMANDS for option in command(name).options)]
    values = list(dict.fromkeys(_dashed(option) for option in options if option.value))
    script = _BASH
    for part, text in {
        "IDS": _IDS,
        "ITEMS": _ITEMS,
        "ITEM": "|".join(
            f'"{name}/{place}"'
            for name in COMMANDS
            for place, argument in enumerate(command(name).arguments)
            if argument.takes == "item"
        ),
        "CHOICES": "\n".join(
            f'        "{place}") COMPREPLY=($(compgen -W "{words}" -- "$word")); return ;;'
            for place, words in _choices()
        ),
        "FILES": "|".join(dict.fromkeys(_dashed(option) for option in options if option.kind == "file")),
        "FOLDERS": "|".join(dict.fromkeys(_dashed(option) for option in options if option.kind == "folder")),
        "VALUES": "|".join(values),
        "PAIRS": "|".join(f'"{name}"' for name in COMMANDS if " " in name),
        "FIRSTS": "|".join(f'" {first}"' for first in _firsts()),
        "OFFERS": "\n".join(f'        {_case(place)}) offers="{words}" ;;' for place, words in _offers()),
        "OPTIONS": "\n".join(
            f'            "{name}") offers="{" ".join(map(_dashed, (*command(name).options, *GLOBAL)))}" ;;'
            for name in COMMANDS
        ),
        "GLOBAL": " ".join(map(_dashed, GLOBAL)),
    }.items():
        script = script.replace(f"@{part}@", text)
    return script


def _offers() -> Iterator[tuple[str, str]]:
    """Iterate "command/words after it" and what may come next."""
    yield "/0", " ".join(_firsts())
    for first in _firsts():
        inner = [name.split()[1] for name in COMMANDS if name.startswith(f"{first} ")]
        if inner:
            yield f"{first}/0", " ".join(inner)
    for name in COMMANDS:
        for place, argument in enumerate(command(name).arguments):
            if words := _words(argument, _ids_in_bash, _FILES_IN_BASH):
                yield f"{name}/{'*' if argument.many else place}", words


def _choices() -> Iterator[tuple[str, str]]:
    """Iterate "command --option" and the values that the option takes."""
    for name in COMMANDS:
        for option in command(name).options:
            if words := _values(option, _ids_in_bash):
                yield f"{name} {_dashed(option)}", words


def _case(place: str) -> str:
    """Return a pattern of the shell. A `*` as the place matches any number of words."""
    return f'"{place[:-1]}"*' if place.endswith("*") else f'"{place}"'


def _firsts() -> list[str]:
    return list(dict.fromkeys(name.split()[0] for name in COMMANDS))


def _words(argument: Argument, ids: Callable[[str, str], str], own: Mapping[str, str]) -> str:
    """Return what an argument can be: words, and what prints more of them in a shell.

    `ids` returns what prints the ids of a group there, each behind a prefix; `own` is what only that shell can offer.
    """
    offered = {
        "plan": ids("plan", ""),
        "push": ids("push", ""),
        "secret": f"{' '.join(_SECRETS)} {ids('push', 'push-')}",
        "command": " ".join(_topics()),
        "carrier": " ".join(_carriers()) if argument.takes == "carrier" else "",
        **own,
    }
    return " ".join(argument.choices) or offered.get(argument.takes, "")


def _values(option: Option, ids: Callable[[str, str], str]) -> str:
    return ids(option.name, "") if option.name in _IDS_OF_OPTIONS else " ".join(option.choices)


def _ids_in_bash(group: str, before: str) -> str:
    return f'$(__renewd_ids {group} "$config" {before})'.replace(" )", ")")


def _ids_in_fish(group: str, before: str) -> str:
    return f"(__renewd_ids {group} {before})".replace(" )", ")")


def _carriers() -> list[str]:
    """Return the ids of the catalogue that is shipped."""
    from renewd.config.catalogue import load_catalogue

    return list(load_catalogue(ASSETS / "config" / "carriers.toml")[0])


def _topics() -> list[str]:
    return [*_firsts(), "plans.toml"]


def _dashed(option: Option) -> str:
    return f"--{option.name}"


def _fish(screen: Screen) -> Iterator[str]:
    yield "# renewd for fish: save it as ~/.config/fish/completions/renewd.fish"
    yield _FISH_IDS.replace("@IDS@", _quoted(_IDS)).replace("@ITEMS@", _quoted(_ITEMS))
    yield "complete -c renewd -f"
    for option in GLOBAL:
        yield _fish_option(option, screen.say(f"help.option.{option.name}"))
    for first in _firsts():
        about = does(screen.words, first) if first in COMMANDS else ""
        yield f"complete -c renewd -n __fish_use_subcommand -a {first} -d {_quoted(about)}"
    for name in COMMANDS:
        entry = command(name)
        first, _, second = name.partition(" ")
        after = f"__fish_seen_subcommand_from {first}"
        if second:
            yield f"complete -c renewd -n {_quoted(after)} -a {second} -d {_quoted(does(screen.words, name))}"
            after += f"; and __fish_seen_subcommand_from {second}"
        for argument in entry.arguments:
            if argument.takes == "file":
                yield f"complete -c renewd -n {_quoted(after)} -F"
            if words := _words(argument, _ids_in_fish, _ITEMS_IN_FISH):
                yield f"complete -c renewd -n {_quoted(after)} -a {_quoted(words)}"
        for option in entry.options:
            yield _fish_option(option, meaning(screen.words, name, option), after)


def _fish_option(option: Option, about: str, after: str = "") -> str:
    parts = ["complete -c renewd"]
    if after:
        parts.append(f"-n {_quoted(after)}")
    parts.append(f"-l {option.name}")
    if option.value:
        parts.append("-r")
    if option.kind in ("file", "folder"):
        parts.append("-F")
    if words := _values(option, _ids_in_fish):
        parts.append(f"-a {_quoted(words)}")
    return " ".join([*parts, f"-d {_quoted(about)}"])


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
