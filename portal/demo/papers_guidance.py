"""The papers of the folder Guidance: what authorities and the association's own groups advise."""

from __future__ import annotations

from datetime import date

from portal.demo.catalogue import ASSOCIATION, EXERCISES_GROUP, NACTSO, DemoPaper, DemoVersion
from portal.demo.outline import sections

NACTSO_ACT = DemoPaper(
    key="nactso-act",
    title="ACT: training and information for security roles",
    description="Which training and which information exists for people with a security role: what it is for, how long "
    "it takes and how to begin.",
    folder="guidance",
    source=NACTSO,
    original_date=date(2026, 11, 16),
    marking="TLP:CLEAR",
    file_name="nactso-act-training-and-information.pdf",
    page_target=12,
    publish_in_days=-4,
    cover="arches",
    chapters=("stewarding", "exercises", "preparedness"),
    sections=sections("""
        ## What this paper is for
        Many people who look after a venue, an event or a shop floor have a security role without the word in their job
        title. This paper gathers, under the banner of ACT (Action Counters Terrorism), what is on offer to them: short
        courses, longer exercises, printed and online material, and people to ask.

        It is arranged by role and by the time that a reader has. Somebody with a quarter of an hour will find a useful
        start; a manager who plans for a year will find a sequence.

        ## Three habits worth having
        The training on offer differs in length, yet it comes back to three habits. See: know what is normal for your
        place at this hour, so that you notice what is not. Say: tell somebody, at once and in plain words, without
        waiting to be certain. Act: know beforehand what you would do for the people near you.

        ## Training by role
        The table shows a sensible minimum for each role. All of it can be repeated, and should be, since what is
        not practised is soon forgotten.

        |= Who needs what
        | Role | Begin with | Then | Repeat
        | Everyone on site | Short online awareness course | Briefing at the place of work | Yearly
        | Front of house, stewards | The same, and noticing behaviour | Practice of the first sentence | Each season
        | Control room staff | Reporting and logging | Table-top exercise | Twice a year
        | Managers and owners | Planning for response | Exercise with neighbours | Yearly
        | Security leads | Advice visit, specialist courses | Review of the plan | When anything changes

        ## Information to have at hand
        Posters for the staff room, a card with numbers, a short film for inductions and a page of answers for worried
        guests are enough for most places. More paper does not make a place safer. Keep the material where people drink
        their tea, and change it twice a year so that it is seen again.

        ## Who can be asked
        Specially trained police officers advise the owners of busy places, free of charge and without obligation. Ask
        early, before drawings are finished. Ask your neighbours as well: a shared visit to a street or a square is
        worth more than six separate ones.

        ## A year of small steps
        - January: everyone takes the awareness course, and managers keep the list.
        - March: supervisors walk the site with the plan in hand.
        - May: a table-top exercise of two hours with one neighbour.
        - July: a reminder at each briefing, with an example from last year.
        - October: an advice visit, and the plan is brought up to date.
        - December: thanks, figures, and three aims for the next year.
    """),
)

CROWD_PRIMER = DemoPaper(
    key="crowd-primer",
    title="Crowd movement and density: a primer",
    description="What supervisors should know about how crowds fill, flow and press, with a scale to report by. Third "
    "edition, with a chapter on stairs.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2025, 6, 16),
    marking="TLP:GREEN",
    file_name="crowd-movement-primer.pdf",
    page_target=14,
    publish_in_days=-520,
    cover="crowd",
    place="stadium",
    chapters=("crowds", "events", "access", "stewarding"),
    versions=(
        DemoVersion("First edition, for the summer season of 2025"),
        DemoVersion("The reporting scale now has five steps instead of seven"),
        DemoVersion("New chapter on stairs, and a correction to the table of steps"),
    ),
    sections=sections("""
        ## For whom this is written
        Supervisors do not need fluid dynamics. They need to see early, to say what they see in words that control
        understands, and to know which measures help at which moment. This primer is for them, and for those who train
        them.

        ## A scale of five steps {since 2}
        Density is hard to estimate and movement is easy to see. The scale therefore describes what people can do, and
        not how many of them there are.

        |= The scale, for use on the radio
        | Step | What people can do | What we do
        | One | Walk anywhere, turn round, stop | Enjoy it
        | Two | Walk at their own pace, with small detours | Watch
        | Three | Shuffle, and go where the others go | Slow the inflow
        | Four | Hardly move, arms at their sides | Stop the inflow, open relief
        | Five | Are moved, and cannot choose | Emergency call, stop the show

        ## Reporting
        Say the place, the step, and whether it is rising, steady or falling. Report every ten minutes at step two,
        every five at step three, and at once from step four. A post that reports falling numbers is as welcome as one
        that reports trouble, for it shows control what has worked.

        ## Stairs {since 3}
        Stairs are narrower than they look, slower than corridors and unforgiving. People going down watch their feet
        and not the queue ahead; people going up tire. Keep the foot of every stair clear for at least three times its
        width, light the edges, divide wide flights with a rail, and never let a queue form on the steps themselves.

        Put the steward at the top, where the inflow can still be slowed, and a second one at the bottom who keeps
        people walking on. One in the middle is in the way.

        ## What the first season taught us
        Members who tried the scale found that arguments over numbers stopped. They also found that new stewards report
        one step too high for their first two evenings. That is a fault on the right side, and it cures itself.
    """),
)

