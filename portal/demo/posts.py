"""The posts of the demo, their authors and topics."""

from __future__ import annotations

from datetime import UTC, datetime

from portal.demo.blocks import (
    Attribution,
    DemoAuthor,
    DemoBlock,
    DemoPost,
    DemoTopic,
    Documents,
    Gallery,
    Heading,
    MembersOnly,
    PictureBlock,
    PostState,
    Quote,
    Table,
    Text,
    prose,
)
from portal.demo.posts_more import MORE_POSTS

__all__ = [
    "AUTHORS",
    "POSTS",
    "TOPICS",
    "Attribution",
    "DemoAuthor",
    "DemoBlock",
    "DemoPost",
    "DemoTopic",
    "Documents",
    "Gallery",
    "Heading",
    "MembersOnly",
    "PictureBlock",
    "PostState",
    "Quote",
    "Table",
    "Text",
]

AUTHORS: tuple[DemoAuthor, ...] = (
    DemoAuthor(
        "helen-marsh",
        "Helen Marsh",
        "Editor",
        "Helen looked after the safety of two theatres before she began to write about it. She edits this site and the "
        "papers in the File Share.",
    ),
    DemoAuthor(
        "marcus-adeyemi",
        "Marcus Adeyemi",
        "Lead, Exercises group",
        "Marcus plans a river festival in summer and exercises in winter. He has never yet found a plan "
        "without a locked door in it.",
    ),
    DemoAuthor(
        "rhiannon-vaughan",
        "Rhiannon Vaughan",
        "Lead, training",
        "Rhiannon manages a theatre on a steep street and arranges the association’s courses. She counts stairs.",
    ),
)

TOPICS: tuple[DemoTopic, ...] = (
    DemoTopic(
        "counter-terrorism", "Counter-terrorism", "Guidance and reports on preventing attacks and being prepared."
    ),
    DemoTopic("events", "Events", "What happened, at our own meetings and at other people’s festivals."),
    DemoTopic("training", "Training", "Courses, exercises and what was learned from them."),
    DemoTopic("consultations", "Consultations", "What others ask us, and what we answer."),
    DemoTopic("jobs", "Jobs", "Vacancies for people who keep places safe."),
    DemoTopic("association-news", "Association news", "From the committee, the secretary and the website."),
)

