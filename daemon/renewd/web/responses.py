"""Answers to HTTP requests: pages, texts and errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from renewd.i18n import FALLBACK, language
from renewd.render.environments import structure

CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
PRIVATE = {"cache-control": "no-store"}
_NOWRAP = '<span style="white-space:nowrap">'  # as in mails, which have no style sheet
_CODE = re.compile(r'<code class="c" style="[^"]*">')
_STATE: dict[str, Any] = {
    "tone": "grey", "lines": (), "after": (), "source": "", "rows": (), "forms": (), "links": (), "primary": False,
    "small": "", "figures": None, "other": None, "home": None,
}  # fmt: skip


def not_found() -> Response:
    """Return the answer to an address that is not there, or whose secret is wrong."""
    return Response("not found\n", 404, media_type="text/plain")


def page(template: str, model: Mapping[str, object], status: int = 200) -> Response:
    """Return a page. Its words are marked text."""
    html = _CODE.sub("<code>", structure(f"page/{template}.html").render(model).replace(_NOWRAP, '<span class="n">'))
    return HTMLResponse(
        html, status, {"content-security-policy": CSP, "content-language": str(model["code"]), **PRIVATE}
    )


def state_page(status: int, model: Mapping[str, object]) -> Response:
    """Return a page that says one thing."""
    return page("state", {**_STATE, **model}, status)


def see_other(address: str) -> Response:
    """Return the answer that leads from a form to a page."""
    return RedirectResponse(address, 303, PRIVATE)


def altered(accepted: str) -> Response:
    """Return the page of a link that is not one of ours, in the browser's language with a line in the other one."""
    code = reader_language(accepted)
    other = "zh-CN" if code == "en" else "en"
    model = _saying("altered", code)
    model["other"] = {"code": "en-US" if other == "en" else other, "words": language(other).say("web.altered.short")}
    return state_page(404, model)


def broken(accepted: str) -> Response:
    """Return the page while nothing good is left in plans.toml, so that it is not known who reads."""
    return state_page(409, {**_saying("broken", reader_language(accepted)), "tone": "amber"})


def too_many(accepted: str) -> Response:
    """Return the page for a sender of too many wrong links."""
    answer = state_page(429, _saying("too-many", reader_language(accepted)))
    answer.headers["retry-after"] = "60"
    return answer


def unavailable(accepted: str) -> Response:
    """Return the page while the state folder or the ledger cannot be read."""
    return state_page(503, _saying("unavailable", reader_language(accepted)))


def bad_form(accepted: str, *, large: bool = False) -> Response:
    """Return the page of a form that did not arrive as it was sent."""
    kind = "large" if large else "form"
    words = language(reader_language(accepted))
    model = {
        "code": words.code,
        "kicker": words.say("web.error.kicker"),
        "title": words.say(f"web.error.{kind}-title"),
        "lines": [words.say(f"web.error.{kind}-about")],
        "footer": [words.say("web.footer")],
    }
    return state_page(400, model)


def reader_language(accepted: str) -> str:
    """Return the language of a browser's `Accept-Language`."""
    return "zh-CN" if accepted.strip().lower().startswith("zh") else FALLBACK


def _saying(key: str, code: str) -> dict[str, object]:
    words = language(code)
    tap = "footer-tap" if key in ("altered", "broken") else "footer"
    return {
        "code": code,
        "kicker": words.say(f"web.{key}.kicker"),
        "title": words.say(f"web.{key}.title"),
        "lines": [words.say(f"web.{key}.about")],
        "footer": [words.say(f"web.{tap}")],
    }