EVACUATION_PLANNING = DemoPaper(
    key="evacuation-planning",
    title="Evacuation and invacuation: planning for both",
    description="How to prepare for moving people out, moving them in and keeping them where they are, with triggers, "
    "announcements and assembly points.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2026, 6, 18),
    marking="TLP:GREEN",
    file_name="evacuation-and-invacuation.pdf",
    confirm_in_days=21,
    page_target=16,
    publish_in_days=-150,
    cover="doors",
    place="building",
    chapters=("evacuation", "access", "radio", "weather", "stewarding"),
    sections=sections("""
        ## The aim
        A plan is good when the newest member of staff can start it and the most senior one need not be found. This
        paper describes how a working group of nine members rewrote their plans along that line, and gives the pages
        that they now use.

        ## Five pages are enough
        One page of triggers, one of announcements, one plan of the building with routes and refuges, one list of
        people and numbers, one page for what comes afterwards. Everything else went into an annex which nobody has to
        read at night.

        |= The five pages
        | Page | Made by | Tried out by
        | Triggers | Safety officer | Table-top with supervisors
        | Announcements | Front of house | Reading them aloud over the real system
        | Plan | Facilities | Walking it with a pushchair
        | People and numbers | Duty managers | Ringing each number on a Sunday
        | Afterwards | Personnel and press office | Talking to a place that has been through it

        ## Announcements that work
        Say first that this is a real announcement, then what to do, then why. Use short sentences and a human voice.
        Repeat. Say the opposite of a rumour only if you know that it is false. The group’s own samples are in the
        templates folder, to be changed and not copied.

        ## What surprised us
        - Four of nine buildings had an exit that opened into a neighbour’s locked yard.
        - In two, the microphone for announcements stood in the room most likely to be cleared first.
        - Nobody had planned for guests who were already outside and wanted to come in.
        - Staff asked for permission to act far more often than they needed it.
    """),
)

STREET_DESIGN = DemoPaper(
    key="street-design",
    title="Vehicles and people: an introduction to protective street design",
    description="For planners and organisers who want to begin the conversation: layers, temporary closures, whom to "
    "ask, and why beauty matters.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2026, 4, 22),
    marking="TLP:GREEN",
    file_name="vehicles-and-people.pdf",
    page_target=10,
    publish_in_days=-205,
    cover="barriers",
    place="square",
    chapters=("streets", "events", "crowds"),
    sections=sections("""
        ## What this is and is not
        This introduction helps people to begin a conversation with those who advise on protective measures. It names
        no products, gives no ratings and replaces no advice. It is what our members in planning departments wished
        that organisers knew before the first meeting, and the other way round.

        ## Four questions for the first meeting
        - What happens in this space on an ordinary Wednesday?
        - Who and what must be able to pass, at which hours?
        - For how long should the answer last: an evening, a season, twenty years?
        - Who will own it, insure it, clean it and pay for it?

        ## Who sits at the table
        Highway authority, police adviser, fire service, bus operator, traders, someone who uses a wheelchair, someone
        who lives upstairs. A street that has been discussed by all seven rarely has to be dug up twice.

        ## Temporary and permanent
        Temporary measures tend to stay, in the worst of both worlds: ugly, worn, and never inspected. Give each a date
        on which it goes, or on which money is found to replace it by something that deserves the place.
    """),
)