TWO_PAPERS = DemoPost(
    slug="nactso-ctpn-information",
    pinned=True,
    title="Two new papers on cities, crowds and being ready",
    standfirst="One tells people with a security role which training there is for them. The other gathers what a "
    "network of cities has learned, from the causes of violence to the years after an attack.",
    authors=("helen-marsh",),
    topics=("counter-terrorism",),
    published_at=datetime(2026, 11, 18, 9, 0, tzinfo=UTC),
    cover="arches",
    tags=("crowds", "city centres", "guidance"),
    body=(
        prose("""
            Two documents have come to us this week. We think that anyone with a security role should know them, and we
            share both with members in full. For everybody else, here is what they say.

            The first is from the <b>National Counter Terrorism Security Office</b> (NaCTSO), which is part of UK
            policing. Under the banner of ACT, short for Action Counters Terrorism, it sets out which courses,
            exercises and material exist for people who look after venues, events and busy places: what takes a
            quarter of an hour, what takes a day, and whom to ask. It is short, and written for people who have a
            security role beside three others.

            The second is from the <b>Counter Terrorism Preparedness Network</b> (CTPN), in which cities compare what
            they have tried. It consists of five reports. Each has a section below.
        """),
        Documents("The full documents", ("nactso-act", "ctpn-all-five")),
        prose("""
            The documents are in the File Share. You must be signed in as a member to download them. If you are not one
            yet, <a href="/join/">this is how to join</a>.
        """),
        Heading("Anti-radicalisation"),
        prose("""
            The first report asks what a city can do against violent and hateful ideologies before they find
            followers. Its answer is not one more programme. Such ideas take hold where groups have stopped meeting
            and where people are alone, so the work consists in bringing the former together and in missing the
            latter.

            Polarisation and isolation are therefore treated as matters of everyday policy: who lives beside whom,
            which swimming pool stays open, how complaints are answered, what the mayor says on a bad day. The authors
            want such decisions to be designed as a whole, since one department can easily undo what another has
            built.

            City policy, they conclude, is a lever. A city that is welcoming and fair to everyone is a safer one, and
            would be worth having in any case.
        """),
        Heading("Community preparedness"),
        prose("""
            Residents are first on the scene, and last to leave it. The second report shows that those who know what may
            happen, and have tried once what they would do, respond better on the day and recover sooner afterwards.

            It takes partners to get there. Public bodies have authority, businesses have reach, and voluntary groups
            have people’s trust. None can do it alone. The report describes agreements between the three, campaigns
            that end in something to do, and training in small portions.

            Above all it warns against the single launch. People move away, and knowledge fades; preparing a community
            is a process which has no last day.
        """),
        Heading("Humanitarian assistance and psychosocial care"),
        prose("""
            The third report is about those who are left when the cordon is lifted: the injured and bereaved, witnesses,
            families who live far away, first responders and the staff of the place itself. It follows them through the
            first day, the first month and the years of trials and anniversaries.

            Much of its advice is simple and is seldom prepared. Families need a place of their own and one person who
            stays with them. Responders need care that is part of the rota. Everybody needs one point of contact which
            does not close after a year.

            The aim is described as a new normal. Nobody goes back to the day before, but most people can find a life
            with room for other things, and whole communities can as well.
        """),
        Heading("Protecting major events and crowded places"),
        prose("""
            The fourth report will interest most of our members. It looks at a crowded place as part of a system,
            together with the street, the station and the control room next door, and asks how the design and the
            running of a city make it safer or less safe.

            Four chapters deal with infrastructure that protects without frightening, with technology that serves a
            decision, with training and exercising for everyone from cleaner to chief, and with the management of
            crowds. One remark has already been quoted in three of our meetings: people queueing to be searched are a
            crowd as well.
        """),
        Heading("Strategic coordination"),
        prose("""
            The last report is for those at the top of the table. Crises of this kind are fast and complex, and facts
            contradict each other for hours. What helps then are structures shared by several agencies, habits of
            deciding with little knowledge, and above all trust between people who met long before.

            Inclusion is part of it. Those who know something, whether they work in transport, health, trade or a
            place of worship, should be in the room early. And senior people should exercise, which they do less than
            anyone: two hours, twice a year, playing themselves.
        """),
        Documents(
            "The five reports, one by one",
            (
                "ctpn-anti-radicalisation",
                "ctpn-community-preparedness",
                "ctpn-humanitarian-assistance",
                "ctpn-major-events",
                "ctpn-strategic-coordination",
            ),
        ),
        Attribution(
            "The information in these documents belongs to its respective copyright holders: the National Counter "
            "Terrorism Security Office and the Counter Terrorism Preparedness Network."
        ),
    ),
)

SPRING_COURSES = DemoPost(
    slug="training-dates-spring-2027",
    title="Training dates for spring: stairs, storms and first sentences",
    standfirst="Eleven short courses in six cities. Members can book until the end of January.",
    authors=("rhiannon-vaughan",),
    topics=("training",),
    published_at=datetime(2026, 11, 14, 8, 30, tzinfo=UTC),
    cover="clock",
    tags=("courses", "crowds"),
    body=(
        prose("""
            The spring programme is ready. Nine of the eleven courses last a day or less, because that is what you
            asked for. Two are new: one on stairs, which were behind four of the ten near misses sent to us this year,
            and one on speaking to a crowd through a loudspeaker that you have never used before.
        """),
        Table(
            "Courses from February to May 2027",
            ("Date", "City", "Course", "Length", "Places"),
            (
                ("2 February", "Leeds", "How crowds move", "Half a day", "20"),
                ("10 February", "Cardiff", "How crowds move", "Half a day", "20"),
                ("23 February", "Glasgow", "Keeping a log", "One day", "14"),
                ("4 March", "Leeds", "Stairs", "Half a day", "16"),
                ("11 March", "Bristol", "Evacuation and disabled people", "One day", "16"),
                ("16 March", "Belfast", "First sentence: speaking to a crowd", "Half a day", "12"),
                ("25 March", "Cardiff", "Writing a small exercise", "One day", "12"),
                ("13 April", "Bristol", "Weather thresholds", "Half a day", "20"),
                ("21 April", "Glasgow", "First aid for safety teams", "Two days", "12"),
                ("6 May", "Norwich", "Radio discipline", "Half a day", "18"),
                ("19 May", "Leeds", "Leading a control room", "Two days", "10"),
            ),
        ),
        Heading("Who should come"),
        prose("""
            Courses of half a day are for everybody who works at events, in whichever role. The two-day ones suppose
            that you have led a team for a season. If you are not sure, write to us (the address is at the foot
            of this page); we would rather talk for five minutes than have you bored for two days.
        """),
        Heading("How to book"),
        prose("""
            Write to <a href="mailto:secretary@example.org">secretary@example.org</a> with the subject “Training”, the
            date and the names of those who will come. Half a day costs members £45, a day £80 and two days £150;
            others pay twice as much. Fees are returned in full until two weeks before.

            Every venue can be reached without steps and has a hearing loop. Tell us what else you need, including a
            quiet corner or a parking place. Each course has two free places for volunteers of small events; ask, you
            need not give reasons.
        """),
        Documents("To read beforehand", ("crowd-primer", "keeping-a-log")),
    ),
)

