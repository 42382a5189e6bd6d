"""`renewd service …`: each step said and done once, what is there left alone, a password that nobody else can read."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import stat
import subprocess
from datetime import date
from pathlib import Path

import pytest

from renewd.assets import ASSETS
from renewd.cli import service_install, service_set_secret, service_uninstall
from renewd.config.handover import FOLDER, Handover, hand_over
from renewd.domain.fact_changes import Fact
from renewd.service import installing
from renewd.service.installing import InstallPlace, Program
from shell import Shell

MINE = '[mail]\nto = "me@example.com"\n[plan.tello]\nrenews = 2026-12-05\nevery = "30 days"\n'


@pytest.fixture
def program(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A renewd in a venv below /opt that no search path leads to."""
    found = Program(
        script=Path("/opt/renewd/bin/renewd"),
        folders=(Path("/opt/renewd"), Path("/usr")),
        package=Path("/opt/renewd/lib/python3.11/site-packages/renewd"),
        searched=(),
    )
    use(found, monkeypatch)
    monkeypatch.setenv("PATH", str(shell.folder / "bin"))
    return found


def use(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (service_install, service_uninstall, installing):
        monkeypatch.setattr(module, "this_program", lambda _argv0: program)


def commands(shell: Shell, *names: str) -> Path:
    """Programs that note how they were called."""
    (shell.folder / "bin").mkdir(exist_ok=True)
    log = shell.folder / "called"
    log.write_text("")
    for name in names:
        path = shell.folder / "bin" / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {log}\n')
        path.chmod(0o755)
    return log


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


# --- what goes where ------------------------------------------------------------------------------------------------


def test_install_puts_every_file_in_place_and_a_second_time_changes_nothing(shell, program):
    log = commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    root = shell.folder / "root"
    first = shell("service", "install", "--root", str(root))
    assert (first.code, first.err) == (0, "")
    assert set(tree(root)) >= {
        "etc/systemd/system/renewd.service",
        "etc/systemd/system/renewd-marks.service",
        "etc/systemd/system/renewd-marks.path",
        "etc/sysusers.d/renewd.conf",
        "etc/tmpfiles.d/renewd.conf",
        "etc/renewd/plans.toml",
        "usr/local/share/man/man1/renewd.1",
        "usr/local/share/man/man5/plans.toml.5",
        "usr/local/share/man/zh_CN/man1/renewd.1",
    }
    helper = (root / "etc/systemd/system/renewd-marks.service").read_text()
    assert "ExecStart=/opt/renewd/bin/renewd service record-marks\n" in helper
    assert f"systemd-sysusers --root={root} renewd.conf" in log.read_text()
    before = tree(root)
    second = shell("service", "install", "--root", str(root))
    assert second.code == 0
    assert tree(root) == before
    assert "written" not in second.out
    assert "your configuration, which is never touched" in second.out


def test_a_dry_run_says_every_step_and_does_none(shell, program):
    log = commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    said = shell("service", "install", "--dry-run", "--root", str(shell.folder / "root"))
    assert said.code == 0
    assert not (shell.folder / "root").exists()
    assert log.read_text() == ""
    for step in ("renewd.service", "sysusers.d", "tmpfiles.d", "plans.toml", "systemd-sysusers", "--create"):
        assert step in said.out


def test_a_configuration_that_is_there_is_never_touched(shell, program):
    commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    path = shell.folder / "root" / "etc" / "renewd" / "plans.toml"
    path.parent.mkdir(parents=True)
    path.write_text("this is no toml [")
    path.chmod(0o604)
    before = path.stat()
    shell("--config", str(shell.write(MINE)), "service", "install", "--root", str(shell.folder / "root"))
    assert path.read_text() == "this is no toml ["
    assert (path.stat().st_mode, path.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


def test_the_file_that_is_named_becomes_the_services_and_the_service_is_enabled(shell, program):
    log = commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    root = shell.folder / "root"
    assert shell("--config", str(shell.write(MINE)), "service", "install", "--root", str(root)).code == 0
    assert (root / "etc/renewd/plans.toml").read_text() == MINE
    assert f"systemctl --root={root} enable renewd.service" in log.read_text()


def test_an_example_is_not_started(shell, program):
    log = commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    said = shell("service", "install", "--root", str(shell.folder / "root"))
    assert "systemctl" not in log.read_text()
    assert "enable --now renewd" in said.out


def test_an_edited_unit_is_replaced_and_kept_beside(shell, program):
    commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    root = shell.folder / "root"
    unit = root / "etc/systemd/system/renewd.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\n# mine\n")
    said = shell("service", "install", "--root", str(root))
    assert "kept as renewd.service.old" in said.out
    assert "# mine" in unit.with_name("renewd.service.old").read_text()
    assert "Type=notify" in unit.read_text()


def test_the_service_that_the_debian_package_brought_stays_as_it_is(shell, program, monkeypatch):
    """Only plans.toml is written: a second unit in /etc would go on shadowing the package's after an upgrade."""
    commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    use(dataclasses.replace(program, script=Path("/usr/bin/renewd")), monkeypatch)
    root = shell.folder / "root"
    unit = root / "usr/lib/systemd/system/renewd.service"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\n")
    said = shell("service", "install", "--root", str(root))
    assert (said.code, said.err) == (0, "")
    assert tree(root).keys() == {
        "usr/lib/systemd/system/renewd.service",
        "etc/renewd/plans.toml",
        "etc/renewd/plans.schema.json",
    }

    monkeypatch.setattr(InstallPlace, "unit", property(lambda _self: root / "none"))
    monkeypatch.setattr(InstallPlace, "packaged_unit", property(lambda _self: unit))
    told = shell("service", "status").out
    assert str(unit) in told
    assert "service install" not in told


def test_uninstall_takes_away_what_install_put_there_and_nothing_else(shell, program):
    commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    root = shell.folder / "root"
    shell("service", "install", "--root", str(root))
    marks = root / "var/lib/renewd/marks"
    marks.mkdir(parents=True)
    said = shell("service", "uninstall", "--root", str(root))
    assert said.code == 0
    assert not marks.exists()
    assert set(tree(root)) == {"etc/renewd/plans.toml", "etc/renewd/plans.schema.json"}
    assert "stay" in said.out
    assert shell("service", "uninstall", "--root", str(root)).out.strip() == "There is no service to uninstall."


def test_renewd_is_on_the_path_after_install_and_gone_after_uninstall(shell, program):
    commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    root = shell.folder / "root"
    link = root / "usr/local/bin/renewd"
    shell("service", "install", "--root", str(root))
    assert link.readlink() == program.script
    assert "puts renewd on everybody’s PATH" in shell("service", "install", "--root", str(root)).out
    shell("service", "uninstall", "--root", str(root))
    assert not link.is_symlink()


def test_another_program_of_the_name_is_left_alone(shell, program):
    commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    root = shell.folder / "root"
    link = root / "usr/local/bin/renewd"
    link.parent.mkdir(parents=True)
    link.symlink_to("/opt/another/renewd")
    assert "something else has this name" in shell("service", "install", "--root", str(root)).out
    shell("service", "uninstall", "--root", str(root))
    assert link.readlink() == Path("/opt/another/renewd")


def test_uninstall_names_the_password_that_stays(shell, program):
    commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    root = shell.folder / "root"
    shell("service", "install", "--root", str(root))
    password = root / "etc/credstore/smtp-password"
    password.parent.mkdir(parents=True)
    password.write_text("secret")
    said = shell("service", "uninstall", "--root", str(root)).out
    assert f"sudo rm {password}" in said.replace("\n", " ")
    assert password.read_text() == "secret"


def test_a_step_that_fails_says_why_and_costs_the_exit_code(shell, program):
    commands(shell, "systemd-tmpfiles", "systemctl")
    bad = shell.folder / "bin" / "systemd-sysusers"
    bad.write_text("#!/bin/sh\necho 'no such thing' >&2\nexit 1\n")
    bad.chmod(0o755)
    said = shell("service", "install", "--root", str(shell.folder / "root"))
    assert said.code == 1
    assert "failed" in said.out
    assert "no such thing" in said.out


def test_the_users_own_service_needs_no_root_and_no_user_of_its_own(shell, program):
    root, home = shell.folder / "root", os.environ["HOME"]
    said = shell("service", "install", "--user", "--root", str(root))
    assert said.code == 0
    files = tree(root)
    assert any(name.endswith("systemd/user/renewd.service") for name in files)
    assert not any("sysusers" in name or "marks" in name or name.endswith("plans.toml") for name in files)
    assert "renewd init" in said.out
    unit = next(text for name, text in files.items() if name.endswith("renewd.service")).decode()
    assert "ExecStart=/opt/renewd/bin/renewd run" in unit
    assert home


@pytest.mark.skipif(os.geteuid() != 0, reason="a tree with owners of its own takes root")
@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd is not here")
def test_systemds_own_tools_make_the_user_and_the_folder(shell, monkeypatch):
    """The real systemd-sysusers and systemd-tmpfiles on a tree: /etc/renewd is 0750 root:renewd, the file 0640."""
    use(Program(script=Path("/usr/bin/renewd"), folders=(), package=Path("/usr")), monkeypatch)
    root = shell.folder / "root"
    said = shell("service", "install", "--root", str(root))
    assert said.code == 0, said.out
    group = InstallPlace(root=root, user=False, environment={}).group()
    facts, folder = (root / "etc/renewd/plans.toml").stat(), (root / "etc/renewd").stat()
    assert group is not None
    assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (0, group, 0o640)
    assert (folder.st_uid, folder.st_gid, stat.S_IMODE(folder.st_mode)) == (0, group, 0o750)
    state, marks = (root / "var/lib/renewd").stat(), (root / "var/lib/renewd/marks").stat()
    assert state.st_uid == marks.st_uid != 0
    assert (stat.S_IMODE(state.st_mode), stat.S_IMODE(marks.st_mode)) == (0o700, 0o700)


def test_the_system_is_changed_by_root_alone(shell, program, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    said = shell("service", "install")
    assert said.code == 2
    assert "sudo /opt/renewd/bin/renewd" in said.err


def test_a_checkout_is_no_installation(shell, monkeypatch):
    use(None, monkeypatch)
    said = shell("service", "install", "--root", str(shell.folder / "root"))
    assert said.code == 2
    assert "pipx install" in said.err


# --- the unit for an installation -----------------------------------------------------------------------------------


def placed(**more: object) -> str:
    place = InstallPlace(root=Path("/"), user=False, environment={})
    return place.unit_text(Program(**{"script": Path("/x/renewd"), "folders": (), "package": Path("/usr"), **more}))


def test_a_program_on_systemds_path_stays_a_bare_name(tmp_path):
    (tmp_path / "real").write_text("")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "renewd").symlink_to(tmp_path / "real")
    shipped = (ASSETS / "systemd" / "renewd.service").read_text()
    assert placed(script=tmp_path / "real", searched=(tmp_path / "bin",)) == shipped


def test_another_renewd_on_systemds_path_is_not_taken_for_this_one(tmp_path):
    (tmp_path / "renewd").write_text("")
    unit = placed(script=Path("/opt/renewd/bin/renewd"), searched=(tmp_path,))
    assert "ExecStart=/opt/renewd/bin/renewd run\n" in unit
    assert "ExecReload=/opt/renewd/bin/renewd check\n" in unit
    assert "ExecReload=kill -HUP $MAINPID\n" in unit


def test_an_installation_elsewhere_may_be_run(tmp_path):
    unit = placed(folders=(Path("/srv/renewd"), Path("/usr")), searched=())
    assert "ExecPaths=/usr /lib /lib64 /bin /sbin /opt /srv/renewd\n" in unit


def test_signs_that_mean_something_to_systemd_are_escaped():
    assert 'ExecStart="/opt/my 100%%/renewd" run' in placed(script=Path("/opt/my 100%/renewd"), searched=())


@pytest.mark.parametrize("folder", ["/root/.venv", "/home/li/.local/pipx", "/tmp/venv"])
def test_a_python_that_the_sandbox_hides_is_warned_about(shell, program, monkeypatch, folder):
    commands(shell, "systemd-sysusers", "systemd-tmpfiles", "systemctl")
    use(Program(script=Path("/usr/bin/renewd"), folders=(Path(folder),), package=Path("/usr")), monkeypatch)
    said = shell("service", "install", "--root", str(shell.folder / "root"))
    assert f"{folder} cannot be seen by the system service" in said.err
    assert "--user" in said.err


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("user", [False, True])
def test_the_unit_as_it_is_installed_passes_systemds_verifier(tmp_path, user):
    script = tmp_path / "opt" / "my renewd" / "renewd"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    place = InstallPlace(root=Path("/"), user=user, environment={"HOME": "/home/li"})
    unit = tmp_path / "renewd.service"
    unit.write_text(
        place.unit_text(Program(script=script, folders=(script.parent,), package=Path("/usr"), searched=()))
    )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=yes", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")


