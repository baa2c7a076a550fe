"""A question and its answer -> the statement that they make, by rule."""

import re

from eval.rewordings import BE, MONTHS, NAME, YEAR
from rag.segmentation import flat

_PREPOSITION = r"(?:in|on|at|from|by|between|during|since|around|about|after|before|until) "


def sort(answer: str) -> str:
    """What sort of thing an answer is: date, number, name, or empty."""
    if re.fullmatch(rf"(?:(?:{MONTHS}) )?(?:\d{{1,2}}, )?(?:{YEAR})", answer):
        return "date"
    if re.fullmatch(r"[$£€]?\d[\d,.]*(?: (?:million|billion|percent|%))?%?", answer):
        return "number"
    return "name" if re.fullmatch(NAME, answer) else ""


def joined(question: str, answer: str) -> str | None:
    """A question and its answer as a statement, None where no simple rule does it."""
    question = flat(question).removesuffix("?").strip()
    answer = flat(answer).strip(" .,;")
    where = answer if re.match(_PREPOSITION, answer, re.IGNORECASE) else f"in {answer}"
    subject = re.fullmatch(
        r"(?:Who|What|Which) ((?:[a-z]+ ){0,2}?)((?!did\b|do\b|does\b|kinds?\b|types?\b)"
        r"(?:\w+ed|had|has|led|won|made|gave|took|became|began|wrote|built|ruled|helped)\b .+)",
        question,
    )
    if subject:
        return _sentence(f"{answer} {subject[2]}")
    about = re.fullmatch(
        rf"(?:What|Who) ({BE}) (the (?:(?!\bwho\b|\bthat\b|\bin which\b).)+)", question
    )
    if about and not re.search(r" (?:called|named|known|made|used|about|for|like|to)$", question):
        return _sentence(f"{about[2]} {about[1]} {answer}")
    happened = re.fullmatch(
        rf"(?:When|Where|(?:In )?[Ww]h(?:at|ich) (?:year|city|country|century)) ({BE}) (.+?) "
        r"((?:first )?(?:\w{3,}ed|born|built|held|sold|written|found|made|begun|set up))((?: .+)?)",
        question,
    )
    if happened:
        where = where.replace("in on", "on")
        if re.match(rf"(?:{MONTHS}) \d", answer):
            where = f"on {answer}"
        return _sentence(f"{happened[2]} {happened[1]} {happened[3]}{happened[4]} {where}")
    many = re.fullmatch(
        r"How many ((?:\w+ ){1,3}?)((?:are|were|is|was|have|had|has|live) .+)", question
    )
    if many and answer.split()[-1] != many[1].split()[0]:
        return _sentence(f"{answer} {many[1]}{many[2]}")
    return None


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."
