"""The meaning of a server's reply: what it refuses, and how far that reaches.

The stage alone does not tell: Postfix says at RCPT what it thinks of the sender, of the login and of this machine's
address. So the enhanced status code (RFC 3463) and the words decide, and the stage only where both say nothing.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from renewd.domain.outcome import Reason, Scope

SmtpStage = Literal["connect", "tls", "auth", "mail", "rcpt", "data", "dot"]


class Verdict(NamedTuple):
    """What a reply refuses, and whom else it would refuse it to."""

    reason: Reason
    scope: Scope


def _any(*patterns: str) -> str:
    return "|".join(patterns)


def _has(pattern: str, words: str) -> bool:
    return re.search(pattern, words, re.IGNORECASE | re.MULTILINE) is not None


_LEAVING = 421
_ENHANCED = re.compile(r"\s*\d{3}[ -](?:#\s*)?[245]\.(\d{1,3})\.(\d{1,3})\b")

# what an enhanced code says whatever the words are: the class (4 or 5) is left out
_CODES: dict[str, Reason] = {
    "1.7": "sender-refused", "1.8": "sender-refused", "7.60": "sender-refused",
    **dict.fromkeys((f"7.{n}" for n in (20, 21, 22, 23, 24, 26, 27, 29, 30, 509, 512, 515)), "sender-refused"),
    **dict.fromkeys(("7.25", "7.28", "7.501", "7.502", "7.503", "7.511", "7.708"), "blocked"),
    **dict.fromkeys((f"7.{n}" for n in (*range(600, 660), 750)), "blocked"),
    **dict.fromkeys(("4.5", "1.90", "2.122", "7.705", "7.233", "7.236"), "quota"),
    "7.10": "tls-wanted", "7.11": "tls-wanted",
    "7.54": "relay-refused", "7.64": "relay-refused", "7.57": "login-wanted",
    "2.2": "mailbox-full",
}  # fmt: skip

# what takes the place of the password at a provider, which its server's name or its reply gives away
_PROVIDERS: tuple[tuple[Reason, str], ...] = (
    ("auth-refused-outlook", r"5\.7\.139|basic auth|SmtpClientAuth|(^|\.)(outlook|office365|hotmail|live)\.(com|cn)$"),
    ("auth-refused-code", r"授权码|authori[sz]ation code|(^|\.)(qq|foxmail|163|126|yeah|188|sina|sohu|139|189)\.(com|net|cn|com\.cn)$"),
    ("auth-refused-ses", r"(^|\.)amazonaws\.com(\.cn)?$"),
    ("auth-refused-sendgrid", r"(^|\.)sendgrid\.net$|\bapikey\b|API key"),
    ("auth-refused-app", _any(
        r"app(lication)?[- ]?(specific )?password", r"BadCredentials",
        r"(^|\.)(gmail|googlemail|google|icloud|me|mac|yahoo|aol|fastmail|zoho)\.(com|com\.cn|co\.jp)$",
    )),
)  # fmt: skip


# what the words say, the first that is found; letters before a colon are codes of 163 and its sisters
_TOPICS: tuple[tuple[Reason, str], ...] = (
    ("sender-refused", r"\b(spf|dkim|dmarc)\b|\bMI:(DMA|SPF)\b|\bDT:SUM\b"),
    ("tls-wanted", _any(
        r"must issue (a )?starttls",
        r"(starttls|encryption|tls|ssl|encrypted (connection|session)|secure connection)( \w+){0,2} (required|needed|mandatory|first)",
        r"requires? (encryption|tls|starttls|ssl|a secure|an encrypted)",
        r"(需要|必须|请)(使用)? ?(加密|SSL|TLS)",
    )),
    ("login-wanted", _any(
        r"authenti(cation|cate)( \w+){0,2} (required|needed|first)",
        r"(must|need to|please|should)( \w+){0,2} (authenticate|log ?in|sign in)\b",
        r"not (authenticated|logged in)", r"log ?in (is )?(required|first)", r"requires? (smtp )?auth", r"smtp auth",
        r"(需要|请先|必须)(身份)?(认证|验证|登录|登陆)",
    )),
    ("hello-refused", r"\b(helo|ehlo)\b"),
    ("blocked", _any(
        r"blocked using", r"blocked by \S+\.\S+", r"\blisted (at|in|on|by)\b", r"(block|black|deny) ?list", r"\b(dnsbl|rbl)\b",
        r"spamhaus|spamcop|barracuda|reputation|S31[45]0", r"\b(client|sending|your|remote|connecting) (host|ip|server|network|mta)",
        r"reverse (dns|host|lookup|mapping|record)", r"\b(ptr|rdns)\b", r"\b(the|from|this|source) ip\b", r"\bip address",
        r"\bip\b.{0,15}(block|denied|reject|ban|list)", r"\b(you|host|server|network)\b.{0,25}\bbanned",
        r"\b(HL:REP|MI:SPB|HL:IPB|IPB)\b", r"信誉|黑名单|\bIP ?地址",
    )),
    ("relay-refused", r"\brelay(ing|ed)?\b|rcpthosts|中继|转发"),
    ("quota", _any(
        r"(sending|daily|hourly|messages?|rate|outbound|outgoing|recipients?)( \w+){0,2} (limit|quota|allowance)", r"too (many|fast)",
        r"too much mail", r"rate.?limit", r"throttl", r"limit( \w+){0,3} exceeded", r"exceed\w*( \w+){0,4} (limit|rate)\b", r"maximum credits",
        r"\b(MI:(STC|DMC|CEL|SFQ)|RP:(CEL|TRC|RCL|QRC)|HL:(ITC|IFC))\b", r"频率|次数|(发信|发送).{0,8}(限制|上限|超)",
    )),
    ("sender-refused", _any(
        r"sender('s)? (address|domain|e-?mail|id|identity|verif\w+|header|mismatch|rejected|refused|denied|not|is not|must|unknown|invalid)",
        r"(invalid|unknown|incorrect|bad|unverified|unauthori[sz]ed|domain of|verify|envelope|envolope|header|this|such) sender\b",
        r"\bmail ?from\b", r"\bfrom:? ?(address|header|field|domain)", r"(header|envelope) from", r"(return|reverse).?path", r"not verified",
        r"send ?as\b", r"on behalf of", r"not (allowed|authori[sz]ed|permitted) to (send|use)", r"authori[sz]\w+ user", r"发件人|发信人|发件地址",
    )),
    ("mailbox-full", _any(
        r"(mailbox|inbox|account|user|recipient|maildir).{0,25}(full|quota|storage|exceed)", r"(over|exceed\w*|out of).{0,20}(quota|storage|space)",
        r"quota.{0,30}(exceed|full)", r"邮箱.{0,8}满|(空间|容量).{0,6}(满|不足|超)",
    )),
)  # fmt: skip
_TLS_WANTED = _TOPICS[1][1]
_SIZE = r"(message|mail)( \w+)? (size|is too|too)|too (big|large)|size (limit|exceeds)|过大"
_CONTENT = _any(
    r"\bspam(my)?\b|virus|malware|phish|unsolicited|\bcontents?\b|attach|\bbanned\b|suspicious|junk|\b(url|link)s?\b",
    r"\bDT:SPM\b|垃圾|内容|病毒|附件",
)
_NOBODY = _any(
    r"(unknown|no such|invalid|non-?exist\w+|inactive|disabled|bad) (local |destination )?(user|recipient|mailbox|address|account|person)",
    r"(recipient|mailbox|account|user|address|person).{0,45}"
    r"(not found|unavailable|n[o']t exist|disabled|inactive|unknown|reject|refused|invalid|suspended|no longer)",
    r"unrout\w*able|no mailbox|undeliverable|(用户|收件人|邮箱|账号).{0,8}(不存在|无效|停用|拒)",
)
_NOT_OFFERED = _any(
    r"(auth\w*|mechanism|command)( \w+){0,3} (not|disabled)\b",
    r"not (enabled|available|supported|implemented)",
    r"unrecogni[sz]ed",
)
_AGAIN = r"too many|frequen|try (again )?later|temporar|频率|频繁|稍后"
_LOGIN_CODES = (530, 535)  # a login is asked for, whatever the step was


def verdict(code: int, words: str, stage: SmtpStage, host: str = "") -> Verdict:
    """Return what a 4xx or 5xx says at a stage. `words` is the whole reply, `host` the server's name."""
    if stage == "tls":
        return Verdict("tls-refused", "account")
    if stage == "auth":
        return Verdict(_of_login(code, words, host), "account")
    found = _said(code, words, stage)
    if code == _LEAVING:  # the server leaves, whatever was asked
        account = found is not None and found.scope == "account"
        return found if found is not None and account else Verdict("server-not-now", "account")
    return found or _by_stage(code, words, stage)