CONSULTATION_REPLY = DemoPost(
    slug="consultation-protected-premises",
    title="What we said in the consultation on protected premises",
    standfirst="Four requests, and the one on which they all depend: write it for the person who has the key.",
    authors=("helen-marsh",),
    topics=("consultations", "counter-terrorism"),
    published_at=datetime(2026, 11, 9, 10, 15, tzinfo=UTC),
    cover="beacons",
    body=(
        prose("""
            The consultation on guidance for protected premises closed on Friday. Sixty-one members sent us their
            thoughts, eleven small venues let us read the draft aloud to their caretakers, and the committee approved
            our reply last week. In short, we welcome the aim, and ask for four changes.
        """),
        Heading("Write for the person with the key"),
        prose("""
            The draft supposes that somebody is in charge of security. In a village hall that person is also the
            treasurer. We counted the words which our readers had to look up: in forty pages there were fifty-three.
            We have asked for a version of eight pages and have offered to write a first one.
        """),
        Heading("Show small examples"),
        prose("""
            All six examples in the draft have a control room. We sent four that do not: a scout hut, a chapel used for
            concerts, a market hall and the upstairs room of a public house.
        """),
        Heading("Give time"),
        prose("""
            Volunteers change their plans once a year, normally in autumn when the heating is switched on. Eighteen
            months would allow each place one such autumn to learn and one to put things right.
        """),
        Heading("Pay for training, and not for paper"),
        prose("""
            Experience of our own courses says that half a day of practice changes more than any form. A small grant for
            the first course would reach places which no inspector ever will.
        """),
        Quote(
            "If I have understood it by the time the kettle boils, I shall do it. If not, it goes into the cupboard.",
            "Caretaker of a village hall, during our reading",
        ),
        prose("""
            The authors expect to publish their answer in spring. Our model plan for small venues will come out before
            then.
        """),
    ),
)

LEEDS = DemoPost(
    slug="autumn-meeting-leeds",
    title="Notes from the autumn meeting in Leeds",
    standfirst="Ninety-four members, four exercises at once, and an argument about radios until the last train.",
    authors=("marcus-adeyemi",),
    topics=("events", "association-news"),
    published_at=datetime(2026, 11, 2, 16, 40, tzinfo=UTC),
    cover="city",
    body=(
        prose("""
            We had booked a room for seventy. Ninety-four came, which gave our first speaker her subject: she asked
            everybody to stand up, find the exit that they would take, and point at it. Ninety-one pointed at the door
            by which they had come in. There were four others.
        """),
        Heading("Four exercises in one hour"),
        prose("""
            After that the room was divided into four. One group rang all the numbers in its host’s emergency plan,
            and reached a dentist. One carried a person down two flights in an evacuation chair and then asked her how
            it had been. One kept a log from a recording, in pairs, and compared what each had left out. The last was
            told only that the duty manager had gone home, and sat in silence for three minutes, which several found
            the most useful of all.
        """),
        Gallery(
            (
                ("tables", "Drawing of round tables and chairs seen from above", "Ninety-four people, fifteen tables."),
                ("doors", "Drawing of an open double door with light on the steps", "One of the four other doors."),
                ("radio", "Drawing of a radio mast with rings of signal", "The subject of the evening."),
                ("clock", "Drawing of a clock tower at dusk", "The last train left at ten to eleven."),
            )
        ),
        Heading("The argument"),
        prose("""
            Should a supervisor be allowed to use a private telephone when the radio channel is full? The stadiums
            said never, the festivals said that it happens anyway, and a tram operator asked who would write it in the
            log. Nobody was converted. Agreed was this much: if a message matters to control, control must hear it on
            a channel that has a listener, and if this is not possible, the channel is the problem.
        """),
        Heading("What to take home"),
        prose("""
            - Read your emergency numbers aloud once a month.
            - Ask the person in the chair.
            - Find out who leads when the leader has gone home.
            - Point at the exit. Then walk to the other one.
        """),
        Documents("Tried out in Leeds", ("exercise-toolkit", "exercise-radio-failure")),
    ),
)

