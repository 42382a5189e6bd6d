"""What the daemon hands over is written by the same code as `mark`; anything else in that folder has no effect."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import renewd
from renewd.assets import ASSETS
from renewd.config.fact_log import PersonRecorded, read_log
from renewd.config.handover import FOLDER, Handover, hand_over
from renewd.config.undo_copy import undoable
from renewd.disk import Paths
from renewd.domain.errors import ConfigError
from renewd.domain.fact_changes import Fact
from renewd.service.handed_over import HandledHandover, record_handed_over

NOW = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)
FILE = """timezone = "America/New_York"
[mail]
to = "me@example.com"   # mine
[person.mom]
email = "mom@example.com"
[plan.tello]
for = ["me"]
renews = 2026-12-05
every = "30 days"
price = 5
data = { limit = "10 GB", used = "1 GB", on = 2026-11-18 }
[[plan.tello.bill]]
what = "October overage"
amount = 12.50
due = 2026-12-10
"""
SERVICE = 65534  # the id of a user who owns nothing here
_AROUND = """mount --make-rprivate /
for place in $(awk '{print $5}' /proc/self/mountinfo | sort -u); do mount -o remount,bind,ro "$place" 2>/dev/null || true; done
for place in "$1" "$2"; do mount --bind "$place" "$place"; mount -o remount,bind,rw "$place"; done
! touch /renewd-was-here 2>/dev/null
shift 2
umask 077
exec "$@"
"""
RENEWED = ("tello", Fact(what="renewed", today=NOW.date(), on=date(2026, 12, 1), amount=Decimal(5), reference="A1"))


def can_unshare() -> bool:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return False
    return subprocess.run(["unshare", "-mn", "true"], check=False, capture_output=True).returncode == 0


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = Paths(tmp_path / "etc" / "plans.toml", tmp_path / "state")
    paths.config.parent.mkdir()
    paths.config.write_text(FILE)
    paths.config.chmod(0o640)
    (paths.state / FOLDER).mkdir(parents=True, mode=0o700)
    return paths


def handle(paths: Paths) -> list[HandledHandover]:
    return list(record_handed_over(paths, NOW, "en"))


def code(paths: Paths) -> str:
    [handled] = handle(paths)
    assert handled.error is not None
    return handled.error.code


def put(paths: Paths, text: str, name: str = "0" * 32 + ".json") -> Path:
    file = paths.state / FOLDER / name
    file.touch(0o600)
    file.write_text(text)
    return file


def as_json(paths: Paths, handover: Handover) -> dict[str, object]:
    file = hand_over(paths.state, handover)
    read = json.loads(file.read_text())
    file.unlink()
    assert isinstance(read, dict)
    return read


def test_a_fact_is_written_and_every_other_line_stays(paths):
    hand_over(paths.state, Handover("me", "page", (RENEWED,)))
    [handled] = handle(paths)
    assert handled == (PersonRecorded("me", "page", (("tello", "renewed"),)), None)
    changed = FILE.replace("renews = 2026-12-05", "renews = 2027-01-04")
    assert paths.config.read_text().startswith(changed)
    assert 'reference = "A1"' in paths.config.read_text()
    assert stat.S_IMODE(paths.config.stat().st_mode) == 0o640
    assert list((paths.state / FOLDER).iterdir()) == []
    [record] = read_log(paths.state, NOW)
    assert (record.person, record.way, record.plan, record.what) == ("me", "page", "tello", "renewed")


def test_it_is_taken_back(paths):
    hand_over(paths.state, Handover("me", "page", (RENEWED,)))
    handle(paths)
    write = read_log(paths.state, NOW)[0].write
    hand_over(paths.state, Handover("mom", "page", undo=write))
    assert code(paths) == "terminal.record-marks.not-theirs"
    hand_over(paths.state, Handover("me", "page", undo=write))
    assert handle(paths) == [(PersonRecorded("me", "page", (("tello", "renewed"),), undone=True), None)]
    assert paths.config.read_text() == FILE
    hand_over(paths.state, Handover("me", "page", undo=write))
    assert code(paths) == "terminal.record-marks.not-theirs"


def test_the_first_that_came_is_recorded_and_the_second_is_refused(paths):
    hand_over(paths.state, Handover("me", "page", (("tello", Fact(what="paid", today=NOW.date())),)))
    hand_over(paths.state, Handover("me", "mail", (("tello", Fact(what="paid", today=NOW.date())),)))
    assert [handled.error is None for handled in handle(paths)] == [True, False]
    assert [record.way for record in read_log(paths.state, NOW)] == ["page"]


def test_another_persons_plan_and_one_that_is_not_there_are_refused(paths):
    hand_over(paths.state, Handover("mom", "page", (RENEWED,)))
    assert code(paths) == "terminal.record-marks.not-theirs"
    hand_over(paths.state, Handover("me", "page", (RENEWED, ("other", RENEWED[1]))))
    assert code(paths) == "terminal.record-marks.not-theirs"
    assert paths.config.read_text() == FILE


def test_a_broken_file_is_said_and_not_touched(paths):
    paths.config.write_text("renews = [")
    hand_over(paths.state, Handover("me", "page", (RENEWED,)))
    [handled] = handle(paths)
    assert isinstance(handled.error, ConfigError)
    assert paths.config.read_text() == "renews = ["
    assert list((paths.state / FOLDER).iterdir()) == []


def test_without_the_folder_there_is_nothing_to_do(paths):
    (paths.state / FOLDER).rmdir()
    assert handle(paths) == []


@pytest.mark.parametrize(
    "change",
    [
        {"what": "bought"},
        {"what": "renewed; rm"},
        {"plan": "../tello"},
        {"on": "2026-12-32"},
        {"on": "0001-01-01"},
        {"amount": "-5"},
        {"amount": "NaN"},
        {"amount": "1e99"},
        {"item": "a\nb"},
        {"item": ""},
        {"reference": "x" * 201},
        {"reference": ["x"]},
        {"what": "used", "item": "much"},
        {"by": "2026-12-32"},
        {"how": "shout"},
        {"number": "sell"},
        {"more": "1"},
    ],
)
def test_a_fact_of_another_form_is_removed_unread(paths, change):
    read = as_json(paths, Handover("me", "page", (RENEWED,)))
    [fact] = read["facts"]
    file = put(paths, json.dumps({**read, "facts": [{**fact, **change}]}))
    assert code(paths) == "terminal.record-marks.not-ours"
    assert not file.exists()
    assert paths.config.read_text() == FILE


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"x"', "1", "[" * 50000, "{}", '{"person": "me"}'],
)
def test_what_is_none_of_ours_is_removed_unread(paths, text):
    put(paths, text)
    assert code(paths) == "terminal.record-marks.not-ours"


@pytest.mark.parametrize(
    "change",
    [{"way": "root"}, {"person": "../me"}, {"facts": []}, {"undo": "0" * 64}, {"undo": "x", "facts": []}, {"more": 1}],
)
def test_a_frame_of_another_form_is_removed_unread(paths, change):
    put(paths, json.dumps({**as_json(paths, Handover("me", "page", (RENEWED,))), **change}))
    assert code(paths) == "terminal.record-marks.not-ours"
    assert paths.config.read_text() == FILE


def test_links_pipes_folders_names_and_modes_of_others_are_removed_and_nothing_behind_them(paths, tmp_path):
    folder, good = paths.state / FOLDER, json.dumps(as_json(paths, Handover("me", "page", (RENEWED,))))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text(good)
    (folder / ("1" * 32 + ".json")).symlink_to(elsewhere / "kept")
    (folder / ("2" * 32 + ".json")).symlink_to(elsewhere)
    os.mkfifo(folder / ("3" * 32 + ".json"), 0o600)
    (folder / ("4" * 32 + ".json")).mkdir()
    (folder / ("4" * 32 + ".json") / "within").symlink_to(elsewhere)
    (folder / ("5" * 32 + ".json")).hardlink_to(elsewhere / "kept")
    put(paths, good, "6" * 32 + ".json").chmod(0o660)
    put(paths, good, "plans.toml")
    put(paths, good + " " * 65536, "7" * 32 + ".json")
    assert {handled.error.code for handled in handle(paths) if handled.error} == {"terminal.record-marks.not-ours"}
    assert list(folder.iterdir()) == []
    assert (elsewhere / "kept").read_text() == good
    assert paths.config.read_text() == FILE


def test_a_folder_that_is_a_link_is_not_followed(paths, tmp_path):
    folder = paths.state / FOLDER
    folder.rmdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    folder.symlink_to(elsewhere)
    with pytest.raises(OSError):  # its number depends on the kernel
        handle(paths)
    assert (elsewhere / "kept").exists()


def as_installed(paths: Paths) -> None:
    """The plans and the state folder belong to whom they do under the unit, and a fact is handed over."""
    os.chown(paths.config, 0, SERVICE)
    os.chown(paths.state, SERVICE, SERVICE)
    os.chown(paths.state / FOLDER, SERVICE, SERVICE)
    file = hand_over(paths.state, Handover("me", "page", (RENEWED,)))
    file.chmod(0o600)
    os.chown(file, SERVICE, SERVICE)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_root_writes_for_the_services_user_who_can_read_what_undo_needs(paths):
    """The file keeps its owner; what root remembers in the service's folder is root's, and readable by the service."""
    as_installed(paths)
    assert [handled.error for handled in handle(paths)] == [None]
    facts = paths.config.stat()
    assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (0, SERVICE, 0o640)
    for name in ("undo.json", "recorded.json"):
        facts = (paths.state / name).stat()
        assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (0, SERVICE, 0o640)
    write = read_log(paths.state, NOW)[0].write
    assert undoable(paths.state, [paths.config]) == write
    hand_over(paths.state, Handover("me", "page", (RENEWED,))).chmod(0o600)
    assert code(paths) == "terminal.record-marks.not-ours"  # it is root's


@pytest.mark.skipif(not can_unshare(), reason="only root can make the surroundings of the unit, where it may")
def test_it_writes_with_what_the_unit_leaves_it(paths):
    """No network, the unit's three rights, a read-only file system but for the plans and the state; owner and mode stay."""
    as_installed(paths)
    unit = (ASSETS / "systemd" / "renewd-marks.service").read_text()
    rights = re.findall(r"^CapabilityBoundingSet=(.+)", unit, re.MULTILINE)[0].lower().replace("cap_", "+").split()
    setpriv = ["setpriv", f"--bounding-set=-all,{','.join(rights)}", "--inh-caps=-all", "--no-new-privs"]
    program = [sys.executable, "-m", "renewd", f"--config={paths.config}", f"--state={paths.state}"]
    written = [str(paths.config.parent), str(paths.state)]
    done = subprocess.run(
        ["unshare", "-mn", "sh", "-euc", _AROUND, "sh", *written, *setpriv, *program, "service", "record-marks"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(renewd.__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    facts = paths.config.stat()
    assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (0, SERVICE, 0o640)
    assert "renews = 2027-01-04" in paths.config.read_text()
    assert list((paths.state / FOLDER).iterdir()) == []
