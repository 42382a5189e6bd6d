"""What is asked of one channel: leads that are taken, failing deliveries, who is not reached, what is on phones."""

from __future__ import annotations

import re

_CHANNEL = re.compile("[a-z0-9:-]{1,50}")


def of_channel(sql: str, channel: str) -> str:
    """Return a statement about one channel, whose name is a word of the program's or an id of plans.toml."""
    assert _CHANNEL.fullmatch(channel)
    return sql.replace("CHANNEL", f"'{channel}'")


CLAIMS = """
SELECT r.person, r.stem, r.lead, m.at, m.state, m.id
FROM asked LEFT JOIN reminder r ON r.person = asked.person AND r.stem = asked.stem AND r.held = 1
AND r.channel = CHANNEL
LEFT JOIN mail m ON m.id = r.mail
"""

FAILED = """
SELECT r.person, r.stem, MIN(m.created)
FROM asked LEFT JOIN reminder r ON r.person = asked.person AND r.stem = asked.stem AND r.held = 0
AND r.channel = CHANNEL
AND r.mail > COALESCE((SELECT MAX(h.mail) FROM reminder h
                       WHERE h.person = asked.person AND h.stem = asked.stem AND h.held = 1
                       AND h.channel = CHANNEL), 0)
LEFT JOIN mail m ON m.id = r.mail
GROUP BY r.person, r.stem
"""

FAILING = """
SELECT m.person, m.address, m.account, since, a.reason, a.reply
FROM (SELECT MAX(f.id) AS last, MIN(f.created) AS since FROM mail f
      WHERE f.channel = CHANNEL AND (f.state = 'unknown' OR (f.state = 'failed' AND f.person <> '' AND f.id > COALESCE(
            (SELECT MAX(s.id) FROM mail s WHERE s.person = f.person AND s.state = 'sent' AND s.channel = CHANNEL), 0)))
      GROUP BY f.person) late
JOIN mail m ON m.id = late.last
JOIN attempt a ON a.id = (SELECT MAX(b.id) FROM attempt b WHERE b.mail = m.id)
ORDER BY m.person
"""

SHOWN = """
SELECT m.id, m.person, m.at, c.data,
    COALESCE((SELECT a.reply FROM attempt a WHERE a.mail = m.id AND a.result = 'sent' ORDER BY a.id DESC LIMIT 1), '')
FROM mail m JOIN content c ON c.mail = m.id
WHERE m.channel = CHANNEL AND m.account = ? AND m.at >= ? AND m.state IN ('sent', 'unknown-final')
AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.mail = m.id
                AND a.reason IN ('push-taken-back', 'push-replaced', 'push-stays'))
ORDER BY m.id
"""
