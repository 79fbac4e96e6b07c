"""The demo's pictures by name: flat geometric scenes in the site's colours, drawn so that nothing needs a licence."""

from __future__ import annotations

from collections.abc import Callable

from portal.demo import scenes_people, scenes_places
from portal.demo.sheet import RasterSheet, Sheet

SCENES: dict[str, Callable[[Sheet], None]] = {
    "arches": scenes_places.arches,
    "bridge": scenes_places.bridge,
    "stadium": scenes_places.stadium,
    "city": scenes_places.city,
    "radio": scenes_people.radio,
    "crowd": scenes_people.crowd,
    "tents": scenes_people.tents,
    "lanterns": scenes_people.lanterns,
    "map": scenes_places.street_map,
    "compass": scenes_people.compass,
    "clock": scenes_places.clock,
    "barriers": scenes_places.barriers,
    "stage": scenes_people.stage,
    "doors": scenes_places.doors,
    "tables": scenes_people.tables,
    "beacons": scenes_people.beacons,
    "forecast": scenes_people.forecast,
}

PICTURES: dict[str, str] = {
    "arches": "Drawing of three gatehouses with round arches in front of a low brass sun",
    "bridge": "Drawing of a stone bridge over a green river, with the sun reflected in the water",
    "stadium": "Drawing of the tiers of a stadium in widening rings around a brass pitch",
    "city": "Drawing of city blocks at dusk, some windows lit",
    "radio": "Drawing of a radio mast on a hill, with rings of signal spreading to both sides",
    "crowd": "Drawing of a crowd as coloured dots that narrows to pass a gate and spreads again",
    "tents": "Drawing of three striped festival tents with pennants under a brass moon",
    "lanterns": "Drawing of three strings of lanterns above a row of arches at night",
    "map": "Drawing of a street map with a river, a marked route and a pin",
    "compass": "Drawing of a compass rose on a green ground, its northern point in brass",
    "clock": "Drawing of a clock tower between low arcades in the evening",
    "barriers": "Drawing of a row of bollards across a street that runs towards the sun",
    "stage": "Drawing of a stage with one brass beam of light on a microphone, and rows of heads in front",
    "doors": "Drawing of an open double door with light falling out across the steps",
    "tables": "Drawing of a meeting room from above: round tables, chairs and papers",
    "beacons": "Drawing of hills one behind another at night, with lights along each ridge",
    "forecast": "Drawing of a sun, two clouds and slanting rain above a green field",
}


def draw_picture(key: str) -> bytes:
    """The picture as PNG; a `KeyError` when there is none of that name."""
    sheet = RasterSheet()
    SCENES[key](sheet)
    return sheet.png()
