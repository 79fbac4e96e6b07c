"""The five reports of the network of cities, and the volume that binds them together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from portal.demo.catalogue import CTPN, DemoPaper
from portal.demo.outline import DemoSection, sections

_DATE = date(2026, 11, 12)

ANTI_RADICALISATION = DemoPaper(
    key="ctpn-anti-radicalisation",
    title="Anti-radicalisation",
    description="How a city can counter violent and hateful ideologies by the way it is run: against polarisation and "
    "isolation, for social integration, with all its policies pulling in one direction.",
    folder="ctpn-reports",
    source=CTPN,
    original_date=_DATE,
    marking="TLP:GREEN",
    file_name="ctpn-1-anti-radicalisation.pdf",
    page_target=12,
    publish_in_days=-4,
    cover="map",
    chapters=("belonging", "preparedness", "stewarding"),
    sections=sections("""
        ## Summary
        Violent ideologies of every kind feed on two conditions: groups that have stopped meeting each other, and
        individuals whom nobody misses. A city government seldom changes what is said online, but it shapes both of
        these conditions every working day, through housing, schools, transport, sport and the tone of its letters.

        This report argues for treating the prevention of radicalisation as a quality of the whole city and not as one
        programme with one budget. It proposes three aims: reduce polarisation, end isolation, and make fair treatment
        visible.

        ## Against polarisation
        Polarisation is distance plus contempt. Distance can be shortened by design: mixed streets, shared facilities,
        events that need the hands of more than one group. Contempt recedes more slowly, through contact on equal terms
        and through leaders who refuse to divide their residents into ours and theirs.

        - Judge major plans and closures by whether they bring people together or keep them apart.
        - Support local voices who answer hatred quickly and in their own words.
        - Agree across parties how the city will speak in the first hours after an attack.

        ## Against isolation
        Isolation is not always solitude. Some people are alone in a busy household, others in a chat group of
        thousands. Cities can multiply the number of adults who know a young person by name and have time: coaches,
        librarians, caretakers, employers who take trainees.

        - Count trusted adults, in the way that school places are counted.
        - Keep meeting places open in the evening and in the holidays.
        - Offer help before there is a case, without a file and without a label.

        ## Policy as one whole
        Departments often pull in different directions. A regeneration plan moves a community that a cohesion grant had
        just helped to settle. The report asks each city to name one senior person who reads plans for such effects,
        and to publish a short statement each year: what we did, what we stopped doing, and how fair our services were
        in each district.
    """),
)

COMMUNITY_PREPAREDNESS = DemoPaper(
    key="ctpn-community-preparedness",
    title="Community preparedness",
    description="Why residents who are prepared respond and recover better, and what partnerships, campaigns and "
    "training a city needs to help them, year after year.",
    folder="ctpn-reports",
    source=CTPN,
    original_date=_DATE,
    marking="TLP:GREEN",
    file_name="ctpn-2-community-preparedness.pdf",
    page_target=11,
    publish_in_days=-4,
    cover="beacons",
    place="market",
    chapters=("preparedness", "access", "weather"),
    sections=sections("""
        ## Summary
        In the first quarter of an hour after an attack the people on the spot are the emergency service. Whether they
        can help depends on what they learned before, and on whether they feel that the city counts on them. The same
        is true of the months that follow, when neighbours hold each other up long after the helpers from outside have
        left.

        Preparedness is therefore treated here as a continuous process, shared by public bodies, businesses and the
        voluntary sector, and renewed as people and risks change.

        ## Partnerships of three sectors
        Public bodies bring authority and staying power, businesses bring reach and skills, voluntary bodies bring
        trust. None of the three can stand in for another. The cities that took part found written agreements useful,
        short ones: who contributes what, who speaks, who pays, and when the arrangement will be looked at again.

        - Begin with partners who already gather people, such as landlords, clubs and places of worship.
        - Give businesses one contact and one calendar, not one from each department.
        - Include voluntary groups in exercises from the start, and meet their costs.

        ## Awareness that leads somewhere
        A campaign is a door. Behind it should be something to do: a course on the high street, a page for the fridge,
        a group to join. The report suggests measuring how many people went through and came back, and not how many
        saw the poster.

        ## Training and practice
        Simple skills, taught by hand and repeated, last longest: calling for help, stopping bleeding, guiding people
        away, looking after somebody in shock, telling the truth to children. Practise in the places in which people
        spend their days, with the staff who will be there.

        ## Keeping it alive
        Funding that ends after a year produces launches and not habits. Cities should plan for five, appoint a person
        rather than a project, and mark success in public. A yearly day of preparedness, light in tone and useful in
        content, was the cheapest measure of all and the one most often copied.
    """),
)

HUMANITARIAN = DemoPaper(
    key="ctpn-humanitarian-assistance",
    title="Humanitarian assistance and psychosocial care",
    description="Support for those affected by an attack, for families, first responders and the wider community, from "
    "the first hours towards a new normal.",
    folder="ctpn-reports",
    source=CTPN,
    original_date=_DATE,
    marking="TLP:GREEN",
    file_name="ctpn-3-humanitarian-assistance.pdf",
    page_target=12,
    publish_in_days=-4,
    cover="lanterns",
    chapters=("care", "coordination", "records"),
    sections=sections("""
        ## Summary
        An attack lasts minutes; its consequences last for decades. The circle of those affected is wider than any list
        made in the first week: the injured and bereaved, witnesses, families abroad, responders, hospital porters,
        shopkeepers, children who watched it on a telephone.

        The report describes a path of support in four stages and asks cities to prepare each of them as carefully as
        they prepare the response of the emergency services.

        ## The first day
        People need safety, information and each other. Reception places for survivors and for families should be able
        to open within two hours, apart from one another and from the press. Identification of the dead is slow for good
        reasons; families bear it better if one person, who does not change, explains each step.

        ## The first month
        Most distress eases with time and company. Services should be patient, practical and close by, with careful
        watch for those who do not improve. A single point of contact, by telephone and in person, spares people from
        telling their story to nine offices.

        - Keep one register of people affected, with their consent and with clear rules.
        - Offer the same help to visitors who have gone home to other countries.
        - Screen again after a month and after three, and treat without a waiting list.

        ## Those who responded
        Responders and staff carry what they have seen and what they could not do. Care for them belongs in the rota
        and not in a leaflet: relief, rest, time with colleagues, confidential help, and managers who have learned to
        ask twice.

        ## Towards a new normal
        Trials, inquiries and anniversaries reopen wounds, and they are predictable. Give those affected a say in
        commemoration, warn them before documents are published, and keep the point of contact open for years. Recovery
        is not forgetting. It is a life with room for other things.
    """),
)

MAJOR_EVENTS = DemoPaper(
    key="ctpn-major-events",
    title="Protecting major events and crowded places",
    description="A view of the whole system in which cities are designed and run: infrastructure, technology, training "
    "and exercising, and the management of crowds.",
    folder="ctpn-reports",
    source=CTPN,
    original_date=_DATE,
    marking="TLP:GREEN",
    file_name="ctpn-4-major-events.pdf",
    page_target=14,
    publish_in_days=-4,
    cover="stadium",
    place="square",
    chapters=("events", "crowds", "streets", "stewarding"),
    sections=sections("""
        ## Summary
        A crowded place is never an island. Its safety depends on the street outside, the station beyond, the hospital
        across the river, and on decisions that were taken when the street was drawn. The report looks at protection as
        a property of this whole system and asks each part what it needs from the others.

        It gathers what the cities of the network have tried, under four headings, and ends with questions that a city
        can put to itself in an afternoon.

        ## Infrastructure
        Protection that is designed in is cheaper, lasts longer and can be beautiful. The report recommends bringing
        security advice into planning at the first sketch, sharing the cost between those who benefit, and writing down
        who maintains what for the next twenty years.

        - Make space for people first, then see what still needs to be protected.
        - Avoid measures that push a risk into the next street.
        - Keep routes for emergency vehicles open in every layout.

        ## Technology
        Cameras, sensors and counting systems help those who know which decision they are for. Cities report that the
        gain came from joining information which they already had, in one room, with rules on privacy that residents
        could read. Each system needs a plan for the day on which it fails.

        ## Training and exercising
        Shop staff, stewards, drivers and cleaners are the eyes of a city. Short courses, repeated often and in several
        languages, reach them; an annual lecture does not. Exercises should cross the boundary of the event: the control
        room of a stadium and that of the railway rarely meet otherwise.

        ## Crowd management
        Safe crowds are designed before they gather. Profiles, capacities, routes and information are the tools, and
        early, gentle intervention is the method. The report warns against queues that security itself creates, since a
        line of people waiting to be searched is a crowded place too.
    """),
)

STRATEGIC = DemoPaper(
    key="ctpn-strategic-coordination",
    title="Strategic coordination",
    description="Leadership in crises that are fast and complex: trust, inclusion, structures for several agencies, "
    "and planning and exercising at the highest level.",
    folder="ctpn-reports",
    source=CTPN,
    original_date=_DATE,
    marking="TLP:GREEN",
    file_name="ctpn-5-strategic-coordination.pdf",
    page_target=11,
    publish_in_days=-4,
    cover="tables",
    chapters=("coordination", "exercises", "records"),
    sections=sections("""
        ## Summary
        Attacks unfold in minutes, across boundaries, in front of cameras, with facts that contradict each other. Those
        who lead a city through them need structures that already work, colleagues whom they already trust, and the
        habit of deciding with less than they would like to know.

        The report describes what strategic leaders can do beforehand, during and afterwards, and what they should
        leave to others.

        ## Trust and inclusion
        Trust between organisations is trust between people, and people change posts. Cities should plan for this with
        regular meetings that outlast any one chief, secondments, and shared small tasks. Inclusion means that those
        with knowledge are in the room early: health, transport, business, faith and voluntary bodies, and people who
        can speak for communities under strain.

        ## Structures for several agencies
        A joint group needs a room, a rhythm, a common picture, a shared vocabulary and a secretary. It also needs links
        upwards to national bodies and sideways to neighbouring cities, with names and night-time numbers.

        - Agree when the group meets without being asked.
        - Separate the strategic table from the tactical one, in space and in style.
        - Appoint the leader of recovery on the first day.

        ## Planning for the unlikely
        Plans are lists of answers; planning is learning to ask. The report recommends short plans with clear triggers,
        tested against two incidents at once, a long one, and one in which the building that houses the group is part
        of the scene.

        ## Exercising at the top
        Senior people exercise least. Two hours twice a year, with real doubts and no audience, proved better than a
        great day every third year. Mayors, chiefs and directors should play themselves, and their deputies should
        play them the next time.
    """),
)

FIVE = (ANTI_RADICALISATION, COMMUNITY_PREPAREDNESS, HUMANITARIAN, MAJOR_EVENTS, STRATEGIC)

_CHAPTERS = (
    ("belonging", "stewarding"),
    ("preparedness", "access", "weather"),
    ("care", "records"),
    ("events", "crowds", "streets"),
    ("coordination", "voice", "exercises", "evacuation", "radio", "words"),
)  # of each part: every chapter of the library once

_FOREWORD = sections("""
    ## How to read this volume
    Five reports are bound here as five parts. They were written to be read one at a time, and each begins with a
    summary of its own; together they follow the course of a city’s work, from the causes of violence to leadership on
    the worst day and life after it.

    Readers with a security role at an event may like to begin with the fourth part. Those who plan for a council will
    find most in the second and the fifth. The third concerns everybody who employs people.
""")


def _bound_together() -> tuple[DemoSection, ...]:
    """Each report's sections as one part, followed by that report's chapters of the library."""
    bound = list(_FOREWORD)
    for number, report, chapters in zip(("one", "two", "three", "four", "five"), FIVE, _CHAPTERS, strict=True):
        first, *rest = report.sections
        bound.append(replace(first, part=f"Part {number}: {report.title}", scene=report.cover))
        *middle, last = rest
        bound += [*middle, replace(last, topics=chapters)]
    return tuple(bound)


ALL_FIVE = DemoPaper(
    key="ctpn-all-five",
    title="CTPN reports, all five",
    description="The five reports in one volume: anti-radicalisation, community preparedness, humanitarian assistance, "
    "major events and crowded places, strategic coordination.",
    folder="ctpn-reports",
    source=CTPN,
    original_date=_DATE,
    marking="TLP:GREEN",
    file_name="ctpn-reports-all-five.pdf",
    page_target=60,
    publish_in_days=-4,
    cover="city",
    sections=_bound_together(),
)

CTPN_PAPERS = (*FIVE, ALL_FIVE)
