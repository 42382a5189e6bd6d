"""The delivery protocol as a machine of states, whose every write is a real call of the ledger.

A state is the rows of the ledger and where each machine is in its pass. The rows are put into a database in memory, a
step is made by the ledger itself, and the rows are read back: so the model cannot fall behind the SQL. Each call may be
rolled back, committed with its answer lost, or made after its pass has ended; a machine may crash or stand still; the
mail server's answer may be lost; a clock may run ahead. Time is abstract: a lease ends, and a mail becomes due again, as
steps of their own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ledger.protocol_rows import AHEAD, NOW, STEM, Change, Row, Rows
from renewd.domain.outcome import Outcome
from renewd.ledger import Draft, Reminded, Settlement, Start

ENDS = {
    "sent": Outcome(result="sent"),
    "unknown": Outcome(result="unknown", reason="answer-lost"),
    "ahead": Outcome(result="unknown", reason="answer-lost"),  # noted by a clock that runs ahead
    "failed": Outcome(result="failed", reason="stopped"),
}


class Machine(NamedTuple):
    """One renewd: its node, where it is in its pass, and what it holds in memory."""

    node: int
    at: str = "idle"  # or a step of a pass
    mode: str = "up"  # or "down", "paused"
    sees: bool = True  # whether its file has the reminder
    mails: tuple[int, ...] = ()  # claimed
    repeats: tuple[int, ...] = ()
    doomed: tuple[int, ...] = ()  # to be given up
    mail: int = -1  # in flight
    tries: int = 1
    end: str = ""
    left: tuple[tuple[int, str, int], ...] = ()  # ends that could not be written
    late: tuple[int, ...] = ()  # mails whose beginning waits to be written, though their pass has ended
    stale: bool = False


class State(NamedTuple):
    """The rows, the machines, the nodes with a lease, and how many faults may still come, by kind."""

    rows: tuple[Row, ...]
    machines: tuple[Machine, ...]
    leases: frozenset[int]
    faults: tuple[tuple[str, int], ...]


def draft() -> Draft:
    return Draft(
        person="me", address="a", account="b", message_id="c", subject="d", data=b"",
        reminders=(Reminded(STEM, 3, "plan", "renewal"),), composed_at=NOW,
    )  # fmt: skip


class Protocol:
    """The steps that lead from one state to the next."""

    def __init__(self, *, shared: bool, change: Change | None = None) -> None:
        self.rows = Rows(shared=shared, change=change)
        self.known: dict[tuple[object, ...], tuple[tuple[Row, ...], object]] = {}

    def steps(self, state: State) -> Iterator[tuple[str, State, str | None]]:
        """Iterate each step: its name, the state after it, and the promise that it breaks."""
        for place, machine in enumerate(state.machines):
            yield from self._of_machine(state, place, machine, calm=False)
        yield from self._of_time(state)

    def _of_time(self, state: State) -> Iterator[tuple[str, State, str | None]]:
        for node in state.leases - {machine.node for machine in state.machines if machine.mode == "up"}:
            yield f"lease {node} ends", state._replace(leases=state.leases - {node}), None
        flying = {machine.mail for machine in state.machines if machine.mode == "up"}
        for mail, row in enumerate(state.rows):
            if (
                row.state == "unknown" and row.due == "later" and mail + 1 not in flying
            ):  # its gap outlasts every patience
                yield f"{mail + 1} is due again", _with_row(state, mail, row._replace(due="now")), None

    def _of_machine(
        self, state: State, place: int, machine: Machine, *, calm: bool
    ) -> Iterator[tuple[str, State, str | None]]:
        name = f"M{place} "
        faults = {} if calm else dict(state.faults)

        def now(changed: Machine, rows: tuple[Row, ...] | None = None, fault: str = "") -> State:
            after = state._replace(rows=state.rows if rows is None else rows)
            if fault:
                after = after._replace(faults=tuple((one, left - (one == fault)) for one, left in state.faults))
            if changed.mode == "up":
                after = after._replace(leases=after.leases | {changed.node})
            machines = (*after.machines[:place], changed, *after.machines[place + 1 :])
            return after._replace(machines=machines)

        if machine.mode != "up":
            back = machine._replace(mode="up")
            if machine.mode == "down":
                back = Machine(node=machine.node, sees=machine.sees)
            elif machine.node not in state.leases:
                back = back._replace(stale=True)
            yield name + "comes back", now(back), None
            return
        if faults.get("crash"):
            yield name + "crashes", now(machine._replace(mode="down"), _excused(state, machine), "crash"), None
        if faults.get("pause") and machine.at != "idle":
            yield name + "stands still", now(machine._replace(mode="paused"), _excused(state, machine), "pause"), None
        if faults.get("view") and machine.at == "idle" and machine.sees:
            yield name + "has an old file", now(machine._replace(sees=False), fault="view"), None
        if machine.at == "idle" and not machine.sees:
            yield name + "has the file", now(machine._replace(sees=True)), None
        if machine.at == "send":
            yield from self._send(state, machine, name, faults, now)
            return
        call, after = self._call(state, machine)
        rows, answer = self._made(state, machine, call)
        changed = after(answer)
        touched = "a mail of another channel is touched" if self.rows.touched else None
        yield name + machine.at, now(changed, rows), touched
        if faults.get("late") and machine.at == "begin":
            cut_off = self._cut_off(machine)._replace(late=(machine.mail,))
            yield name + "ends before its beginning is written", now(cut_off, fault="late"), None
        if faults.get("db") and call is not None:
            broken = self._cut_off(machine)
            rolled_back = _excused(state, machine)
            yield name + machine.at + " is rolled back", now(broken, rolled_back, "db"), None
            lost = broken._replace(node=broken.node + 10) if self.rows.shared else broken
            committed = _excused(state._replace(rows=rows), machine)
            yield name + machine.at + " is written, its answer lost", now(lost, committed, "db"), None

    def _made(
        self, state: State, machine: Machine, call: Callable[[], object] | None
    ) -> tuple[tuple[Row, ...], object]:
        """Return the rows after a call, and its answer; of states that a call cannot tell apart, one asks the database."""
        if call is None:
            return state.rows, None
        seen = (state.rows, state.leases, machine)
        if seen not in self.known:
            self.rows.put(state.rows, state.leases, me=machine.node)
            answer = call()
            self.known[seen] = self.rows.get(state.rows, machine.node), answer
        return self.known[seen]

    def _cut_off(self, machine: Machine) -> Machine:
        """The machine after an error of the ledger: what it knows of the end of a try, it writes later."""
        left = machine.left
        if machine.at == "settle":
            left += ((machine.mail, machine.end, machine.tries),)
        elif machine.at in ("begin", "repeat") and machine.mail > 0:
            left += ((machine.mail, "failed", machine.tries),)
        return Machine(node=machine.node, sees=machine.sees, left=left)

    def _call(self, state: State, machine: Machine) -> tuple[Callable[[], object] | None, Callable[[object], Machine]]:
        """Return the call of the ledger that comes next, if any, and where the machine is after its answer."""
        ledger = self.rows.ledger
        step = machine._replace
        match machine.at:
            case "idle":
                return None, lambda _: step(at="left" if machine.left else "take over", stale=False)
            case "left":
                ends = [_settlement(*one) for one in machine.left]
                starts = [Start(mail, NOW) for mail in machine.late]
                return (lambda: ledger.exchange(ends, starts)), lambda _: step(at="take over", left=(), late=())
            case "take over":
                return (lambda: ledger.take_over(NOW)), lambda _: step(at="unknown")
            case "unknown":

                def split(answer: object) -> Machine:
                    found = [one.mail for one in answer]  # type: ignore[attr-defined]
                    mails = tuple(mail for mail in found if mail > 0)
                    self.rows.touched |= len(mails) < len(found)
                    ours = {"repeats": mails} if machine.sees else {"doomed": mails}
                    return step(at="give up" if mails and not machine.sees else "ask", **ours)  # type: ignore[arg-type]

                return (lambda: ledger.unknown(NOW)), split
            case "give up":
                return (lambda: ledger.give_up(machine.doomed[0], "replaced", NOW)), lambda _: step(at="ask", doomed=())
            case "ask":

                def ask() -> object:
                    claims = ledger.claims({("me", STEM)}).get(("me", STEM), ())
                    given_up = {one.mail for one in claims if one.state == "unknown-final"}
                    if given_up and machine.sees:
                        ledger.resume(given_up, NOW)
                    return claims

                def asked(claims: object) -> Machine:
                    return step(at="claim" if machine.sees and not claims else "next")

                return ask, asked
            case "claim":
                return (
                    lambda: ledger.claim([draft()]),
                    lambda mails: step(at="next", mails=tuple(one for one in mails if one)),  # type: ignore[attr-defined]
                )
            case "next":
                if machine.mails:
                    return None, lambda _: step(at="begin", mail=machine.mails[0], mails=(), tries=1)
                if machine.repeats:
                    mail = machine.repeats[0]
                    tries = state.rows[mail - 1].tries + 1
                    return None, lambda _: step(at="repeat", mail=mail, repeats=(), tries=tries)
                return None, lambda _: step(at="release", mail=-1)
            case "begin":
                return (
                    lambda: ledger.exchange((), [Start(machine.mail, NOW)]),
                    lambda begun: step(at="send" if machine.mail in begun else "release"),  # type: ignore[operator]
                )
            case "repeat":
                return (lambda: ledger.repeat(machine.mail, NOW)), lambda ours: step(at="send" if ours else "release")
            case "settle":
                end = _settlement(machine.mail, machine.end, machine.tries)
                return (lambda: ledger.exchange([end])), lambda _: step(at="release", mail=-1, end="")
            case _:
                return ledger.release, lambda _: Machine(node=machine.node, sees=machine.sees, left=machine.left)

    def _send(
        self, state: State, machine: Machine, name: str, faults: dict[str, int], now: Callable[..., State]
    ) -> Iterator[tuple[str, State, str | None]]:
        """Hand the mail over, unless the machine stood still since it was begun."""
        if machine.stale:
            yield name + "does not send", now(machine._replace(at="settle", end="failed")), None
            return
        place = machine.mail - 1
        row = state.rows[place]
        arrived = row._replace(arrived=min(row.arrived + 1, 3))
        broken = None
        if any(other.arrived for number_, other in enumerate(state.rows) if number_ != place):
            broken = "one reminder in two mails"
        elif arrived.arrived > row.allowed:
            broken = "more copies than faults"
        elif row.state == "unknown-final":
            broken = "sent after it was given up"
        rows = _with_row(state, place, arrived).rows
        yield name + "sends", now(machine._replace(at="settle", end="sent"), rows), broken
        if faults.get("smtp"):
            excused = _with_row(state, place, arrived._replace(allowed=min(row.allowed + 1, 4))).rows
            lost = machine._replace(at="settle", end="unknown")
            yield name + "sends, the answer is lost", now(lost, excused, "smtp"), broken
            yield name + "is cut off after the dot", now(lost, fault="smtp"), None
            yield name + "is refused", now(machine._replace(at="settle", end="failed"), fault="smtp"), None
        if faults.get("clock"):
            ahead = machine._replace(at="settle", end="ahead")
            yield name + "is cut off, its clock ahead", now(ahead, fault="clock"), None

    # --- what must hold ---------------------------------------------------------------------------------------------

    def stuck(self, state: State) -> bool:
        """Whether the reminder never arrives from here, though no fault comes any more and all time passes."""
        seen = set()
        while not any(row.arrived for row in state.rows):
            if state in seen:
                return True
            seen.add(state)
            if (passed := next(self._of_time(state), None)) is not None:
                state = tidy(passed[1])
            for place in range(len(state.machines)):
                for _ in range(30):  # a whole pass
                    state = tidy(next(self._of_machine(state, place, state.machines[place], calm=True))[1])
                    if state.machines[place].at == "idle" and state.machines[place].sees:
                        break
        return False

    def explore(self, start: State, *, until_broken: bool = False) -> tuple[int, dict[str, list[str]]]:
        """Visit every state, or all until a promise breaks. Return their number and the shortest way to what breaks."""
        start = tidy(start)
        came: dict[State, tuple[State, str] | None] = {start: None}
        todo, broken = deque([start]), {}

        def way(state: State) -> list[str]:
            names = []
            while (before := came[state]) is not None:
                state, name = before
                names.append(name)
            return names[::-1]

        while todo and not (until_broken and broken):
            state = todo.popleft()
            if all(machine.at == "idle" and machine.mode == "up" for machine in state.machines) and self.stuck(state):
                broken.setdefault("never arrives", way(state))
            for name, after_step, promise in self.steps(state):
                after = tidy(after_step)
                if promise:
                    broken.setdefault(promise, [*way(state), name])
                if after not in came:
                    came[after] = (state, name)
                    todo.append(after)
        return len(came), broken


def _settlement(mail: int, end: str, tries: int) -> Settlement:
    return Settlement(mail=mail, outcome=ENDS[end], at=AHEAD if end == "ahead" else NOW, tries=tries)


def _with_row(state: State, place: int, row: Row) -> State:
    return state._replace(rows=(*state.rows[:place], row, *state.rows[place + 1 :]))


def _excused(state: State, machine: Machine) -> tuple[Row, ...]:
    """The rows, with one more copy allowed of a mail that has arrived and whose end is not written."""
    if machine.at != "settle" or machine.end != "sent":
        return state.rows
    row = state.rows[machine.mail - 1]
    return _with_row(state, machine.mail - 1, row._replace(allowed=min(row.allowed + 1, 4))).rows


def tidy(state: State) -> State:
    """Return a state with its nodes numbered anew, so that states that differ in names alone are one."""
    used = dict.fromkeys(machine.node for machine in state.machines)
    used.update(dict.fromkeys(row.node for row in state.rows if row.node >= 0))
    new = {node: place for place, node in enumerate(used)}
    if state.leases <= new.keys() and all(node == place for node, place in new.items()):
        return state
    return state._replace(
        rows=tuple(row._replace(node=new[row.node]) if row.node >= 0 else row for row in state.rows),
        machines=tuple(machine._replace(node=new[machine.node]) for machine in state.machines),
        leases=frozenset(new[node] for node in state.leases if node in new),
    )
