"""Scenes of places: gates, bridges, streets, towers."""

from __future__ import annotations

from math import sin

from portal.demo.sheet import (
    AMBER,
    BRASS,
    CHALK,
    DUSK,
    FERN,
    GREEN,
    HEIGHT,
    MIST,
    NIGHT,
    SAGE,
    SAND,
    STONE,
    STRAW,
    WIDTH,
    Sheet,
    around,
)


def _gatehouse(sheet: Sheet, x: float, y: float, width: float, colour: str) -> None:
    """A wall with two merlons and an arched gate, standing on the lower edge."""
    tooth = width * 0.16
    sheet.rect(x, y, width, HEIGHT - y, colour)
    for share in (0.16, 0.68):
        sheet.rect(x + width * share, y - tooth * 0.75, tooth, tooth, colour)
    sheet.arch(x + width / 2, width * 0.36, y + width * 0.2, HEIGHT, NIGHT)


def arches(sheet: Sheet) -> None:
    sheet.ground(NIGHT)
    sheet.disc(1120, 400, 240, BRASS)
    _gatehouse(sheet, -70, 620, 760, GREEN)
    _gatehouse(sheet, 590, 720, 560, FERN)
    _gatehouse(sheet, 1180, 790, 520, GREEN)
    sheet.ground_lines()


def bridge(sheet: Sheet) -> None:
    sheet.ground(NIGHT)
    sheet.disc(420, 420, 190, BRASS)
    for x, height in ((60, 150), (190, 240), (1010, 180), (1150, 300), (1300, 210), (1440, 130)):
        sheet.rect(x, 640 - height, 120, height, DUSK)
    sheet.rect(0, 640, WIDTH, 460, GREEN)
    sheet.rect(0, 590, WIDTH, 270, SAND)
    for middle in range(-20, WIDTH + 200, 328):
        sheet.arch(middle, 262, 662, 862, GREEN)
        sheet.rect(middle + 131, 838, 66, 22, STONE)
    sheet.rect(0, 590, WIDTH, 10, STONE)
    for x in range(62, WIDTH, 82):
        sheet.rect(x, 548, 6, 44, SAND)
        sheet.disc(x + 3, 546, 10, BRASS)
    for row in range(7):
        reach = 210 - row * 24
        sheet.rect(420 - reach + (row % 2) * 40, 886 + row * 30, reach * 2 - 60, 9, BRASS)
    for row, (x, length) in enumerate(((1010, 260), (820, 180), (1210, 300), (980, 160), (1330, 210))):
        sheet.rect(x, 894 + row * 40, length, 6, SAGE)


def city(sheet: Sheet) -> None:
    sheet.ground(DUSK)
    sheet.disc(1180, 330, 170, BRASS)
    far = ((0, 470, 170), (170, 380, 130), (420, 430, 160), (760, 340, 150), (1000, 480, 210), (1330, 400, 270))
    for x, y, width in far:
        sheet.rect(x, y, width, HEIGHT - y, MIST)
    middle = ((80, 600, 210), (300, 500, 190), (560, 560, 230), (880, 470, 180), (1120, 620, 220), (1400, 540, 200))
    for index, (x, y, width) in enumerate(middle):
        sheet.rect(x, y, width, HEIGHT - y, GREEN if index % 2 else FERN)
        for row, top in enumerate(range(y + 44, 1000, 66)):
            for column, left in enumerate(range(x + 30, x + width - 40, 50)):
                lit = (row * 5 + column * 3 + index * 7) % 4 == 0
                sheet.rect(left, top, 22, 32, STRAW if lit else NIGHT)
    for x, width, y in (
        (0, 240, 860),
        (240, 180, 910),
        (500, 280, 840),
        (860, 220, 900),
        (1090, 300, 850),
        (1440, 160, 880),
    ):
        sheet.rect(x, y, width, HEIGHT - y, NIGHT)
        sheet.shape([(x, y + 1), (x + width / 2, y - 64), (x + width, y + 1)], NIGHT)
    sheet.rect(0, 980, WIDTH, 120, NIGHT)
    sheet.ground_lines(FERN, 1010)


def street_map(sheet: Sheet) -> None:
    """Streets run at every 200 across and every 178 down, and the route keeps to them."""
    sheet.ground(STONE)
    colours = (SAND, SAND, CHALK, SAGE, SAND, CHALK, FERN)
    for row in range(7):
        for column in range(8):
            sheet.rect(column * 200 + 16, row * 178 + 14, 168, 146, colours[(column * 3 + row * 5) % 7])
    course = [(x, 800 + 110 * sin(x / 330) - x * 0.16) for x in range(-40, WIDTH + 60, 10)]
    for half, colour in ((88, STONE), (68, NIGHT), (3, MIST)):
        sheet.shape([*((x, y - half) for x, y in course), *((x, y + half) for x, y in reversed(course))], colour)
    for x in (400, 1200):
        middle = 800 + 110 * sin(x / 330) - x * 0.16
        sheet.rect(x - 17, middle - 92, 34, 184, STONE)
    route = [(200, 1059), (400, 1059), (400, 525), (800, 525), (800, 347), (1200, 347), (1200, 200)]
    sheet.line(route, NIGHT, 22)
    sheet.line(route, BRASS, 13)
    sheet.disc(200, 1059, 27, NIGHT)
    sheet.disc(200, 1059, 13, STRAW)
    sheet.disc(1200, 132, 92, GREEN)
    sheet.shape([(1118, 172), (1282, 172), (1200, 326)], GREEN)
    sheet.disc(1200, 132, 38, STRAW)


