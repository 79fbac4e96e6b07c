"""Older posts of the demo, and those that are not out yet."""

from __future__ import annotations

from datetime import UTC, datetime

from portal.demo.blocks import (
    Attribution,
    DemoPost,
    Documents,
    Heading,
    PictureBlock,
    Quote,
    Table,
    prose,
)

FILE_SHARE_GUIDE = DemoPost(
    slug="how-the-file-share-works",
    title="How the File Share works, in five minutes",
    standfirst="Folders, markings, the record of who opened what, and what to do if a paper is not there.",
    authors=("helen-marsh",),
    topics=("association-news",),
    published_at=datetime(2026, 9, 22, 9, 0, tzinfo=UTC),
    cover="doors",
    body=(
        prose("""
            The File Share holds the papers that members rely on. Here is what a new member should know about it, and
            what an old one may have forgotten.
        """),
        Heading("Finding a paper"),
        prose("""
            Papers lie in folders: guidance, exercises, annual meeting, templates. Some folders are for a group, such
            as the committee. What you may not read is not shown to you, so that an empty place in a list is never a
            riddle. Sort a folder by date, title or source, whichever you remember.
        """),
        Heading("What the markings mean"),
        Table(
            "The labels of the Traffic Light Protocol",
            ("Label", "You may pass it on to", "Who sees it here"),
            (
                ("TLP:CLEAR", "Anybody", "Members"),
                ("TLP:GREEN", "Colleagues and partners, not the public", "Members"),
                (
                    "TLP:AMBER",
                    "Those in your organisation and its clients who need it",
                    "Members; the public is not told its title",
                ),
                ("TLP:AMBER+STRICT", "Those in your organisation who need it", "The same"),
                ("TLP:RED", "Nobody but the named recipients", "The named recipients alone"),
            ),
        ),
        Heading("Is it noted that I opened it?"),
        prose("""
            Yes. Each opening and each download is one line in a record that nobody can change, the officers included.
            It is a courtesy, not a threat: somebody who gives us a paper in confidence can be shown that we took it
            seriously.
        """),
        Heading("If something is missing"),
        prose("""
            A paper may have been withdrawn, may have expired or may not be meant for you. Ask the secretary, who will
            tell you which. If you have written one that others should read, send it; there is nothing we like better.
        """),
        Documents("Good ones to begin with", ("steward-briefing", "keeping-a-log", "exercise-toolkit")),
    ),
)

LIGHTS_OUT = DemoPost(
    slug="lights-out-exercise",
    title="Lights out at a full house: three venues, one question",
    standfirst="We asked an arena, a theatre and a stadium what they would do when the power fails. The answers had "
    "little to do with electricity.",
    authors=("marcus-adeyemi",),
    topics=("training", "events"),
    published_at=datetime(2026, 7, 3, 11, 20, tzinfo=UTC),
    cover="stage",
    tags=("exercises", "power cuts"),
    body=(
        prose("""
            The exercise needs a table, a clock and an envelope. In the envelope it says: a December evening, nine
            thousand guests, frost; the mains have just failed, the emergency lights are on, and the drummer has not
            noticed. What do you do?
        """),
        Heading("Nobody evacuated"),
        prose("""
            All three teams kept people in their seats, and all three were right. They differed in how long it took to
            say so. The arena had a battery loudspeaker at the mixing desk, and spoke after ninety seconds. The
            theatre sent ushers into the aisles with torches, which took four minutes and was much the nicest. The
            stadium looked for a form of words until minute eleven. By then, on paper, a third of the guests had
            decided for themselves.
        """),
        PictureBlock(
            "city",
            "Drawing of city blocks at dusk with a few lit windows",
            "In the exercise, only two streets away, the lights stayed on. Somebody always asks why.",
        ),
        Heading("How long do your lights last?"),
        prose("""
            No team could answer at once. The label at the cabinet had been painted over in one place, and it named a
            battery which had since been replaced in another. In the third, the answer was three hours, and nobody
            believed it until facilities had sent a photograph.
        """),
        Heading("What they changed by Monday"),
        prose("""
            - The arena keeps a card with the first sentence taped to the microphone.
            - The theatre has hung torches at every door instead of in a cupboard.
            - The stadium has practised its sentence five times and can now say it in eight seconds.
        """),
        Quote("We had a plan for the electricity. We had none for the silence.", "A duty manager, in the debrief"),
        prose("""
            The exercise itself is being tidied up, and will come out in autumn. The workbook for the person who runs
            it is in the File Share already.
        """),
        Documents("The workbook", ("exercise-timetable-injects",)),
    ),
)