# --- status and password --------------------------------------------------------------------------------------------


def test_status_says_what_systemd_knows(shell, program, monkeypatch, tmp_path):
    commands(shell)
    unit = tmp_path / "unit"
    monkeypatch.setattr(InstallPlace, "unit", property(lambda _self: unit))
    assert shell("service", "status").code == 1
    unit.write_text(InstallPlace(root=Path("/"), user=False, environment={}).unit_text(program))
    ask = shell.folder / "bin" / "systemctl"
    ask.write_text(
        "#!/bin/sh\nprintf 'UnitFileState=enabled\\nActiveState=active\\nSubState=running\\n"
        "StatusText=Next mail: tomorrow\\nNRestarts=2\\n'\n"
    )
    ask.chmod(0o755)
    monkeypatch.setattr("renewd.cli.service_status.this_program", lambda _: program)
    said = shell("service", "status")
    assert said.code == 0, said.out
    assert "Next mail: tomorrow" in said.out
    assert "restarted 2 times" in said.out
    unit.write_text("[Service]\n")
    assert shell("service", "status").code == 1


def test_a_password_is_asked_for_twice_and_stored_for_root_alone(shell, monkeypatch):
    answers = ["Kanarienvogel", "Kanarienvogel"]
    monkeypatch.setattr(service_set_secret.getpass, "getpass", lambda _: answers.pop(0))
    shell.stdin_tty = True
    said = shell("service", "set-password", "--root", str(shell.folder / "root"))
    path = shell.folder / "root" / "etc" / "credstore" / "smtp-password"
    assert said.code == 0
    assert answers == []
    assert path.read_text() == "Kanarienvogel\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "Kanarienvogel" not in said.out + said.err
    assert "systemctl restart renewd" in said.out


