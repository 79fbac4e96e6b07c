"""Scenes of people and what they gather for, without a person in them: crowds, festivals, meetings, weather."""

from __future__ import annotations

from math import hypot, pi, sin

from portal.demo.sheet import (
    AMBER,
    BRASS,
    DUSK,
    FERN,
    GREEN,
    HEIGHT,
    MIST,
    NIGHT,
    PITCH,
    SAGE,
    SAND,
    STONE,
    STRAW,
    WIDTH,
    Point,
    Sheet,
    around,
)


def radio(sheet: Sheet) -> None:
    sheet.ground(NIGHT)
    for step in range(9, 0, -1):
        radius = 110 + step * 92
        colour = (BRASS, STRAW, SAGE, SAGE, FERN, FERN, GREEN, GREEN, DUSK)[step - 1]
        sheet.arc((800, 360), radius, (318, 402), colour=colour, width=15)
        sheet.arc((800, 360), radius, (138, 222), colour=colour, width=15)
    sheet.shape([(0, 1100), (0, 930), (330, 860), (800, 835), (1280, 870), (1600, 940), (1600, 1100)], GREEN)
    for share in (0.0, 0.16, 0.34, 0.54, 0.76):
        half, y = 20 + 110 * share, 400 + 480 * share
        next_share = share + 0.2
        wide, low = 20 + 110 * next_share, 400 + 480 * next_share
        sheet.line([(800 - half, y), (800 + wide, low)], SAND, 7)
        sheet.line([(800 + half, y), (800 - wide, low)], SAND, 7)
        sheet.line([(800 - half, y), (800 + half, y)], SAND, 7)
    for side in (-1, 1):
        sheet.line([(800 + side * 16, 380), (800 + side * 134, 900)], SAND, 13)
    sheet.disc(800, 360, 60, BRASS)
    sheet.disc(800, 360, 26, NIGHT)
    sheet.shape([(0, 1100), (0, 1000), (500, 905), (1010, 890), (1600, 1010), (1600, 1100)], FERN)
    sheet.ground_lines(SAGE, 1016)


def crowd(sheet: Sheet) -> None:
    """People as dots: a wide stream narrows to a gate and spreads again."""
    sheet.ground(STONE)
    for side in (0, 1):
        top = 0 if side == 0 else 690
        sheet.rect(800, top, 92, 410, GREEN)
    sheet.rect(778, 366, 136, 44, NIGHT)
    sheet.rect(778, 690, 136, 44, NIGHT)
    colours = (NIGHT, GREEN, FERN, NIGHT, BRASS, SAGE, FERN)
    for lane in range(-13, 14):
        for index in range(60):
            x = 14 + index * 28 + (lane % 3) * 9
            distance = abs(x - 846)
            spread = 10.2 + 25 * max(0.0, (distance - 90) / 800) ** 0.85
            sway = 7 * sin(index * 1.7 + lane * 2.3)
            y = 550 + lane * spread + sway * min(1.0, distance / 200)
            thin = (index * 7 + lane * 11) % 5
            if (distance > 330 and thin == 0) or (x > 920 and thin == 2):
                continue
            sheet.disc(x + sway, y, 7.5 if distance < 200 else 9.5, colours[(index * 3 + lane * 5) % 7])


def tents(sheet: Sheet) -> None:
    sheet.ground(NIGHT)
    sheet.disc(330, 330, 150, BRASS)
    sheet.shape([(0, 1100), (0, 720), (420, 650), (900, 700), (1600, 600), (1600, 1100)], DUSK)
    tents = ((470, 700, 300, 430), (1330, 680, 340, 460), (900, 770, 470, 620))
    for index, (x, foot, half, height) in enumerate(tents):
        peak = foot + 150 - height
        base = foot + 170
        stripes = 8
        for stripe in range(stripes):
            left = x - half + stripe * 2 * half / stripes
            right = left + 2 * half / stripes
            colour = (GREEN, STONE) if index == 2 else (FERN, GREEN)
            sheet.shape(
                [(x, peak), (left, base - 110), (left, base), (right, base), (right, base - 110)], colour[stripe % 2]
            )
        sheet.shape([(x, base - 215), (x - 60, base), (x + 60, base)], NIGHT)
        sheet.rect(x - 4, peak - 90, 8, 100, SAND)
        sheet.shape([(x + 4, peak - 90), (x + 92, peak - 66), (x + 4, peak - 42)], BRASS)
    sheet.shape([(0, 1100), (0, 905), (700, 950), (1600, 890), (1600, 1100)], GREEN)
    sheet.ground_lines(SAGE, 1012)