GATES_OPEN = DemoPost(
    slug="five-questions-before-the-gates-open",
    title="Five questions to ask before the gates open",
    standfirst="Print them, take them for a walk at half past four, and do not open before you know all five answers.",
    authors=("rhiannon-vaughan",),
    topics=("events", "training"),
    published_at=datetime(2026, 4, 16, 7, 45, tzinfo=UTC),
    cover="tents",
    tags=("crowds", "stewarding"),
    body=(
        prose("""
            Checklists grow. Ours had reached a hundred and twelve lines when a head steward handed it back and said
            that she would rather have five questions that mattered. We asked forty members for theirs. These came up
            most often.
        """),
        Heading("1. What is different from yesterday?"),
        prose("""
            Something always is: the wind, a stall, the supervisor at gate three, the time of the last bus. Ask each
            team lead. Those who say “nothing” are asked to go round once more.
        """),
        Heading("2. Where will people be standing in two hours?"),
        prose("""
            Look at the place and imagine it full. Where is the shade, the view, the signal? People will be there,
            whatever the plan says. Put somebody who watches beside it.
        """),
        Heading("3. Which door did I not open myself?"),
        prose("""
            Open all exits with your own hand, from the inside, and look at what stands beyond. It takes twenty
            minutes and finds something about once in four evenings.
        """),
        Heading("4. Who will stop the show?"),
        prose("""
            Name the person, look at them, and hear them say that they would. Then ask who does it during their break.
        """),
        Heading("5. How does the last guest get home?"),
        prose("""
            The evening ends on a platform and not at the gate. Ring the operator, say the finishing time, and let
            them say it back to you.
        """),
        Documents("For the briefing", ("steward-briefing", "template-briefing-sheet")),
    ),
)

ANNUAL_MEETING = DemoPost(
    slug="annual-meeting-york",
    title="Annual meeting in York: nine on the committee, one word on markings",
    standfirst="The accounts were adopted, three new members elected, and a motion of eleven words took fifty minutes.",
    authors=("helen-marsh",),
    topics=("association-news",),
    published_at=datetime(2026, 2, 24, 15, 0, tzinfo=UTC),
    cover="lanterns",
    body=(
        prose("""
            A hundred and twenty-six members met in York on Friday, and forty more by video. The report and the
            accounts were adopted without a vote against. The chair thanked two colleagues who leave the committee
            after nine years between them, and who had asked not to be thanked.
        """),
        Heading("Elected"),
        Table(
            "The committee from March 2026",
            ("Post", "Name", "Until"),
            (
                ("Chair", "Ruth Ashdown", "2028"),
                ("Secretary", "Daniel Okafor", "2028"),
                ("Editor", "Helen Marsh", "2027"),
                ("Training", "Rhiannon Vaughan", "2029"),
                ("Exercises", "Marcus Adeyemi", "2029"),
                ("Member", "Tomasz Wójcik", "2029"),
            ),
        ),
        prose("""
            The treasurer and two further members stay until 2027. The honorary auditor, Ingrid Solberg, was confirmed
            and announced that she would again choose receipts by rolling dice.
        """),
        Heading("Eleven words"),
        prose("""
            The motion read: “Everything we share is green unless its owner says otherwise.” Should it not be the
            other way round, closed unless opened? The council members thought so, the festivals did not. What decided
            it in the end was a remark from the back: a label that stands on everything is read by nobody. The motion
            was carried by eighty-eight to thirty-one.
        """),
        Heading("Next year"),
        prose("""
            We meet in Sheffield on 19 February 2027. Members asked for fewer talks and more walking about, and will
            have it.
        """),
    ),
)