RADIO_CARD = DemoPaper(
    key="radio-card",
    title="Radio discipline, a card of two pages",
    description="How to speak on a radio so that one call is enough. To print on both sides and hang up where the sets "
    "are charged.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2026, 10, 21),
    marking="TLP:CLEAR",
    file_name="radio-discipline-card.pdf",
    page_target=2,
    publish_in_days=-31,
    cover="radio",
    sections=sections("""
        ## Before you press
        Think what you want to say. Listen whether somebody is speaking. Hold the set a hand’s width from your mouth and
        turn your back to the wind.

        ## Four parts, one breath
        - Whom you call: “Control”
        - Who you are: “from North Gate”
        - Where: “at the tram stop, outside the fence”
        - What you need: “queue across the rails, please hold the next tram”

        ## Words with one meaning
        |= Words on the air
        | Say | It means
        | Send | I am listening, speak
        | Say again | I did not hear, repeat all of it
        | Read back | Tell me what you have understood
        | Wait | I have heard you, and answer in a moment
        | Out | This conversation has ended

        ## One word clears the channel
        “Priority” and nothing else. Everybody else stops until control says that the channel is open again. Never use
        it for a lost umbrella.

        ## If the set is dead
        Go to the nearest supervisor, on foot, and say your message there. Do not use a messenger service on your own
        telephone. Sign the set in with a label that says what is wrong with it.
    """),
)

STEWARD_BRIEFING = DemoPaper(
    key="steward-briefing",
    title="The ten-minute steward briefing",
    description="An order for the briefing before gates open, with the questions to ask at its end.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2026, 3, 30),
    marking="TLP:CLEAR",
    file_name="ten-minute-steward-briefing.pdf",
    page_target=4,
    publish_in_days=-228,
    cover="compass",
    chapters=("stewarding",),
    sections=sections("""
        ## Ten minutes, six parts
        A briefing is a promise that those who stand outside know as much as those who sit inside. Ten minutes are
        enough, if nobody reads aloud.

        |= The order
        | Minutes | Part | Said by
        | 1 | Welcome, and what tonight is | Event manager
        | 2 | Who comes, how many, in what mood | Head steward
        | 2 | What is different from yesterday | Head steward
        | 2 | The three things that worry us | Safety officer
        | 1 | Where to find water, relief, help | Supervisor
        | 2 | Questions, asked of them and by them | Everyone

        ## Questions to end with
        - Where is the nearest defibrillator to your post?
        - What do you say if people ask why they have to wait?
        - What is the priority word, and when did you last hear it?
        - Who relieves you, and at what time?
    """),
)

FIRST_TEN_DAYS = DemoPaper(
    key="first-ten-days",
    title="Looking after your own people: the first ten days",
    description="What an employer can do for staff and volunteers after a serious incident, day by day.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2026, 2, 11),
    marking="TLP:GREEN",
    file_name="first-ten-days.pdf",
    page_target=8,
    publish_in_days=-283,
    cover="lanterns",
    chapters=("care", "records"),
    sections=sections("""
        ## Why ten days
        Within ten days most people know whether they are getting better. Within ten days an employer can reach
        everybody who was on duty, remove what makes it harder, and learn who needs more. After that it becomes a
        search.

        ## Day by day
        |= What to do and when
        | Day | For everyone | For those who lead
        | 0 | Food, warmth, a way home together | Make the list of all on duty
        | 1 | A call from somebody they know | Tell families what to expect
        | 2–3 | Meet as teams; nobody has to speak | Pay the shift; find the coats
        | 4–6 | Light duties, or none | Look after supervisors
        | 7 | A second call, by the same person | Thank by name
        | 8–10 | Offer professional help, privately | Look for those who are missing from the list

        ## Sentences that help
        - “You do not have to tell me anything. I wanted to know how you are.”
        - “It is common to sleep badly for a while. If it has not eased by next week, ring this number.”
        - “What would be useful today?”

        ## Sentences to leave out
        Do not say that it could have been worse, that you know how it feels, or that they should be strong. Do not ask
        for details. Do not promise that nothing of the kind will happen again.
    """),
)