def clock(sheet: Sheet) -> None:
    sheet.ground(NIGHT)
    for step, colour in enumerate((DUSK, MIST)):
        sheet.disc(800, 430, 620 - step * 170, colour)
    for x, width, y in ((0, 330, 800), (310, 230, 730), (1070, 250, 760), (1300, 300, 690)):
        sheet.rect(x, y, width, HEIGHT - y, GREEN)
        for arch in range(int(width // 100)):
            sheet.arch(x + 60 + arch * 100, 46, y + 70, y + 190, NIGHT)
    sheet.rect(560, 250, 480, 850, FERN)
    sheet.rect(530, 690, 540, 36, SAGE)
    sheet.rect(530, 214, 540, 44, SAGE)
    sheet.shape([(560, 216), (800, 20), (1040, 216)], GREEN)
    sheet.arch(800, 210, 800, HEIGHT, NIGHT)
    sheet.disc(800, 470, 196, NIGHT)
    sheet.disc(800, 470, 176, STONE)
    for hour in range(12):
        inner = 134 if hour % 3 == 0 else 148
        width = 12 if hour % 3 == 0 else 6
        sheet.line([around(800, 470, inner, hour * 30), around(800, 470, 164, hour * 30)], NIGHT, width)
    sheet.line([(800, 470), around(800, 470, 92, 220)], NIGHT, 18)
    sheet.line([(800, 470), around(800, 470, 138, 318)], AMBER, 12)
    sheet.disc(800, 470, 18, AMBER)
    sheet.ground_lines()


def barriers(sheet: Sheet) -> None:
    sheet.ground(DUSK)
    sheet.disc(800, 510, 250, BRASS)
    for x, width, y in ((0, 300, 240), (300, 190, 330), (1110, 190, 300), (1300, 300, 200)):
        sheet.rect(x, y, width, 700 - y, GREEN if x in (0, 1300) else FERN)
    sheet.shape([(0, 1100), (0, 760), (490, 600), (1110, 600), (1600, 760), (1600, 1100)], NIGHT)
    for share in (0.0, 0.2, 0.42, 0.68):
        top, low = 620 + 480 * share, 620 + 480 * (share + 0.11)
        half = 6 + 16 * share
        sheet.shape([(800 - half, top), (800 + half, top), (800 + half * 1.6, low), (800 - half * 1.6, low)], SAGE)
    for index in range(7):
        x = 128 + index * 224
        sheet.shape([(x - 74, 1010), (x - 60, 984), (x + 60, 984), (x + 74, 1010)], MIST)
        sheet.arch(x, 84, 700, 990, STONE)
        sheet.rect(x - 42, 800, 84, 40, BRASS)
        sheet.rect(x - 42, 872, 84, 16, GREEN)
        sheet.rect(x + 20, 760, 22, 40, SAND)
        sheet.rect(x + 20, 840, 22, 32, SAND)
        sheet.rect(x + 20, 888, 22, 100, SAND)
    sheet.ground_lines(SAGE, 1036)


def doors(sheet: Sheet) -> None:
    sheet.ground(GREEN)
    sheet.rect(0, 830, WIDTH, 270, NIGHT)
    for x in (120, 330, 1270, 1480):
        sheet.arch(x, 130, 290, 830, FERN)
        sheet.arch(x, 86, 334, 830, GREEN)
    sheet.arch(800, 520, 120, 830, NIGHT)
    sheet.arch(800, 440, 160, 830, STRAW)
    sheet.disc(800, 470, 120, BRASS)
    for step in range(3):
        sheet.rect(580 + step * 44, 770 - step * 40, 440 - step * 88, 60, (SAND, STONE, STRAW)[step])
    sheet.shape([(580, 300), (430, 230), (430, 880), (580, 830)], FERN)
    sheet.shape([(1020, 300), (1170, 230), (1170, 880), (1020, 830)], FERN)
    for x in (464, 1112):
        sheet.shape([(x, 330), (x + 24, 336), (x + 24, 560), (x, 560)], SAGE)
    sheet.disc(552, 600, 12, BRASS)
    sheet.disc(1048, 600, 12, BRASS)
    sheet.shape([(580, 830), (1020, 830), (1330, 1100), (270, 1100)], BRASS)
    sheet.shape([(690, 830), (910, 830), (1010, 1100), (590, 1100)], STRAW)


def stadium(sheet: Sheet) -> None:
    sheet.ground(NIGHT)
    for step, colour in enumerate((DUSK, MIST, GREEN, FERN, SAGE)):
        radius = 1010 - step * 128
        sheet.disc(800, 1180, radius, colour)
        for seat in range(181, 360, max(2, 2 + step // 2)):
            x, y = around(800, 1180, radius - 46, seat)
            sheet.disc(x, y, 7, NIGHT if step > 1 else (SAGE if step else MIST))
    for angle in (212, 241, 270, 299, 328):
        sheet.line([around(800, 1180, 380, angle), around(800, 1180, 1012, angle)], NIGHT, 16)
    sheet.disc(800, 1180, 382, NIGHT)
    sheet.disc(800, 1180, 352, BRASS)
    sheet.arc((800, 1180), 250, (180, 360), colour=NIGHT, width=5)
    sheet.disc(800, 1002, 12, NIGHT)
    for x, tilt in ((150, 1), (1450, -1)):
        sheet.rect(x - 6, 130, 12, 320, SAND)
        for lamp in range(4):
            sheet.disc(x + tilt * 20 + (lamp % 2) * 44 * tilt, 118 + (lamp // 2) * 46, 18, STRAW)