CHIEF_STEWARD = DemoPost(
    slug="thirty-years-at-the-back-of-the-stand",
    title="Thirty years at the back of the stand",
    standfirst="A chief steward retires. We asked her what she would tell those who begin this season.",
    authors=("rhiannon-vaughan",),
    topics=("events",),
    published_at=datetime(2026, 1, 20, 9, 30, tzinfo=UTC),
    cover="stadium",
    tags=("stewarding",),
    body=(
        prose("""
            Maureen Tilbury began in 1995 because her brother-in-law had flu. She was given a jacket, a torch and a
            place at the top of the east stand, and told to stay there. Last Saturday, after nine hundred and some
            matches, she handed in the jacket. We met her in the canteen of Northfield Stadium, where she is on
            first-name terms with the soup.
        """),
        Quote("You learn to look at people, and not at what they are looking at.", "Maureen Tilbury"),
        Heading("What has changed?"),
        prose("""
            “Everything that you can buy. Radios, cameras, the counting. What has not changed is that somebody has to
            see it and somebody has to say it. I have watched a wonderful screen with nobody in front of it.”
        """),
        Heading("What was your worst evening?"),
        prose("""
            “One that you never heard of. The stairs behind block C, in the rain, with people coming up because
            somebody had told them that the bar was open. I stood at the top with my arms out and sang. They thought I
            had gone mad, and they stopped. That is all I wanted. Afterwards the club put a gate there. It should have
            had one before, but I do like that gate.”
        """),
        Heading("And what do you tell beginners?"),
        prose("""
            - Say good evening to everyone. It is the cheapest search there is.
            - Turn round. The match is behind you.
            - If you think about calling, you should have called already.
            - Bring dry socks.
        """),
        prose("""
            She will come on Saturdays all the same, with a ticket. Where will she sit? “Top of the east stand. I know
            where the exit is.”
        """),
    ),
)

AFTERCARE = DemoPost(
    slug="after-the-crowd-has-gone",
    title="After the crowd has gone",
    standfirst="What employers can do for their own people in the first ten days after a bad evening: a new paper.",
    authors=("helen-marsh",),
    topics=("training", "association-news"),
    published_at=datetime(2026, 2, 12, 10, 0, tzinfo=UTC),
    cover="beacons",
    body=(
        prose("""
            Most plans end when the last guest is safe. On the next morning the rota goes on as before: the same
            stewards at the same doors, and a supervisor who has not slept. A group of members, two of them nurses,
            has written down what helps. The paper has eight pages and needs no budget.
        """),
        Heading("Three things that stand out"),
        prose("""
            <b>The list.</b> On the first day, write down everybody who was on duty, also those from agencies,
            kitchens and cleaning. Those whom nobody rings are usually those whom nobody listed.

            <b>The second call.</b> On the day after, people say that they are fine, and many are. The call after a
            week, by the same person, is the one in which they tell you.

            <b>The stones in the road.</b> A coat in a locked cloakroom, half a shift unpaid, a form about lost keys:
            small things weigh a great deal then. Give one person a little money and the right to solve them.
        """),
        Heading("What not to do"),
        prose("""
            Do not make anyone tell the story. Do not hold a meeting at which everybody has to speak. Do not say that
            it could have been worse. Sit down, bring tea, ask what would be useful today, and then do it.
        """),
        prose("""
            If you have been through such days and wish to talk to somebody who has as well, the secretary keeps a
            short list of members who have offered to listen.
        """),
        Documents("The paper", ("first-ten-days",)),
    ),
)