@pytest.mark.parametrize("answers", [["one", "two"], [""]])
def test_a_password_that_is_not_sure_is_not_stored(shell, monkeypatch, answers):
    monkeypatch.setattr(service_set_secret.getpass, "getpass", lambda _: answers.pop(0))
    shell.stdin_tty = True
    assert shell("service", "set-password", "--root", str(shell.folder / "root")).code == 2
    assert not (shell.folder / "root").exists()


def test_the_users_password_goes_where_their_file_says(shell, monkeypatch):
    named = shell.folder / "secret"
    shell.write(MINE.replace("[plan", f'host = "smtp.example.com"\npassword_file = "{named}"\n[plan'))
    monkeypatch.setattr(service_set_secret.getpass, "getpass", lambda _: "Kanarienvogel")
    shell.stdin_tty = True
    said = shell("--config", str(shell.config), "service", "set-password", "--user")
    assert said.code == 0, said.err
    assert named.read_text() == "Kanarienvogel\n"
    assert stat.S_IMODE(named.stat().st_mode) == 0o600


def test_the_key_of_a_push_is_stored_with_its_further_lines_and_the_unit_told_of_it(shell, monkeypatch):
    answers = ["123:token", "chat: 98765", ""]
    monkeypatch.setattr(service_set_secret.getpass, "getpass", lambda _: answers.pop(0))
    shell.stdin_tty = True
    root = shell.folder / "root"
    said = shell("service", "set-secret", "push-phone", "--root", str(root))
    assert (said.code, answers) == (0, [])
    path = root / "etc/credstore/push-phone"
    assert path.read_text() == "123:token\nchat: 98765\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    drop_in = root / "etc/systemd/system/renewd.service.d/push-phone.conf"
    assert drop_in.read_text() == "[Service]\nLoadCredential=push-phone\n"
    assert "123:token" not in said.out + said.err
    assert "daemon-reload" in said.out