QUEUES = DemoPaper(
    key="queues-and-searching",
    title="Queues and searching at the door",
    description="How to keep the line short, calm and out of the road while bags are looked at.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2025, 11, 26),
    marking="TLP:GREEN",
    file_name="queues-and-searching.pdf",
    page_target=6,
    publish_in_days=-340,
    cover="crowd",
    chapters=("crowds", "stewarding"),
    sections=sections("""
        ## A queue is a crowded place
        Whatever a search is meant to prevent, the line in front of it should not become the softest spot of the
        evening. The best queue is the one that was never formed: doors open earlier, bags stay at home, tickets carry
        a time.

        ## Tell people beforehand
        Say on the ticket, in the confirmation and on the last poster before the gate what may be brought and what will
        be looked at. One promoter halved the time per guest with a drawing of a bag on a sheet of paper.

        ## Lanes and tables
        - A lane for guests without bags, and somebody who points to it.
        - A lane with a chair for those who cannot stand for long.
        - Tables at the height of the hip, lit from above, with a bin behind.
        - Two people at each table: one looks, one talks.

        ## When the line grows
        Agree in advance what gives way. More lanes, a simpler check, a later start: each is a decision for the duty
        manager, is logged, and is reversed as soon as it can be. Never let the line cross a road or a tram track.
    """),
)

REPORTING = DemoPaper(
    key="reporting-what-you-notice",
    title="Reporting what does not look right",
    description="A short guide for everyone on site: what to notice, how to say it, and what happens to a report.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2025, 9, 17),
    marking="TLP:CLEAR",
    file_name="reporting-what-you-notice.pdf",
    page_target=3,
    publish_in_days=-390,
    cover="city",
    chapters=("records",),
    sections=sections("""
        ## You know the place
        You know what is ordinary here at this hour. That makes you better at noticing than any camera. If something
        does not fit, you do not have to know why.

        ## Behaviour, not appearance
        Notice what people do: trying doors marked private, taking pictures of locks and cameras rather than of
        friends, asking about numbers of staff, leaving a thing behind and walking off quickly. How somebody looks,
        prays or speaks tells you nothing.

        ## Say it simply
        - What did you see?
        - Where, and when?
        - Is it still there?
        - What did you do about it?

        ## In an emergency
        Get yourself and others away first, then ring 999. For something that can wait a few minutes, tell your
        supervisor or control. Nobody will be cross with you for being wrong.

        ## What happens to a report
        Someone writes it down, someone looks, and somebody tells you what came of it. If nobody has told you by the end
        of the shift, ask.
    """),
)

WEATHER_TRIGGERS = DemoPaper(
    key="weather-triggers",
    title="Heat, wind, lightning: triggers for outdoor events",
    description="How to agree in winter what you will do in summer. With blank tables to fill in with your engineer.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2026, 5, 7),
    marking="TLP:CLEAR",
    file_name="weather-triggers.pdf",
    page_target=7,
    publish_in_days=-190,
    cover="forecast",
    place="site",
    chapters=("weather", "events"),
    sections=sections("""
        ## Agree on it in January
        Eleven members compared how they had decided about weather in the summer of 2025. The good decisions had been
        made in winter. The poor ones were made at the side of the stage by people with wet hair.

        ## One page, two columns
        Divide a page in two, watch and act. Under watch stands what makes somebody look more often and tell the others.
        Under act stands what happens without further debate. Beside each action write how many minutes it takes, and
        move the threshold forward by as many.

        ## Who holds the pen
        One person reads the forecast and the instruments, says it aloud on the hour, and logs it. The same person must
        not be the one who sells the tickets. A deputy is named, for storms are fond of lunch breaks.
    """),
)

NOBODY_LEFT = DemoPaper(
    key="nobody-left-on-the-landing",
    title="Nobody left on the landing: evacuation and disabled people",
    description="Written with a panel of disabled guests and staff: refuges, chairs, alarms, and asking first.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2026, 1, 29),
    marking="TLP:CLEAR",
    file_name="nobody-left-on-the-landing.pdf",
    page_target=9,
    publish_in_days=-290,
    cover="doors",
    place="theatre",
    chapters=("access", "evacuation", "care"),
    sections=sections("""
        ## Who wrote this
        Eight guests and four members of staff with different impairments met five times in two theatres, one stadium
        and a village hall. They tried the plans, waited in the refuges and rode in the chairs. This is what they
        asked us to pass on.

        ## What they said
        - “Nobody had told me that the refuge was there until I was in it.”
        - “The intercom worked. Nobody at the other end knew what it was.”
        - “I can walk down if I may do it last and slowly. Ask me.”
        - “I am deaf and was in the toilet. I found out from the empty foyer.”

        ## What we ask of every member
        Make the journey from the furthest accessible seat to the pavement yourself, with the lifts off, once a year,
        together with a person for whom it matters. Write down how long it took. Then change one thing.
    """),
)