def _said(code: int, words: str, stage: SmtpStage) -> Verdict | None:
    """Return what the enhanced code or the words say; None where they say nothing."""
    enhanced = _enhanced(words)
    reason: Reason | None = _CODES.get(enhanced)
    if reason is None and stage in ("rcpt", "data", "dot") and enhanced in ("1.1", "1.2", "1.3", "1.6", "1.10", "2.1"):
        return Verdict("recipient-refused" if code >= 500 else "recipient-not-now", "recipient")
    if (
        reason is None
        and stage in ("data", "dot")
        and (enhanced == "3.4" or enhanced.startswith("6.") or _has(_SIZE, words))
    ):
        return None  # of this message: its size, its form
    if reason is None:
        reason = next((reason for reason, pattern in _TOPICS if _has(pattern, words)), None)
    if reason is None and code in _LOGIN_CODES:
        reason = "login-wanted"
    if reason == "mailbox-full" and stage not in ("rcpt", "data", "dot"):
        reason = "quota"
    return None if reason is None else Verdict(reason, "recipient" if reason == "mailbox-full" else "account")


def _by_stage(code: int, words: str, stage: SmtpStage) -> Verdict:
    never = code >= 500
    kind = _enhanced(words).partition(".")[0]
    if stage in ("data", "dot"):
        if never and not _has(_CONTENT, words) and _has(_NOBODY, words):
            return Verdict("recipient-refused", "recipient")
        # a 4xx is short of something, not unhappy with this mail
        return Verdict("message-refused", "message") if never else Verdict("message-not-now", "account")
    if stage == "rcpt" and not _is_about_server(code, words, kind):
        return Verdict("recipient-refused" if never else "recipient-not-now", "recipient")
    return Verdict("server-refused" if never else "server-not-now", "account")


def _is_about_server(code: int, words: str, kind: str) -> bool:
    """Whether a reply to RCPT concerns the server or the policy for this client, and no single recipient."""
    if kind == "3" or code in (500, 502, 503, 504, 555):
        return True
    of_recipient = _has(_NOBODY, words) or _has(_CONTENT, words)
    return code >= 500 and (kind in ("5", "7") or code == 571) and not of_recipient


def _of_login(code: int, words: str, host: str) -> Reason:
    enhanced = _enhanced(words)
    if code in (530, 538) or enhanced in ("7.10", "7.11") or _has(_TLS_WANTED, words):
        return "tls-wanted"
    if code < 500 or (_has(_AGAIN, words) and enhanced != "7.139"):
        return "auth-not-now"
    if code in (500, 502, 503, 504) or (code != 535 and _has(_NOT_OFFERED, words) and enhanced != "7.139"):
        return "auth-not-offered"
    return next((reason for reason, pattern in _PROVIDERS if _has(pattern, f"{host}\n{words}")), "auth-refused")


def _enhanced(words: str) -> str:
    """Return the subject and detail of an enhanced status code, such as `7.1`; empty where there is none."""
    found = _ENHANCED.match(words)
    return f"{int(found[1])}.{int(found[2])}" if found else ""