RIVER_VACANCY = DemoPost(
    slug="vacancy-river-festival",
    title="Vacancy: head of safety for a festival on a river",
    standfirst="Two seasons to begin with, three banks to think of, and a team that likes to be asked.",
    authors=("helen-marsh",),
    topics=("jobs",),
    published_at=datetime(2026, 10, 27, 9, 0, tzinfo=UTC),
    cover="lanterns",
    body=(
        prose("""
            Wending River Festival is looking for a head of safety. It takes place on four days in July, on both banks
            and an island, with some eighteen thousand guests each day, two footbridges, a chain ferry and more ducks
            than one would think.
        """),
        Heading("What you would do"),
        prose("""
            - Lead the safety plan from the first drawing in January until the last fence in August.
            - Chair the meetings with council, police, fire and ambulance services, river authority and trams.
            - Choose and brief forty supervisors, and make sure that they get their breaks.
            - Decide, on the day, and alone if need be, that something stops.
        """),
        Heading("What they ask for"),
        prose("""
            Experience of leading safety at outdoor events of more than five thousand people, knowledge of crowds near
            water or the wish to learn about them, and calm. A formal qualification helps and is not demanded.
            Applications are welcome from people who would like to share the post.
        """),
        Heading("Conditions"),
        prose("""
            Three days a week from January, full time from June to August; £46,000 a year for full time, in
            proportion; two seasons, to be extended. Office in a boathouse with a ramp, or at home.

            Send two pages about yourself and one about an evening that did not go to plan, by <b>12 December
            2026</b>, to the address in <a href="https://wending-river.example/">the festival’s advertisement</a>.
            Talks will be held in the week of 11 January.
        """),
    ),
)

RIVERSIDE_SUMMARY = DemoPost(
    slug="riverside-review",
    title="Twenty-two minutes on a footbridge",
    standfirst="The review of the Riverside evening is finished. What everyone can learn from it is here; what members "
    "should change comes after it.",
    authors=("marcus-adeyemi", "helen-marsh"),
    topics=("events", "training"),
    published_at=datetime(2026, 10, 8, 12, 0, tzinfo=UTC),
    cover="bridge",
    tags=("crowds", "footbridges", "lessons learnt"),
    body=(
        prose("""
            On a mild evening in May a footbridge between two halves of a light show was full for twenty-two minutes.
            Thirty-one people were treated, and all were home the next day. A panel of three members has spoken with
            stewards, guests, the ferry and the owner of the bridge, and finished its review last week.

            Nobody did anything foolish. The show began eleven minutes late, as shows do. The delay made two streams
            of people meet, which the plan had kept a quarter of an hour apart. The steward on the bridge saw it at
            once, called at once, and was not heard, because on the same channel a gate was asking for more
            wristbands.

            It is the kind of evening on which everything had been thought of, one thing at a time. We are grateful to
            all who told the panel what they saw, and most of all to those who said what they wished they had done.
        """),
        MembersOnly(),
        Heading("What to change now"),
        prose("""
            The panel’s recommendations are meant for its hosts. Four of them apply to any place with two flows and one
            narrow passage, and the committee asks all members to look at them before the end of the year.

            1. Give each structure on which people can stand a limit, a watcher and a channel that is not shared with
            a gate. 1. Treat a change of the starting time by more than five minutes as a change of plan: ring every
            partner. 1. Ask the owner of each structure for drawings, and walk them. A relief ramp that only the owner
            knows is none. 1. Write down what supervisors may decide alone, and tell them that you mean it.
        """),
        Heading("What we do not know"),
        prose("""
            We do not know how many people were on the bridge. The camera counted 1,140 and the panel believes it to
            have missed one in five. It does not matter: the steward had said “step four”, and this was enough to act
            upon.
        """),
        Heading("Who may read what"),
        prose("""
            The full review names places and companies and goes to named recipients only. If you need it for a similar
            structure of your own, write to
            <a href="mailto:secretary@example.org">secretary@example.org</a> and say which.
        """),
        Documents("Papers", ("riverside-lessons", "crowd-primer", "keeping-a-log")),
    ),
)

POSTS: tuple[DemoPost, ...] = (
    TWO_PAPERS,
    SPRING_COURSES,
    CONSULTATION_REPLY,
    LEEDS,
    RIVER_VACANCY,
    RIVERSIDE_SUMMARY,
    *MORE_POSTS,
)