KEEPING_A_LOG = DemoPaper(
    key="keeping-a-log",
    title="Keeping a log that stands up later",
    description="For loggists and those who sit beside them: what to write, what to leave out, how to correct.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2025, 10, 15),
    marking="TLP:GREEN",
    file_name="keeping-a-log.pdf",
    page_target=5,
    publish_in_days=-365,
    cover="clock",
    chapters=("records",),
    sections=sections("""
        ## A good entry
        A good entry can be read by somebody who was not there. It has a time, a source, what was known, what was
        decided and why, and who decided it. It was written when it happened, and says so when it was not.

        |= Entries, weak and strong
        | Weak | Strong
        | Gate busy | 18.52, Gate B by radio, queue back to the bus stop, rising
        | Told police | 18.55, rang the police control room, spoke to desk 4, reference 211
        | Decided to wait | 18.57, doors stay shut until 19.10, since stairs at step four, Lockhart
        | Sorted | 19.14, queue gone, Gate B open, stairs at step two

        ## Corrections
        Strike through with one line, so that the old words can be read, write the new ones beside them, and sign. A log
        without a single correction has been written afterwards, and looks it.
    """),
)

GENEVA = DemoPaper(
    key="geneva-lakeside",
    title="Notes from Genève: a lakeside evening with fireworks",
    description="Two members watched how colleagues abroad bring a very large crowd to the water and home again.",
    folder="guidance",
    source=EXERCISES_GROUP,
    original_date=date(2025, 8, 20),
    marking="TLP:GREEN",
    file_name="Genève – notes sur la fête du lac.pdf",
    page_target=5,
    publish_in_days=-410,
    cover="bridge",
    chapters=("crowds", "weather"),
    sections=sections("""
        ## What we went to see
        An evening by a lake, one hour of fireworks, trams, steamers and a bridge that everyone wants to stand on. Our
        hosts let us sit in a corner of their control room from four in the afternoon. Names and figures are left out at
        their request.

        ## What we liked
        - The bridge is closed for standing but not for walking, and stewards say so with a smile and in three
          languages.
        - Large screens show which tram stop has room, and the crowd divides by itself.
        - After the last rocket there is music for forty minutes, and it is good.
        - The first boat home leaves only when the quay has been clear for five minutes.

        ## What we shall try at home
        The screens, the music, and the sentence with which the controller began each hour: “What has changed?”
    """),
)

RIVERSIDE = DemoPaper(
    key="riverside-lessons",
    title="Lessons from the Riverside incident",
    description="The review of an evening on which a footbridge was full for twenty-two minutes. For the recipients "
    "named by the review panel only.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2026, 10, 8),
    marking="TLP:RED",
    file_name="riverside-review.pdf",
    page_target=17,
    publish_in_days=-45,
    cover="bridge",
    caveat="Review panel: not to be discussed outside the named recipients",
    recipients=("committee@example.org", "admin@example.org"),
    chapters=("crowds", "coordination", "records", "radio", "care"),
    sections=sections("""
        ## The evening in brief
        The place, the people and the incident described in this sample are invented. On a mild evening in May some
        nine thousand people came to a light show on both banks of a river. Between 21.41 and 22.03 the footbridge
        that joins the banks was at step four of our scale and, at its northern end, for about three minutes at step
        five. Thirty-one people were treated, none with lasting injury.

        ## What was known and when
        |= The course of events
        | Time | What happened | Who knew
        | 21.12 | Show begins eleven minutes late | Everyone
        | 21.30 | South bank reports step three | South supervisor, control
        | 21.41 | Bridge reports step four | Bridge steward only; channel busy
        | 21.46 | Second call is heard | Control
        | 21.49 | Ferry asked to stop landing at the north pier | Control, ferry
        | 21.58 | North ramp opened as a relief | Police, north supervisor
        | 22.03 | Bridge at step three and falling | All

        ## Findings
        - The late start moved two flows, which the plan had kept apart, into the same quarter of an hour.
        - One channel carried both gates and bridge, and for five minutes the most important call was not heard.
        - The relief ramp existed in the drawing of the owner of the bridge and in nobody else’s.
        - Supervisors acted well on their own judgement. The plan had not told them that they might.

        ## What the panel recommends
        The footbridge gets a limit, a watcher and a channel of its own. A change of the starting time by more than five
        minutes is a reason to call all partners. The owner of every structure on the site is asked for drawings, and
        someone walks them. Supervisors are told in writing what they may decide alone.

        ## What the panel does not say
        It does not name anyone as being to blame. It found people who did what they had been asked to do, on an evening
        that asked for something else.
    """),
)