VOLUNTEER_CONSULTATION = DemoPost(
    slug="consultation-training-of-volunteers",
    title="A consultation: how much training should a volunteer have?",
    standfirst="We are writing guidance for events that run on good will. Tell us what would help, and what would "
    "drive people away.",
    authors=("rhiannon-vaughan",),
    topics=("consultations", "training"),
    published_at=datetime(2025, 11, 13, 9, 0, tzinfo=UTC),
    cover="map",
    body=(
        prose("""
            A third of those who wore a bright jacket this summer did so for the first time. Some had a day of
            training, some had a biscuit. We would like to recommend something in between, and want to hear from
            people who organise volunteers, and even more from those who are volunteers.
        """),
        Heading("What we propose"),
        prose("""
            1. A quarter of an hour online, before the day, about noticing and reporting.
            1. A walk round the site with somebody who knows it, on the day, before the jacket is handed out.
            1. A partner for the first shift.
            1. A conversation of five minutes at the end: what did you see, what did you need, will you come again?
        """),
        Heading("What we ask"),
        prose("""
            - Which of these four could you do with the people whom you have?
            - Which of them would keep someone from volunteering?
            - What did you wish you had known on your first day?
            - Should training be the same everywhere, so that a volunteer can take it along?
        """),
        Heading("How to answer"),
        prose("""
            Two sentences are enough. Write to <a href="mailto:secretary@example.org">secretary@example.org</a> by 31
            January 2026 with the subject “Consultation”. You need not be a member. We publish a summary in spring,
            without names unless you want yours to be there.
        """),
    ),
)

PLANNER_VACANCY = DemoPost(
    slug="vacancy-event-planner",
    title="Vacancy: event planner, Merebridge City Council",
    standfirst="A permanent post for somebody who likes maps, meetings and the moment when a street falls silent.",
    authors=("helen-marsh",),
    topics=("jobs",),
    published_at=datetime(2025, 9, 18, 8, 0, tzinfo=UTC),
    cover="map",
    body=(
        prose("""
            Merebridge closes its streets about sixty times a year: for a lantern parade, a half marathon, eleven
            markets, and whatever the football club wins. The council is looking for a planner who reads what
            organisers send, helps them to improve it, and stands in the road with them when it matters.

            <i>This post has been filled. We leave the notice here as an example of a good one.</i>
        """),
        Heading("The work"),
        prose("""
            - Advise organisers from the first idea, and chair the safety advisory group.
            - Check plans for crowds, traffic, access and weather, and say plainly what is missing.
            - Keep the calendar of the city, so that the marathon does not meet the market.
            - Be there at about fifteen events a year, evenings and Sundays among them.
        """),
        Heading("The person"),
        prose("""
            You have planned or licensed events, or have run them and want to change sides. You can say no so that
            people come back with something better. You are at ease with a drawing, a by-law and a brass band.
        """),
        Heading("The terms"),
        prose("""
            Permanent, 37 hours, or shared by two; £38,200 to £42,700; pension; time off for evenings worked. The
            office is by the river, and floods only in theory.
        """),
    ),
)

HEAT = DemoPost(
    slug="a-summer-of-heat",
    title="A summer of heat: water, shade and the long queue",
    standfirst="Eleven members compared notes on the three hottest weekends. What helped had been decided in winter.",
    authors=("marcus-adeyemi",),
    topics=("events",),
    published_at=datetime(2025, 8, 28, 13, 0, tzinfo=UTC),
    cover="forecast",
    tags=("heat", "crowds"),
    body=(
        prose("""
            Three weekends above thirty degrees, eleven events, two hundred thousand guests. No one came to lasting
            harm, and first-aiders were busier than they have been for ten years. We asked organisers what had helped,
            what had not, and what they will do next time.
        """),
        Heading("What helped"),
        prose("""
            - Telling people the day before, in one line: bring a bottle, it may be full, taps are at the gates.
            - Moving the queue. One site turned it by ninety degrees, into the shadow of its own fence.
            - Quiet helpers who walk along the barrier and look for those who have stopped talking.
            - Opening early. An hour in the sun outside is worse than an hour in the shade inside.
        """),
        Heading("What did not"),
        prose("""
            Free water behind the furthest bar. A misting fan without a plan for the mud. Posts of two hours, in
            black, on asphalt: at one site five stewards needed care before the first guest did.
        """),
        Table(
            "What eleven events changed",
            ("Measure", "Had it ready", "Added on the day", "Will have it next year"),
            (
                ("Bottles allowed through the gate", "7", "3", "11"),
                ("Shade over the queue", "2", "4", "9"),
                ("Shorter posts for staff", "3", "5", "11"),
                ("A threshold in the plan", "4", "0", "10"),
            ),
        ),
        Heading("Decide in January"),
        prose("""
            Those with a figure in the plan acted two hours earlier than those without. Choose it now, while it rains.
        """),
    ),
)