def test_a_key_may_come_from_a_pipe_and_a_secret_without_a_name_of_ours_is_refused(shell):
    root = shell.folder / "root"
    shell.typed = "topic\ntoken: tk_x\n"
    assert shell("service", "set-secret", "push-bell", "--root", str(root)).code == 0
    assert (root / "etc/credstore/push-bell").read_text() == "topic\ntoken: tk_x\n"
    said = shell("service", "set-secret", "pushphone", "--root", str(root))
    assert said.code == 2
    assert "push-phone" in said.err


def test_a_new_topic_cannot_be_guessed_and_is_shown_once_stored(shell):
    root = shell.folder / "root"
    topics = set()
    for _ in range(2):
        said = shell("service", "set-secret", "push-bell", "--new-topic", "--root", str(root))
        assert said.code == 0
        topic = (root / "etc/credstore/push-bell").read_text().strip()
        assert re.fullmatch("renewd-[a-z0-9]{24}", topic)
        assert f"  {topic}\n" in said.out
        topics.add(topic)
    assert len(topics) == 2
    assert shell("service", "set-secret", "smtp-password", "--new-topic", "--root", str(root)).code == 2


# --- the manual -----------------------------------------------------------------------------------------------------


def test_the_wheel_carries_what_install_needs():
    import tomli

    wheel = tomli.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    sources = wheel["targets"]["wheel"]["sources"]
    assert {"systemd", "docs/man"} <= set(sources)
    assert set(sources) <= set(wheel["targets"]["wheel"]["only-include"])


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not here")
@pytest.mark.parametrize("page", ["renewd.1", "plans.toml.5"])
def test_groff_finds_nothing_wrong_in_the_manual(page):
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Kutf8", "-Tutf8", str(installing.manuals() / page)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    shown = re.sub(".\x08", "", done.stdout)  # bold is struck twice
    assert ("service install" if page == "renewd.1" else "renews") in shown


