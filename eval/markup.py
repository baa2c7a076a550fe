"""HTML and SVG as trees of elements, so that no text can be taken for markup."""

from xml.etree.ElementTree import Element, tostring

Child = Element | str


def element(tag: str, *children: Child, **attributes: str | float) -> Element:
    """An element with its children in order, strings as text.

    A trailing underscore is dropped from the name of an attribute and others become hyphens, as in
    `class_="wide"` or `stroke_width=2`; numbers are rounded to two places.
    """
    made = Element(
        tag,
        {name.rstrip("_").replace("_", "-"): _value(value) for name, value in attributes.items()},
    )
    for child in children:
        if isinstance(child, Element):
            made.append(child)
        elif len(made):
            made[-1].tail = (made[-1].tail or "") + child
        else:
            made.text = (made.text or "") + child
    return made


def html(*elements: Element) -> str:
    """The elements as HTML, all text escaped."""
    return "\n".join(tostring(each, encoding="unicode", method="html") for each in elements)


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
