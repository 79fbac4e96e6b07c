"""Whether a page is HTML as the standard has it (https://html.spec.whatwg.org): how it parses, which elements and
attributes there are and what may stand in what, and that whatever a page refers to within itself is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from tinyhtml5.parser import HTMLParser

HTML = "{http://www.w3.org/1999/xhtml}"
# The elements that the site uses, with the attributes of their own that they may have. Grows with the site.
EVERYWHERE = {"autofocus", "class", "dir", "hidden", "id", "inert", "lang", "role", "tabindex", "title", "translate"}
KNOWN = {
    "a": "download href hreflang rel target type", "blockquote": "cite", "body": "",
    "button": "disabled form formaction formmethod formnovalidate name type value", "details": "name open",
    "fieldset": "disabled form name", "form": "action autocomplete enctype method name novalidate", "html": "",
    "img": "alt decoding fetchpriority height loading sizes src srcset width",
    "input": "accept autocapitalize autocomplete checked disabled form inputmode list max maxlength min minlength "
    "multiple name pattern placeholder readonly required size spellcheck step type value",
    "label": "for", "li": "value", "link": "as crossorigin fetchpriority href hreflang media rel sizes type",
    "meta": "charset content http-equiv media name property", "ol": "reversed start type",
    "optgroup": "disabled label", "option": "disabled label selected value", "output": "for form name",
    "script": "async crossorigin defer src type", "select": "autocomplete disabled form multiple name required size",
    "source": "height media sizes src srcset type width", "td": "colspan headers rowspan",
    "textarea": "autocomplete cols disabled form minlength name placeholder readonly required rows "
    "spellcheck",
    "th": "abbr colspan headers rowspan scope", "time": "datetime", "video": "controls preload src",
}  # fmt: skip
PLAIN = (
    "abbr address article aside b br caption cite code dd del div dl dt em figcaption figure footer h1 h2 h3 h4 head "
    "header hr i ins kbd legend main mark nav noscript p picture pre s search section small span strong sub summary "
    "sup table tbody tfoot thead title tr ul var"
)
KNOWN |= dict.fromkeys(PLAIN.split(" "), "")
# What holds words and small things alone, and what is neither.
WORDS_ALONE = re.compile("abbr|b|button|cite|code|em|h[1-6]|i|kbd|label|legend|p|small|span|strong|time")
NO_WORDS = re.compile(
    "address|article|aside|blockquote|details|dialog|div|dl|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|li|"
    "main|nav|ol|p|pre|search|section|table|ul"
)
CHILDREN = {
    "dl": {"dt", "dd", "div"}, "ol": {"li"}, "ul": {"li"}, "picture": {"img", "source"}, "tr": {"td", "th"},
    "select": {"option", "optgroup", "hr"},
}  # fmt: skip
PARENTS = {"dd": {"dl", "div"}, "dt": {"dl", "div"}, "figcaption": {"figure"}, "li": {"ol", "ul"},
           "source": {"picture"}, "summary": {"details"}}  # fmt: skip
FOR_HANDS = {"a", "button", "details", "input", "label", "select", "textarea"}
REFERENCES = ("for", "form", "list", "aria-controls", "aria-describedby", "aria-details", "aria-labelledby")
# The bar that Wagtail puts on a page for those who edit it.
NOT_OURS = re.compile(r'<template id="wagtail-userbar-template">.*</wagtail-userbar>', re.DOTALL)
MOMENT = re.compile(r"\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d))?)?|P.+")


def faults(page: str) -> list[str]:
    """Whatever is wrong with a whole page, each in a sentence."""
    parser = HTMLParser()
    root = parser.parse(NOT_OURS.sub("", page))
    found = [f"line {place[0]}: {name} {details}" for place, name, details in parser.errors]
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    found += _nesting(root, ())
    for element in elements:
        found += _element(element)
    return [*found, *_references(elements), *_headings(elements)]


def _name(element: Element) -> str:
    """Its name; a drawing's parts keep their name space, which no rule knows."""
    return str(element.tag).removeprefix(HTML)


def _nesting(element: Element, above: tuple[str, ...]) -> Iterator[str]:
    name = _name(element)
    for child in element:
        inner = _name(child) if isinstance(child.tag, str) else "script"
        if inner.startswith("{") or inner == "script":
            continue
        is_wrong = (WORDS_ALONE.fullmatch(name) and NO_WORDS.fullmatch(inner)) or inner not in CHILDREN.get(
            name, {inner}
        )
        if is_wrong or name not in PARENTS.get(inner, {name}):
            yield f"<{inner}> in <{name}>"
        if inner in FOR_HANDS and {"a", "button", "summary"} & {*above, name}:
            yield f"<{inner}> within {'<a>, <button> or <summary>'}"
        yield from _nesting(child, (*above, name))


def _element(element: Element) -> Iterator[str]:
    name, has = _name(element), element.attrib
    if name.startswith("{"):
        return
    if name not in KNOWN:
        yield f"<{name}> is not in the list of known elements"
        return
    for attribute in has:
        if attribute not in EVERYWHERE | set(KNOWN[name].split()) and not attribute.startswith(("aria-", "data-")):
            yield f"<{name}> with {attribute}"
    needed = {"button": ("type",), "html": ("lang",), "img": ("alt", "width", "height"), "th": ("scope",)}
    yield from (f"<{name}> without {each}" for each in needed.get(name, ()) if each not in has)
    if "datetime" in has and not MOMENT.fullmatch(has["datetime"]):
        yield f"<{name}> with datetime {has['datetime']}"
    if any(re.search(r"\s", has.get(each, "")) for each in ("id", "href", "src", "action")):
        yield f"<{name}> with a blank in an address or a name"


def _references(elements: list[Element]) -> Iterator[str]:
    names = Counter(element.attrib["id"] for element in elements if "id" in element.attrib)
    yield from (f"id {name} stands {count} times" for name, count in names.items() if count > 1)
    labelled = {element.attrib.get("for") for element in elements if _name(element) == "label"}
    for label in (element for element in elements if _name(element) == "label"):
        labelled |= {id(inner) for inner in label.iter()}
    for element in elements:
        has = element.attrib
        wanted = [name for each in REFERENCES for name in has.get(each, "").split()]
        if has.get("href", "").startswith("#"):
            wanted.append(has["href"][1:])
        yield from (f"<{_name(element)}> refers to {name}, which is not there" for name in wanted if name not in names)
        is_field = _name(element) in {"input", "select", "textarea"} and has.get("type") not in {"hidden", "submit"}
        if is_field and not ({has.get("id", ""), id(element)} & labelled or {"aria-label", "aria-labelledby"} & {*has}):
            yield f"<{_name(element)}> {has.get('name')} without a label"


def _headings(elements: list[Element]) -> Iterator[str]:
    levels = [int(name[1]) for name in map(_name, elements) if re.fullmatch(r"h[1-6]", name)]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of the first level"
    for before, after in zip([0, *levels], levels, strict=False):
        if after > before + 1:
            yield f"a heading of level {after} after one of level {before}"
    named = ("aria-label", "aria-labelledby")
    ways = ["".join(each.attrib.get(name, "") for name in named) for each in elements if _name(each) == "nav"]
    if "" in ways or len(ways) > len(set(ways)):
        yield f"two of <nav> that have one name, or one without: {', '.join(ways)}"
    names = Counter(map(_name, elements))
    yield from (f"{names[each]} of <{each}>" for each in ("main", "title") if names[each] != 1)
