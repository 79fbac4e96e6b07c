"""A page's structure, which a reader's aid speaks from, after the page's drawing has become a form.

ISO 32000-2, 14.7.5: the elements of the structure name parts of a drawing by number, and those of a form with the form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf


def follow(pdf: pikepdf.Pdf, page: pikepdf.Object, form: pikepdf.Object) -> None:
    """Have the elements that name parts of the page's drawing find them in the form."""
    import pikepdf  # noqa: PLC0415 -- heavy, and wanted in the child alone

    if "/StructParents" not in page or "/StructTreeRoot" not in pdf.Root:
        return
    form.StructParents = int(page.StructParents)
    del page.StructParents
    for element in _elements(pdf, int(form.StructParents)):
        kids = element.get("/K", None)
        if isinstance(kids, pikepdf.Array):
            element.K = pikepdf.Array([_moved(kid, element, page, form) for kid in kids])
        elif kids is not None:
            element.K = _moved(kids, element, page, form)


def _elements(pdf: pikepdf.Pdf, key: int) -> list[Any]:
    """Those that the file's own list names for this drawing, each once."""
    import pikepdf  # noqa: PLC0415 -- as above

    tree: Any = pdf.Root.StructTreeRoot.get("/ParentTree", None)
    try:
        named: Any = pikepdf.NumberTree(tree)[key] if tree is not None else []
    except (KeyError, ValueError):
        named = []
    listed = list(named) if isinstance(named, pikepdf.Array) else []
    return list({each.objgen: each for each in listed if isinstance(each, pikepdf.Dictionary)}.values())


def _moved(kid: Any, element: Any, page: pikepdf.Object, form: pikepdf.Object) -> Any:
    import pikepdf  # noqa: PLC0415 -- as above

    if isinstance(kid, int):
        kid = pikepdf.Dictionary(Type=pikepdf.Name.MCR, Pg=element.get("/Pg", page), MCID=kid)
    if not isinstance(kid, pikepdf.Dictionary) or kid.get("/Type") != "/MCR" or "/Stm" in kid:
        return kid
    if kid.get("/Pg", element.get("/Pg", page)).objgen == page.objgen:
        kid.Stm = form
    return kid