MODEL_PLAN = DemoPaper(
    key="model-plan-small-venues",
    title="Protected premises: a model plan for small venues",
    description="A plan of few pages that a village hall, a club or a small theatre can make its own in two evenings.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2026, 12, 10),
    marking="TLP:GREEN",
    file_name="model-plan-small-venues.pdf",
    page_target=11,
    publish_in_days=21,
    cover="beacons",
    place="hall",
    chapters=("evacuation", "stewarding", "preparedness"),
    sections=sections("""
        ## For halls with one key holder
        Most guidance supposes a security manager. Most halls have a caretaker, a treasurer and a cupboard. This model
        plan was made with eleven of them, and has been tried in four.

        ## Two evenings
        On the first, five people walk round the building and fill in page one and two. On the second they read the
        announcements aloud, ring the numbers and decide what to change. The plan is reviewed each autumn, when the
        heating is switched on.

        |= Who comes to the two evenings
        | Person | Brings | Takes away
        | Key holder | All keys, the alarm code | A second key holder
        | Somebody from each regular group | The size of the group, its habits | The announcements
        | A neighbour | A telephone number | The same of the hall
        | Somebody who finds stairs hard | Patience | A route that works

        ## What may be left out
        Risk scores, organisation charts and anything that begins with “in accordance with”. If a page has not been
        touched in two reviews, throw it away.
    """),
)

STRUCTURES_2025 = DemoPaper(
    key="temporary-structures-2025",
    title="Interim advice on temporary structures, season of 2025",
    description="Kept for reference until the new edition was ready; its time has run out.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2025, 5, 12),
    marking="TLP:GREEN",
    file_name="temporary-structures-2025.pdf",
    page_target=4,
    publish_in_days=-550,
    cover="tents",
    expires_in_days=-40,
    place="site",
    chapters=("weather",),
    sections=sections("""
        ## Until the new edition
        This advice bridges one season. It repeats what was good in the old paper and adds three things that members
        asked for after the storms of last autumn.

        ## Three additions
        - Every structure above head height has one named person who may order it cleared or lowered.
        - The limit for wind hangs at the structure itself, in figures that can be read from two metres.
        - Inspection after each night, by daylight, before the crew comes to work on it.
    """),
)

STEWARD_RATIOS = DemoPaper(
    key="steward-ratios",
    title="How many stewards? A rule of thumb",
    description="Withdrawn: members used the rule where a calculation was needed.",
    folder="guidance",
    source=ASSOCIATION,
    original_date=date(2025, 6, 3),
    marking="TLP:GREEN",
    file_name="steward-ratios.pdf",
    page_target=3,
    publish_in_days=-520,
    cover="compass",
    withdrawn=True,
    chapters=("stewarding",),
    sections=sections("""
        ## A rule and its limits
        For a seated audience in a familiar building, many members begin with one steward for each hundred guests and
        then look at doors, stairs and the way home. The rule says nothing about a standing crowd, a site without walls,
        or an evening with alcohol.

        ## Better than a rule
        Mark every place where somebody must stand, every place that must be seen, and add relief. Count. The figure is
        nearly always higher than the rule, and it can be explained.
    """),
)

GUIDANCE_PAPERS = (
    NACTSO_ACT,
    CROWD_PRIMER,
    EVACUATION_PLANNING,
    STREET_DESIGN,
    RADIO_CARD,
    STEWARD_BRIEFING,
    FIRST_TEN_DAYS,
    QUEUES,
    REPORTING,
    WEATHER_TRIGGERS,
    NOBODY_LEFT,
    KEEPING_A_LOG,
    GENEVA,
    RIVERSIDE,
    MODEL_PLAN,
    STRUCTURES_2025,
    STEWARD_RATIOS,
)