@pytest.mark.checkout
def test_every_sentence_of_the_service_command_is_there_and_none_is_left_over():
    from renewd.i18n import language

    sources = [
        *(Path(__file__).parents[2] / "daemon" / "renewd" / "cli").glob("service_*.py"),
        Path(installing.__file__),
    ]
    text = "\n".join(source.read_text("utf-8") for source in sources)
    words = set(re.findall(r"[\"']([a-z][a-z.-]*)[\"']", text)) | set(
        re.findall(r"[\"']install\.([a-z.-]+)[\"']", text)
    )
    parts = {part for word in words for part in (word, word.rpartition(".")[2])}
    ours = {key.removeprefix("install.") for key in language("en").keys() if key.startswith("install.")}
    literal = set(re.findall(r"[\"']install\.([a-z.-]+)[\"']", text))
    assert literal - ours == set()
    assert {key for key in ours if key.rpartition(".")[2] not in parts} == set()


# --- what was recorded on pages -------------------------------------------------------------------------------------


def test_what_was_recorded_on_pages_is_written_and_said(shell):
    """One line for each; what is none of ours is removed, and said."""
    config = shell.write(MINE)
    hand = Handover("me", "page", (("tello", Fact(what="renewed", today=date(2026, 12, 1))),))
    (shell.state / FOLDER).mkdir(parents=True)
    hand_over(shell.state, hand)
    (shell.state / FOLDER / "else").touch()
    said = shell("service", "record-marks")
    assert (said.code, said.err) == (0, "")
    assert "recorded for me (page): tello renewed" in said.out
    assert "not recorded: a file in the folder of marks" in said.out
    assert "renews = 2027-01-04" in config.read_text()
    assert shell("undo").code == 0
    assert config.read_text() == MINE
    assert shell("service", "record-marks").out == ""
