"""Who applies to the demonstration's association, and whom it invites: one of each state."""

from __future__ import annotations

from dataclasses import dataclass

INTRODUCTION = (
    "Members work for the safety of crowds: at venues, events and councils, in the emergency services and at "
    "universities. An answer takes about three weeks.\n\nThe fee depends on the level: see “How to join”. You pay "
    "once you have been accepted."
)
HEARD, QUALIFIED = "How did you hear of us?", "Which training in crowd safety have you had?"
# Label, kind, choices, whether an answer is required.
QUESTIONS: tuple[tuple[str, str, str, bool], ...] = (
    (HEARD, "dropdown", "From a member\nAt an event\nFrom this website\nElsewhere", True),
    (QUALIFIED, "multiline", "", False),
)


@dataclass(frozen=True)
class DemoApplication:
    """`steps` are what happened since, by the name of the service, each with its words."""

    email: str
    role: str
    why: str
    answers: tuple[tuple[str, str], ...]
    days_ago: int
    steps: tuple[tuple[str, str], ...] = ()


APPLICATIONS: tuple[DemoApplication, ...] = (
    DemoApplication(
        "applicant@example.org",
        "Show secretary",
        "Our show has grown to thirty thousand visitors in three days. I would like to learn from people who plan for "
        "such numbers every week, and to read the guidance before the next season.",
        ((HEARD, "At an event"), (QUALIFIED, "A two-day course in event safety, 2024.")),
        6,
    ),
    DemoApplication(
        "obinna.eze@example.org",
        "Head of stewarding",
        "Two colleagues are members, and I answer the same questions as they do.",
        ((HEARD, "From a member"),),
        9,
        (("take_up", ""), ("note", "Priya Nair works with him and recommends him. Papers are in order.")),
    ),
    DemoApplication(
        "lena.hartwig@example.org",
        "Doctoral student",
        "My thesis is about how people find their way out of stations. I would be glad of the working group's papers.",
        ((HEARD, "From this website"),),
        12,
        (("ask", "Which university are you enrolled at, and until when? Students pay the lower fee."),),
    ),
    DemoApplication(
        "catrin.howells@example.org",
        "Safety advisory group officer",
        "The city licenses about two hundred events a year, and I write the advice on each of them.",
        ((HEARD, "From a member"), (QUALIFIED, "Level 5 in spectator safety management.")),
        15,
        (
            ("ask", "Is the membership for you, or for the council? The second would be another level."),
            ("answer", "For me. I pay for it myself, and would keep it if I changed my post."),
        ),
    ),
    DemoApplication(
        "amara.osei@example.org",
        "Duty manager",
        "I run the control room on event days, and want to compare notes with other arenas.",
        ((HEARD, "From a member"), (QUALIFIED, "Control room training with the arena's own team.")),
        40,
        (("approve", ""),),
    ),
    DemoApplication(
        "nigel.pruett@example.org",
        "Director",
        "We sell fireworks for public displays and would like to tell your members about our offers.",
        ((HEARD, "Elsewhere"),),
        33,
        (
            ("note", "Wants to sell to members. The statutes say that traders cannot join."),
            (
                "decline",
                (
                    "Good day, Nigel,\n\nThank you for your application. The association takes people who work for "
                    "the safety of crowds; by our statutes, firms that sell to our members cannot join. We are sorry "
                    "not to have a better answer.\n\nKind regards,\nDaniel Okafor, membership secretary"
                ),
            ),
        ),
    ),
    DemoApplication(
        "wanda.kessler@example.org",
        "Market manager",
        "The market hall is being rebuilt, and the ways out with it.",
        ((HEARD, "From this website"),),
        21,
        (("withdraw", ""),),
    ),
)


@dataclass(frozen=True)
class DemoInvitation:
    """`becomes`: nothing yet, or expired, revoked or accepted."""

    email: str
    first_name: str
    last_name: str
    organisation: str
    level: str
    days_ago: int
    message: str = ""
    becomes: str = ""


INVITATIONS: tuple[DemoInvitation, ...] = (
    DemoInvitation(
        "gwen.aldous@example.org", "Gwen", "Aldous", "Wending River Festival", "Full", 4,
        "Marcus tells me that you take over the festival's safety plan. We would be glad to have you with us.",
    ),
    DemoInvitation("ivo.petrov@example.org", "Ivo", "Petrov", "Pellwater Trams", "Associate", 4),
    DemoInvitation(
        "sadie.croft@example.org", "Sadie", "Croft", "Northfield Stadium", "Full", 75, becomes="expired"
    ),
    DemoInvitation("r.mullins@example.org", "R.", "Mullins", "", "Full", 11, becomes="revoked"),
    DemoInvitation(
        "nadia.farouk@example.org", "Nadia", "Farouk", "Merebridge City Council", "Full", 52,
        "As agreed in Leeds: welcome in the exercises group.", becomes="accepted",
    ),
)  # fmt: skip