RADIO_LESSON = DemoPost(
    slug="a-month-of-listening",
    title="A month of listening to our own radio",
    standfirst="A theatre recorded its channel for thirty evenings and counted. One call in three was a question to "
    "which the map had the answer.",
    authors=("rhiannon-vaughan",),
    topics=("training",),
    published_at=datetime(2025, 7, 10, 10, 30, tzinfo=UTC),
    cover="radio",
    tags=("radio", "lessons learnt"),
    body=(
        prose("""
            With everybody’s consent, Calder Street Theatre recorded its radio channel for thirty evenings and had a
            student sort the calls. There were 4,212. The theatre had thought that it needed a second channel. It
            turned out to need a better map, and a person who answers.
        """),
        Heading("What people say"),
        Table(
            "4,212 calls in thirty evenings",
            ("Kind of call", "Share"),
            (
                ("Where is something or somebody?", "34 per cent"),
                ("Repeating what was not heard", "21 per cent"),
                ("Requests between teams", "19 per cent"),
                ("Reports to control", "15 per cent"),
                ("Greetings, jokes, the score", "11 per cent"),
            ),
        ),
        Heading("What changed"),
        prose("""
            Every door now has a number, the same on the map, the wall and the key. The map hangs inside each
            cupboard. Posts have call signs, and people do not. Control acknowledges each call within five seconds,
            even if it is only with “wait”.

            A second month was recorded in June. There were 2,630 calls, and reports to control were among the
            commonest. Greetings and jokes had gone down only a little, and nobody minds.
        """),
        Attribution("Figures by courtesy of Calder Street Theatre Trust. The recordings have been deleted."),
    ),
)

NEW_SITE = DemoPost(
    slug="a-new-website",
    title="A new website, and a door to it",
    standfirst="News for everyone in front, papers for members behind. What is new, and what we left out.",
    authors=("helen-marsh",),
    topics=("association-news",),
    published_at=datetime(2025, 5, 19, 9, 0, tzinfo=UTC),
    cover="compass",
    body=(
        prose("""
            For years our papers travelled by e-mail, in fourteen versions, to a list on which two people had retired
            and one had died. From today they have one place. The front of this site is open to all. Behind the door
            are the papers, and each of them knows who may read it.
        """),
        Heading("What is new"),
        prose("""
            - Every paper has one address, one current version and its former ones.
            - Folders, some of them for one group alone.
            - A marking on each, and a sentence that says what it means.
            - A record of who opened what, for members and officers alike.
        """),
        Heading("What we left out"),
        prose("""
            There are no likes, no badges, and nobody follows you about. The site makes no request to anybody else’s
            computers. It works on the old machine in the control room, and on a telephone in the rain.
        """),
        Heading("Your first visit"),
        prose("""
            Ask for a password with your e-mail address, choose a long one, set up a second step, and look at your own
            page to see whether we have spelt your name correctly. If something does not work, write to
            <a href="mailto:secretary@example.org">secretary@example.org</a>. If
            something works well, tell a colleague.
        """),
    ),
)