def lanterns(sheet: Sheet) -> None:
    sheet.ground(NIGHT)
    for row, (start, end, sag, count) in enumerate(((70, 170, 150, 7), (290, 150, 190, 6), (470, 560, 120, 8))):
        cord: list[Point] = []
        for step in range(81):
            share = step / 80
            y = start + (end - start) * share + sag * 4 * share * (1 - share)
            cord.append((share * WIDTH, y))
        sheet.line(cord, SAGE, 4)
        for lamp in range(count):
            x, y = cord[round(80 * (lamp + 0.5 + 0.12 * (row % 2)) / count)]
            size = 46 + 12 * ((lamp * 5 + row * 3) % 3)
            colour = (BRASS, STRAW, AMBER, BRASS, FERN)[(lamp * 2 + row * 3) % 5]
            sheet.rect(x - 3, y, 6, 34, SAGE)
            sheet.rect(x - size * 0.4, y + 28, size * 0.8, 16, SAND)
            sheet.disc(x, y + 40 + size, size, colour)
            sheet.rect(x - size * 0.4, y + 38 + size * 2, size * 0.8, 14, SAND)
    sheet.rect(0, 960, WIDTH, 140, GREEN)
    for x in range(40, WIDTH, 104):
        height = 60 + 22 * ((x // 104 * 7) % 4)
        sheet.arch(x, 58, 960 - height, 970, FERN if x // 104 % 2 else GREEN)
        sheet.disc(x, 960 - height - 14, 20, FERN if x // 104 % 2 else GREEN)
    sheet.ground_lines(SAGE, 1016)


def compass(sheet: Sheet) -> None:
    sheet.ground(GREEN)
    sheet.disc(800, 550, 478, NIGHT)
    sheet.disc(800, 550, 448, STONE)
    for degree in range(0, 360, 5):
        inner = 392 if degree % 45 == 0 else 412 if degree % 15 == 0 else 424
        weight = 7 if degree % 45 == 0 else 3.5
        sheet.line([around(800, 550, inner, degree), around(800, 550, 438, degree)], NIGHT, weight)
    sheet.arc((800, 550), 330, (0, 360), colour=SAND, width=4)
    for index in (1, 3, 5, 7, 0, 2, 4, 6):
        angle = index * 45 - 90
        length, width = (250, 54) if index % 2 else (372, 74)
        dark, light = (FERN, SAGE) if index % 2 else (NIGHT, MIST) if index else (AMBER, BRASS)
        tip = around(800, 550, length, angle)
        sheet.shape([tip, around(800, 550, width, angle - 45), (800, 550)], dark)
        sheet.shape([tip, around(800, 550, width, angle + 45), (800, 550)], light)
    sheet.disc(800, 550, 30, STONE)
    sheet.disc(800, 550, 15, BRASS)


def stage(sheet: Sheet) -> None:
    sheet.ground(NIGHT)
    for foot, spread, colour in ((330, 190, DUSK), (1270, 190, DUSK), (560, 150, MIST), (1040, 150, MIST)):
        sheet.shape([(800 + (foot - 800) * 0.42, 160), (foot - spread, 900), (foot + spread, 900)], colour)
    sheet.shape([(800, 150), (640, 800), (960, 800)], BRASS)
    sheet.rect(230, 120, 1140, 34, SAGE)
    for x in (230, 1320):
        sheet.rect(x, 120, 50, 690, SAGE)
    for lamp in range(9):
        left = 330 + lamp * 117.5
        sheet.rect(left - 20, 154, 40, 30, FERN)
        sheet.disc(left, 190, 22, STRAW if lamp % 2 else BRASS)
    sheet.rect(150, 790, 1300, 76, FERN)
    sheet.rect(150, 790, 1300, 12, SAGE)
    sheet.rect(791, 590, 18, 200, NIGHT)
    sheet.disc(800, 574, 32, NIGHT)
    sheet.rect(0, 866, WIDTH, 240, GREEN)
    for row in range(4):
        y = 890 + row * 66
        for index in range(-1, 20):
            x = index * 86 + (row % 2) * 43
            colour = (FERN, DUSK, NIGHT, PITCH)[row]
            sheet.disc(x, y, 26, colour)
            sheet.arch(x, 74, y + 28, HEIGHT + 80, colour)


def tables(sheet: Sheet) -> None:
    """A meeting seen from above: round tables, chairs, and one chair that stands a little aside."""
    sheet.ground(STONE)
    sheet.rect(0, 0, WIDTH, 150, NIGHT)
    sheet.rect(420, 46, 760, 44, BRASS)
    for row in range(3):
        for column in range(5 + row % 2):
            x, y = 160 + column * 320 - (row % 2) * 160, 330 + row * 310
            table = (GREEN, FERN, SAGE, FERN, GREEN)[(column + row * 2) % 5]
            for chair in range(8):
                angle = chair * 45 + 12 * row + 9 * column
                away = 146 if (column, row, chair) == (2, 1, 3) else 116
                colour = BRASS if (column * 3 + row + chair * 2) % 7 == 0 else NIGHT
                sheet.disc(*around(x, y, away, angle), 25, colour)
            sheet.disc(x, y, 88, table)
            for paper in range(3):
                px, py = around(x, y, 46, paper * 120 + column * 40 + row * 25)
                sheet.rect(px - 15, py - 20, 30, 40, STRAW if paper else STONE)


def beacons(sheet: Sheet) -> None:
    """Hills one behind another, and a chain of lights along a path."""
    sheet.ground(NIGHT)
    sheet.disc(1230, 330, 130, STRAW)
    sheet.disc(1180, 300, 118, NIGHT)
    ridges = ((470, 90, 410, DUSK), (590, 80, 520, MIST), (720, 100, 610, GREEN), (880, 70, 480, FERN))
    for index, (level, swing, length, colour) in enumerate(ridges):
        crest = [(x, level + swing * sin(x / length * pi + index * 1.9)) for x in range(0, WIDTH + 20, 10)]
        sheet.shape([(0, HEIGHT), *crest, (WIDTH, HEIGHT)], colour)
        for step in range(4 - index // 2):
            x, y = crest[(step * 47 + 16 + index * 11) % len(crest)]
            size = 12 + index * 5
            sheet.rect(x - size * 0.2, y - size * 2.2, size * 0.4, size * 2.4, NIGHT)
            sheet.disc(x, y - size * 2.6, size, BRASS)
            sheet.disc(x, y - size * 2.6, size * 0.45, STRAW)
    sheet.ground_lines(SAGE, 1020)


def forecast(sheet: Sheet) -> None:
    """Sun, cloud and slanting rain over an empty field."""
    sheet.ground(MIST)
    sheet.disc(1080, 340, 210, BRASS)
    sheet.arc((1080, 340), 262, (0, 360), colour=AMBER, width=5)
    sheet.arc((1080, 340), 318, (0, 360), colour=AMBER, width=3)
    for x, y, size, colour in ((500, 420, 1.0, STONE), (960, 520, 0.7, SAND)):
        for dx, dy, radius in ((-190, 40, 110), (-60, -40, 160), (120, -6, 134), (240, 60, 90)):
            sheet.disc(x + dx * size, y + dy * size, radius * size, colour)
        sheet.rect(x - 190 * size, y + 40 * size, 430 * size, 110 * size, colour)
    for index in range(16):
        x, y = 330 + (index % 8) * 62 - (index // 8) * 30, 620 + (index // 8) * 110 + (index % 3) * 18
        if hypot(x - 520, y - 700) < 260:
            sheet.line([(x, y), (x - 26, y + 72)], SAGE, 9)
    sheet.shape([(0, 1100), (0, 860), (800, 810), (1600, 880), (1600, 1100)], GREEN)
    for column in range(9):
        sheet.line([(800 + (column - 4) * 34, 812 + abs(column - 4) * 4), (800 + (column - 4) * 330, 1100)], FERN, 12)
    sheet.ground_lines(SAGE, 1016)
