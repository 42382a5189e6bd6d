"""How the sentences of each language are written: patterns that none of them may contain, by the rule each breaks."""

from __future__ import annotations

HAN = "\u4e00-\u9fff"
CHINESE = {
    "a space before Latin words": f"(?![年月])[{HAN}][A-Za-z0-9$#+]",
    "a space after Latin words": f"[A-Za-z)][{HAN}]|[0-9](?![年月日])[{HAN}]",
    "no space between Chinese words": f"[{HAN}] (?!周)[{HAN}]",
    "full-width punctuation": f"[{HAN}][,.;:!?()]",
    "no space beside full-width punctuation": "(?<! ) [，。；：？！（）「」、]|[，。；：？！（）「」、] (?! )",
    "no space before %": " %",
    "dates in words": r"\b\d+/\d+\b|本周|下周",
    "plain words": "！|～|您|切记|务必|紧急|注销|尊敬|感谢|即将",
}
ENGLISH = {
    "calm": r"!(?!\[)|(?i:\bplease\b|\burgent\b|\bsimply\b|\baction required\b|\bthank)",
    "curly apostrophes": r"\w'\w",
    "a comma after the weekday": r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z]",
    "no bare dates": r"\b\d+/\d+\b",
    "one of a thing": r"\b1 (days|months|years|things|payments|plans|hours|mails|places)\b",
}