CONTROL_ROOM_LECTURE = DemoPost(
    slug="winter-lecture-control-room",
    title="Winter lecture: what a control room hears",
    standfirst="An evening about attention, fatigue and the art of leaving a silence alone. In Norwich and by video.",
    authors=("marcus-adeyemi",),
    topics=("events", "training"),
    published_at=datetime(2026, 12, 1, 9, 0, tzinfo=UTC),
    cover="city",
    state="scheduled",
    go_live_in_days=9,
    body=(
        prose("""
            This year’s winter lecture is given by a listener. Annika Rees studies how people in control rooms divide
            their attention, and has spent four hundred hours in the corner of nine of them, with a notebook and a
            clock.
        """),
        Heading("What it is about"),
        prose("""
            Why does the second call get a better answer than the first? How long can one person listen to two
            channels? What do experienced controllers hear in a voice before they hear the words? And what happens in
            the last hour of a long shift, when the log gets shorter although the evening does not?
        """),
        Heading("When and where"),
        prose("""
            Thursday 21 January 2027 at half past six, in the old fire station in Norwich, with soup at six.
            Step-free, with a hearing loop and live captions. The video link is sent to everyone who registers, and
            the recording is taken down after a month.

            Entrance is free, also for guests. Register with the secretary by 14 January, so that there is enough soup.
        """),
    ),
)

READING_LIST = DemoPost(
    slug="reading-list-new-safety-officers",
    title="A reading list for new safety officers",
    standfirst="Nine papers from the File Share, in the order in which we would read them, and one walk.",
    authors=("rhiannon-vaughan",),
    topics=("training",),
    published_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    cover="clock",
    state="in_review",
    body=(
        prose("""
            You have the job since Monday, a folder of four hundred pages and an event on Saturday. Do not begin with
            the folder. Begin with a walk: from the station to the gate, from the gate to the worst seat, and from
            there to the nearest exit that you did not come in by. Then read.
        """),
        Heading("This week"),
        prose("""
            The ten-minute briefing, since you will have to give one. The radio card, because you will have to use
            one. The guide to reporting, since somebody will come to you with a feeling and no words for it.
        """),
        Heading("This month"),
        prose("""
            The primer on crowds, with a pencil. The paper on evacuation and disabled people, together with somebody
            who knows it from the other side. The page on keeping a log: you will be glad of it in March.
        """),
        Heading("This season"),
        prose("""
            Choose one exercise from the toolkit and do it badly. Read a report of somebody else’s exercise and look
            for your own locked door in it. Then write down what you found, and send it to us.
        """),
        Documents(
            "In this order",
            (
                "steward-briefing",
                "radio-card",
                "reporting-what-you-notice",
                "crowd-primer",
                "keeping-a-log",
                "exercise-toolkit",
            ),
        ),
    ),
)

PLAIN_CODE = DemoPost(
    slug="towards-a-plain-radio-code",
    title="Towards a radio code in plain words",
    standfirst="Notes for a discussion in spring: could we do without codes at all?",
    authors=("marcus-adeyemi",),
    topics=("training", "consultations"),
    published_at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
    cover="radio",
    state="draft",
    tags=("radio",),
    body=(
        prose("""
            Many of our members use colour codes on the radio, and no two lists agree. Amber is a lost child in one
            stadium, a spillage in the next, and a marking on this site. Stewards who work in three places in a week
            have told us that they wait to hear what the others do.
        """),
        Heading("For and against"),
        prose("""
            Codes are short, and guests who overhear them are not alarmed. Plain words are understood by those who are
            new, who are tired, or who come from another service. In the twelve incidents that we looked at, no guest
            was alarmed by a word on the radio, and in three of them somebody had misunderstood a code.

            A middle way might be two or three words for what should not be overheard, and plain English for the rest.
            To be discussed, with examples, before the season. Please bring your own list to the spring
            meeting, and one evening on which it did not help.
        """),
    ),
)

MORE_POSTS: tuple[DemoPost, ...] = (
    FILE_SHARE_GUIDE,
    LIGHTS_OUT,
    GATES_OPEN,
    ANNUAL_MEETING,
    AFTERCARE,
    CHIEF_STEWARD,
    VOLUNTEER_CONSULTATION,
    PLANNER_VACANCY,
    HEAT,
    RADIO_LESSON,
    NEW_SITE,
    CONTROL_ROOM_LECTURE,
    READING_LIST,
    PLAIN_CODE,
)
