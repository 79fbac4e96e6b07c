"""What the demo's papers are about, and what its people have read and put aside, by the papers' keys."""

from __future__ import annotations

TOPICS: dict[str, tuple[str, ...]] = {
    "nactso-act": ("Training", "Protected premises"),
    "crowd-primer": ("Crowds",),
    "evacuation-planning": ("Evacuation", "Protected premises"),
    "street-design": ("Protected premises",),
    "radio-card": ("Radio and logs",),
    "steward-briefing": ("Stewarding", "Training"),
    "first-ten-days": ("After an incident",),
    "queues-and-searching": ("Crowds", "Stewarding"),
    "reporting-what-you-notice": ("Stewarding", "Training"),
    "weather-triggers": ("Crowds", "Outdoor events"),
    "nobody-left-on-the-landing": ("Evacuation",),
    "keeping-a-log": ("Radio and logs",),
    "geneva-lakeside": ("Crowds", "Outdoor events"),
    "riverside-lessons": ("After an incident",),
    "steward-ratios": ("Stewarding",),
    "ctpn-anti-radicalisation": ("Cities",),
    "ctpn-community-preparedness": ("Cities", "Training"),
    "ctpn-humanitarian-assistance": ("Cities", "After an incident"),
    "ctpn-major-events": ("Cities", "Crowds", "Protected premises"),
    "ctpn-strategic-coordination": ("Cities",),
    "ctpn-all-five": ("Cities",),
    "tabletop-loss-of-power": ("Exercises", "Evacuation"),
    "exercise-toolkit": ("Exercises", "Training"),
    "exercise-lost-child": ("Exercises",),
    "exercise-radio-failure": ("Exercises", "Radio and logs"),
    "exercise-copper-lantern": ("Exercises",),
    "observer-notes-stadium": ("Exercises", "Evacuation"),
    "exercise-timetable-injects": ("Exercises",),
    "template-briefing-sheet": ("Stewarding",),
    "template-debrief": ("After an incident", "Exercises"),
    "template-log-sheet": ("Radio and logs",),
}

# The last one read last.
READ: dict[str, tuple[str, ...]] = {
    "member@example.org": ("weather-triggers", "steward-briefing", "exercise-toolkit", "radio-card", "crowd-primer"),
    "committee@example.org": ("crowd-primer", "minutes-2026-06", "radio-card", "evacuation-planning"),
    "secretary@example.org": ("annual-report-2026", "crowd-primer"),
    "auditor@example.org": ("accounts-2026", "crowd-primer", "radio-card"),
}
SAVED: dict[str, tuple[str, ...]] = {
    "member@example.org": ("evacuation-planning", "crowd-primer", "template-debrief"),
    "committee@example.org": ("minutes-2026-09",),
}
# Who looks after a paper, and in how many days from the seeding it is to be reviewed.
REVIEWS: dict[str, tuple[str, int]] = {
    "evacuation-planning": ("editor@example.org", -9),
    "crowd-primer": ("editor@example.org", 12),
    "radio-card": ("editor@example.org", 180),
    "accounts-2026": ("admin@example.org", 90),
}
# So many days before the newest post they were here last: a handful of papers is new to them.
LAST_VISIT_DAYS = 6
