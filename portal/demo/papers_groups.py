"""The papers of the exercises group, the committee, the annual meeting, and the templates."""

from __future__ import annotations

from datetime import date

from portal.demo.catalogue import ASSOCIATION, EXERCISES_GROUP, DemoPaper, DemoVersion
from portal.demo.outline import sections

POWER_TABLETOP = DemoPaper(
    key="tabletop-loss-of-power",
    title="Tabletop exercise: loss of power at a full house",
    description="A ready-made exercise of two and a half hours for an arena or theatre, with injects and notes for the "
    "person who runs it.",
    folder="exercises",
    source=EXERCISES_GROUP,
    original_date=date(2026, 11, 3),
    marking="TLP:AMBER",
    file_name="tabletop-loss-of-power.pdf",
    page_target=9,
    publish_in_days=-18,
    cover="stage",
    place="arena",
    chapters=("exercises", "evacuation", "radio"),
    sections=sections("""
        ## Aim and objectives
        The aim is to try out the first half hour after the mains fail at a full house. By the end the players should
        have made and explained three decisions: whether the show goes on, whether people stay in their seats, and who
        tells them what, without loudspeakers.

        ## How it runs
        |= The afternoon
        | Time | What happens
        | 14.00 | Welcome; the plan is on trial, the people are not
        | 14.10 | The setting: a December evening, nine thousand guests, frost
        | 14.20 | First injects, thirty minutes of exercise time
        | 15.20 | Pause with tea; the observers say nothing
        | 15.35 | Later injects: the batteries, the car park, a fall on the stairs
        | 16.10 | Debrief: what went well, what surprised us, what by Monday

        ## Injects
        - The house lights fail. Emergency lighting comes on. The band goes on playing, without amplification.
        - A steward says by radio that the lifts have stopped with people in one of them.
        - The caterer asks whether gas may be used for light.
        - The energy company says “between ten minutes and three hours”.
        - Guests in the upper tier begin to leave by the light of their telephones.
        - The battery of the radio repeater reports forty minutes.
        - A journalist asks on the telephone whether it is an attack.

        ## For the person who runs it
        Do not help. If the players ask what time it is, point at the clock. If they decide something that the building
        cannot do, let them find it out from facilities, who are in the room for that purpose. Stop ten minutes before
        you would like to.

        ## What other groups found
        - Nobody could say how long the emergency lighting lasts, and the label had been painted over.
        - The plan for announcements needed the system that had failed.
        - Telling people the truth within three minutes kept them in their seats.
    """),
)

TOOLKIT = DemoPaper(
    key="exercise-toolkit",
    title="Small exercises: a toolkit",
    description="Twelve exercises that need less than an hour, how to choose one, and how to learn from it.",
    folder="exercises",
    source=EXERCISES_GROUP,
    original_date=date(2026, 7, 9),
    marking="TLP:GREEN",
    file_name="small-exercises-toolkit.pdf",
    page_target=12,
    publish_in_days=-130,
    cover="compass",
    chapters=("exercises", "coordination", "preparedness"),
    sections=sections("""
        ## Why small
        Large exercises are postponed. Small ones happen. The twelve in this toolkit were each tried by at least three
        members, and most were over before anyone had found an excuse.

        ## The twelve
        |= An hour or less
        | Exercise | Minutes | Needs | Shows
        | Ring the list | 15 | A telephone | Which numbers are wrong
        | First sentence | 10 | A stopwatch | Who can say it
        | Lights out | 40 | Permission | Where the torches are
        | Find the door | 20 | A plan, a pushchair | Which routes are blocked
        | Silent radio | 15 | All sets | Who notices silence
        | Wrong gate | 30 | A volunteer who is lost | Whether names match
        | The empty chair | 45 | A deputy | Who can replace the duty manager
        | Two at once | 45 | Two envelopes | What is put off
        | The visitor | 30 | A friendly stranger | Whether people ask
        | Log race | 20 | A recording | What loggists leave out
        | Handover | 20 | Two shifts | What is lost
        | The long hour | 60 | Patience | What happens when nothing does

        ## Choosing
        Read the last three debriefs. Take the sentence that occurs in all of them, and pick the exercise that puts it
        to the test. If there are no debriefs, begin with “Ring the list”, which has never yet found nothing.
    """),
)

LOST_CHILD = DemoPaper(
    key="exercise-lost-child",
    title="Walk-through: a lost child on a busy Sunday",
    description="An exercise of an hour for stewards, welfare and control, gentle in tone and quick to prepare.",
    folder="exercises",
    source=EXERCISES_GROUP,
    original_date=date(2026, 5, 20),
    marking="TLP:GREEN",
    file_name="walk-through-lost-child.pdf",
    page_target=5,
    publish_in_days=-180,
    cover="tents",
    place="park",
    chapters=("stewarding",),
    sections=sections("""
        ## The story
        A father reports to a steward at an ice-cream stall that his daughter, six, in a yellow coat, has been gone for
        ten minutes. At the same time a yellow coat sits at the lost children’s point at the other end of the park and
        refuses to say her name.

        ## What to watch
        - How long until control knows of both?
        - Which words are used on the radio, and could a bystander learn from them where the child is?
        - Who stays with the father, and what is he told?
        - What is asked before the child is handed over?

        ## Afterwards
        Hold the debrief on the grass, at once. Most groups agree on two changes: a written form of words for the radio
        without names, and a second adult at the point.
    """),
)

RADIO_FAILURE = DemoPaper(
    key="exercise-radio-failure",
    title="Exercise: forty minutes without radio",
    description="What remains when the repeater fails during the departure of a full house. With the rules "
    "of play and three results.",
    folder="exercises",
    source=EXERCISES_GROUP,
    original_date=date(2026, 9, 14),
    marking="TLP:AMBER",
    file_name="forty-minutes-without-radio.pdf",
    page_target=6,
    publish_in_days=-62,
    cover="radio",
    place="arena",
    chapters=("radio", "exercises"),
    sections=sections("""
        ## The setting
        It is ten to eleven, the last song has begun, and the sets fall silent one after another. The exercise asks
        three things: who notices, how the fallback is declared, and whether the way home goes on without being
        steered.

        ## Rules of play
        Sets are not switched off but laid on the table, face down, at the minute given on a slip of paper. Telephones
        may be used, though the leader says at once that the network is full. Runners really run.

        ## What three venues found
        |= Minutes from silence to fallback
        | Venue | Noticed | Declared | Every post reached
        | A hall with fixed telephones | 3 | 5 | 11
        | A stadium with runners | 6 | 9 | 24
        | A site with neither | 8 | 19 | Not within the exercise

        ## To change by Monday
        Each post now has a sentence on its card that begins “If I have heard nothing for ten minutes”. Control has a
        whistle, a bicycle and a list of fixed telephones that ring.
    """),
)

COPPER_LANTERN = DemoPaper(
    key="exercise-copper-lantern",
    title="Exercise Copper Lantern: report",
    description="The report of a live exercise with four organisations in an invented city centre, with findings about "
    "each of them.",
    folder="exercises",
    source=EXERCISES_GROUP,
    original_date=date(2026, 9, 28),
    marking="TLP:AMBER+STRICT",
    file_name="copper-lantern-report.pdf",
    page_target=15,
    publish_in_days=-48,
    cover="lanterns",
    place="square",
    caveat="OFFICIAL: shared by the planning partners for internal learning",
    chapters=("coordination", "exercises", "crowds", "radio"),
    sections=sections("""
        ## Summary
        On a Sunday morning in September a hundred and forty volunteers, a theatre, a tram operator, a shopping centre
        and a council tried to bring people indoors from a square and to look after them there for two hours. Doors
        closed within six minutes. Warm drinks took an hour and a half.

        ## Objectives and results
        |= What was tried
        | Objective | Result | Remark
        | Decide and announce within four minutes | Met | Three different wordings were used
        | Bring the square indoors within ten | Met | One door opened outwards into the queue
        | Shared picture within twenty | Partly | Two maps with different names for the square
        | Care for two hours | Not met | No one had the key to the kitchen
        | Stand down together | Met | The tram ran nine minutes too early

        ## Decisions
        The theatre’s manager decided alone and at once, as the plan provides. The shopping centre waited for the
        council and the council waited for a call from the police, who were not part of the exercise. The waiting cost
        seven minutes which the volunteers spent in drizzle.

        ## Inside
        People indoors want three things in this order: to know why, to reach somebody, to find a toilet. Where these
        were answered within ten minutes, nobody tried to leave. Where they were not, stewards spent their strength on
        the doors.

        ## Actions
        - One wording for moving indoors, agreed by all four, in the pocket of every supervisor.
        - One map, with the names that people use.
        - Keys for the kitchens of all three buildings with the duty managers.
        - The tram starts on a call from the square, and on nothing else.
    """),
)

OBSERVER_NOTES = DemoPaper(
    key="observer-notes-stadium",
    title="Observers’ notes: emptying one stand",
    description="What nine observers saw while one stand of a stadium was cleared after a friendly match.",
    folder="exercises",
    source=EXERCISES_GROUP,
    original_date=date(2026, 8, 17),
    marking="TLP:AMBER",
    file_name="observers-notes-one-stand.pdf",
    page_target=7,
    publish_in_days=-88,
    cover="stadium",
    place="stadium",
    caveat="OFFICIAL-SENSITIVE: exercise planners and the host club",
    chapters=("evacuation", "crowds"),
    sections=sections("""
        ## What was done
        After a friendly match in August, 3,900 people in the east stand were asked to leave by the doors that they had
        not come in by. They knew that it was a trial and had been promised tea. Nine observers stood at the doors, on
        the stairs and among the rows.

        ## Times
        |= Minutes after the announcement
        | What was seen | First | Half | Last
        | Stood up | 0.3 | 1.4 | 4.0
        | Left the row | 0.8 | 3.1 | 7.5
        | Passed the door | 1.6 | 6.2 | 11.9
        | Reached the tea | 3.5 | 9.8 | 18.4

        ## Remarks
        - People waited for their row to move, even where the next row was empty.
        - A steward who walked ahead was followed. A steward who pointed was not.
        - The widest door served the fewest, because nobody could see it from the seats.
        - Families went last and in good spirits.
    """),
)

INJECTS = DemoPaper(
    key="exercise-timetable-injects",
    title="Timetable and injects: a workbook",
    description="Sheets for planning an exercise: timetable, injects, players, and actions with owner and date.",
    folder="exercises",
    source=EXERCISES_GROUP,
    original_date=date(2026, 6, 30),
    marking="TLP:GREEN",
    kind="xlsx",
    file_name="exercise-timetable-and-injects.xlsx",
    page_target=5,
    publish_in_days=-145,
    sections=sections("""
        ## Timetable
        One line for each step, with the real time and the time of the exercise.

        |= The afternoon, as an example
        | Real time | Exercise time | Step | Who leads
        | 13.30 | – | Room, maps and tea are ready | Host
        | 14.00 | – | Welcome and rules | Exercise leader
        | 14.15 | 19.40 | The doors are open, rain begins | Exercise leader
        | 14.25 | 19.52 | First inject | Control cell
        | 15.10 | 20.30 | The show is stopped, or not | Players
        | 15.45 | 21.10 | End of exercise | Exercise leader
        | 15.50 | – | First debrief, while it is fresh | Observer

        ## Injects
        Prepare more than you need. Strike out those that the players reach by themselves.

        |= Injects, with what they should bring about
        | Number | Exercise time | From | Text | Should lead to
        | 1 | 19.52 | Gate B | Queue has reached the tram stop | Decision on opening a lane
        | 2 | 19.58 | Tram operator | Next tram in three minutes | Holding the tram
        | 3 | 20.07 | Stage manager | Artist asks for ten minutes more | Message to the queue
        | 4 | 20.15 | First aid | Two patients at the same spot | Look at the cause
        | 5 | 20.21 | Public | A guest films an argument with a steward | Supervisor sent
        | 6 | 20.24 | Control | Loggist feels unwell | Relief, handover of the log

        ## Players
        Roles and not persons, so that deputies can take part.

        |= Who plays what
        | Role | Plays | May decide alone | Deputy
        | Duty manager | Self | Stop, delay, open | Safety officer
        | Head steward | Self | Move stewards | Zone supervisor
        | Control | Two people | Priority on the channel | Loggist
        | Tram operator | Guest | Hold a tram | By telephone

        ## Actions
        A lesson without a name and a date is a remark.

        |= What we shall change
        | Number | Lesson | Change | Owner | By | Done
        | 1 | Gate names differ on two plans | One plan, reissued | Safety officer | In two weeks | No
        | 2 | Nobody could relieve the loggist | Train two more | Head steward | In two months | No
        | 3 | Message to the queue took nine minutes | Prepared texts at the gate | Front of house | At once | Yes
    """),
)

BUDGET = DemoPaper(
    key="budget-2026-27",
    title="Budget for 2026–27",
    description="The treasurer’s proposal for the year that began in October, with fees unchanged "
    "and one new post of two days a week.",
    folder="committee",
    source=ASSOCIATION,
    original_date=date(2026, 11, 9),
    marking="TLP:AMBER",
    file_name="budget-2026-27.pdf",
    page_target=2,
    publish_in_days=-12,
    cover="clock",
    sections=sections("""
        ## Proposal
        The committee is asked to adopt a budget of £118,400, of which £2,000 comes from the reserve. Fees stay as
        they are. The surplus of two years allows the association to employ a training coordinator on two days a week,
        at first until the end of 2028.

        ## Income
        |= Income, in pounds
        | Item | 2024–25 | 2025–26 | Proposed
        | Membership fees | 60,400 | 65,800 | 69,500
        | Courses | 23,900 | 28,700 | 33,000
        | Meetings | 8,700 | 9,200 | 9,400
        | Grants and gifts | 5,000 | 4,000 | 4,500
        | From the reserve | 0 | 0 | 2,000
        | Total | 98,000 | 107,700 | 118,400

        ## Spending
        |= Spending, in pounds
        | Item | 2024–25 | 2025–26 | Proposed
        | Secretariat | 38,100 | 39,900 | 41,300
        | Training coordinator | 0 | 0 | 14,300
        | Courses and trainers | 19,400 | 22,300 | 26,400
        | Meetings and travel | 13,900 | 15,500 | 15,400
        | Website, insurance, audit | 9,600 | 10,600 | 11,000
        | Exercises | 8,200 | 9,700 | 10,000
        | To the reserve | 8,800 | 9,700 | 0
        | Total | 98,000 | 107,700 | 118,400

        ## What could go otherwise
        The largest doubt is the income from courses. If one course in four is not filled, the year closes with a loss
        of about £6,000, which the reserve can bear once and not twice. The treasurer will report in June and, if need
        be, propose to hold the post at one day.

        ## What members get for their fee
        Of each pound that is spent, forty-seven pence goes to people, twenty-two to courses, thirteen to meetings,
        nine to website, insurance and audit, and eight to exercises. Three years ago meetings cost more than courses.
        The change was intended, and members noticed it: in the spring survey courses were named first among the
        reasons for staying.

        ## Decisions asked for
        - Adopt the budget.
        - Keep fees at £84 for full members, £48 for associates and £12 for students.
        - Advertise the post of training coordinator in January.
    """),
)

RISK_REGISTER = DemoPaper(
    key="risk-register",
    title="The association’s own risks",
    description="What could hurt the association, how likely the committee thinks it is, and what is done about it.",
    folder="committee",
    source=ASSOCIATION,
    original_date=date(2026, 9, 9),
    marking="TLP:AMBER+STRICT",
    file_name="risk-register-2026.pdf",
    page_target=4,
    publish_in_days=-70,
    cover="map",
    chapters=("records",),
    sections=sections("""
        ## The register
        |= Risks, most serious first
        | Risk | Likely | Serious | What we do | Owner
        | A paper reaches the wrong reader | Sometimes | Very | Markings, record, review of rights | Secretary
        | Key volunteer falls ill | Often | Rather | Deputies named, handover notes | Chair
        | Course cancelled at short notice | Sometimes | Rather | Insurance, spare trainer | Training lead
        | Advice is misunderstood and somebody is hurt | Rarely | Very | Review by two members, expiry dates | Editor
        | Loss of a large employer | Rarely | Rather | More individual members | Treasurer

        ## Changed since June
        The first risk has moved up, not because anything has happened, but because we share more than before. The
        committee asks for a list of all papers that nobody has opened for a year, in order to withdraw those that
        nobody needs.

        ## Accepted
        The committee accepts that a member may pass on what they have read. Markings, a name on each copy and plain
        speech make this rarer. No measure makes it impossible.
    """),
)

PANEL_REPORT = DemoPaper(
    key="panel-report-complaint",
    title="Report of the panel on a complaint",
    description="Findings of three members on a complaint about the use of a restricted paper. Named recipients only.",
    folder="committee",
    source=ASSOCIATION,
    original_date=date(2026, 10, 19),
    marking="TLP:RED",
    file_name="panel-report-2026-02.pdf",
    page_target=3,
    publish_in_days=-33,
    cover="doors",
    caveat="Personal data: do not print",
    recipients=("committee@example.org", "admin@example.org"),
    chapters=("records",),
    sections=sections("""
        ## The complaint
        All that follows is invented. In August a member firm complained that pictures of two pages of a paper marked
        for use within the reader’s organisation had been shown in a sales talk by another firm. The stamp on the
        pages could be read, and led to one copy.

        ## What the panel heard
        The holder of the copy said that a colleague had taken the pictures for a training day inside the firm, and that
        a third person had put them into the talk. The panel found this credible. The holder had not been careless with
        the file, but had not told the colleague what the marking means.

        ## Finding
        The terms of handling were broken, without intent. The harm was small, since the pages contain nothing that is
        not also in an older public paper.

        ## Proposal
        - Suspension of membership for three months.
        - A conversation with the firm’s management, held by the chair.
        - A page on the meaning of markings, in plain words, for every member.
    """),
)

MINUTES_MARCH = DemoPaper(
    key="minutes-2026-03",
    title="Minutes of the committee, March 2026",
    description="Election of officers, the year’s programme, and the rules for papers.",
    folder="committee-minutes",
    source=ASSOCIATION,
    original_date=date(2026, 3, 24),
    marking="TLP:GREEN",
    file_name="minutes-2026-03-24.pdf",
    page_target=2,
    publish_in_days=-230,
    cover="tables",
    sections=sections("""
        ## Present
        The chair, the treasurer, the secretary, the editor, the leads for training and exercises, and two members. Two
        apologies. The meeting began at six in the evening in Leeds and by video.

        ## 1. Officers
        The committee elected in February took office. The chair thanked the two members who had stepped down after
        nine years between them. Deputies were named for the secretary and the treasurer.

        ## 2. Programme for the year
        The programme with eleven courses, four exercises and two meetings was adopted. The committee asked for at least
        one course in each of the four nations within two years.

        ## 3. Rules for papers
        The editor presented the four markings and explained who may read what. After discussion it was agreed that
        everything is green unless its owner says otherwise, and that raising or lowering a marking needs a reason in
        writing.

        ## 4. Accounts
        The accounts for 2024–25 were received. The reserve stands at five months of spending, which the treasurer calls
        comfortable and the auditor calls adequate.

        ## 5. Any other business
        The next meeting is on 16 June. The meeting closed at ten to eight.

        ## Actions
        |= Who does what
        | Action | Owner | By
        | Publish the programme | Training lead | 10 April
        | Page on markings for members | Editor | 30 April
        | Look for a course venue in Wales | Secretary | June meeting
    """),
)

MINUTES_JUNE = DemoPaper(
    key="minutes-2026-06",
    title="Minutes of the committee, June 2026",
    description="Half-year figures, the summer’s exercises, and a reply to a consultation.",
    folder="committee-minutes",
    source=ASSOCIATION,
    original_date=date(2026, 6, 16),
    marking="TLP:GREEN",
    file_name="minutes-2026-06-16.pdf",
    page_target=2,
    publish_in_days=-150,
    cover="tables",
    sections=sections("""
        ## Present
        The chair, the treasurer, the secretary, the editor, the lead for exercises and three members. One apology. The
        minutes of March were approved with one correction to a name.

        ## 1. Figures
        There are 812 members, 37 more than a year ago, and eighteen applications wait for an answer. The secretary
        asked for help with references in July. Courses are filled to 84 per cent.

        ## 2. Exercises
        The tabletop on loss of power has been tried by three members and will be published in autumn. The live exercise
        in September has its partners and its insurance, and still needs sixty volunteers who do not mind rain.

        ## 3. Consultation
        The committee agreed on four points for a reply on guidance for protected premises: short texts, examples for
        small places, time to prepare, and money for training. The editor will write it and circulate it in October.

        ## 4. Annual meeting
        It will take place in Sheffield in February. The evening before is kept free for those who travel far.

        ## 5. Any other business
        The question whether dogs may be brought to meetings was decided in their favour, by five votes to two.

        ## Actions
        |= Who does what
        | Action | Owner | By
        | References for eighteen applications | Secretary, two members | 31 July
        | Call for volunteers | Lead for exercises | 1 July
        | First draft of the reply | Editor | 5 October
    """),
)

MINUTES_SEPTEMBER = DemoPaper(
    key="minutes-2026-09",
    title="Minutes of the committee, September 2026",
    description="The Riverside review, the risk register, and a first look at next year’s budget.",
    folder="committee-minutes",
    source=ASSOCIATION,
    original_date=date(2026, 9, 15),
    marking="TLP:AMBER",
    file_name="minutes-2026-09-15.pdf",
    page_target=2,
    publish_in_days=-60,
    cover="tables",
    sections=sections("""
        ## Present
        The chair, the treasurer, the secretary, the editor, the leads for training and exercises, and one member. Three
        apologies. The minutes of June were approved.

        ## 1. Riverside
        The chair of the review panel reported on the state of its work. The full review goes to named recipients in
        October; a summary for all members follows in the same week. The committee thanked those who had given evidence,
        several of whom had not been asked to.

        ## 2. Risks
        The register was gone through line by line. The committee moved the risk of a paper reaching the wrong reader to
        the top, and asked the secretary to review all rights once a year, in January.

        ## 3. Budget
        The treasurer showed a first draft. The post of a training coordinator found general support. Two members asked
        for a plan in case income falls short, which the treasurer promised for November.

        ## 4. Exercise Copper Lantern
        All volunteers have been found. The lead for exercises reported that rain is expected and welcome.

        ## Actions
        |= Who does what
        | Action | Owner | By
        | Summary of the review for members | Editor | 8 October
        | Review of rights | Secretary | January
        | Budget with a fallback | Treasurer | November meeting
    """),
)

AGENDA = DemoPaper(
    key="annual-meeting-agenda",
    title="Annual meeting 2027: agenda and travel",
    description="Sheffield, 19 February 2027: the order of the day, how to get there, how to vote by proxy.",
    folder="annual-meeting",
    source=ASSOCIATION,
    original_date=date(2026, 11, 13),
    marking="TLP:CLEAR",
    file_name="annual-meeting-2027-agenda.pdf",
    page_target=2,
    publish_in_days=-8,
    cover="tables",
    sections=sections("""
        ## The day
        |= Friday 19 February 2027
        | Time | Item
        | 09.30 | Doors, coffee, registration
        | 10.00 | Welcome by the chair, and thanks
        | 10.15 | Report of the year, accounts, report of the auditor
        | 11.00 | Election of three members of the committee
        | 11.30 | Motions
        | 12.30 | Lunch
        | 13.30 | Three talks: stairs, sleep, and the art of stopping a show
        | 15.30 | Walk through the host’s building with the lights off
        | 16.30 | End

        ## Motions and nominations
        Motions need two members and one sentence, and reach the secretary by 15 January. Nominations need the consent
        of the person nominated. Both are published in this folder a fortnight before the meeting.

        ## Proxy
        Whoever cannot come may give a vote in writing to another member. One person may carry three.

        ## Getting there
        The hall is eight minutes on foot from the railway station, without steps by way of the north exit. There are
        two parking places for guests with a badge. Please tell us by the end of January what you need: a loop, a seat
        near the door, an interpreter, a room for a child.
    """),
)

ANNUAL_REPORT = DemoPaper(
    key="annual-report-2026",
    title="Annual report 2025–26",
    description="What the association did from October 2025 to September 2026, for members and for anyone who asks.",
    folder="annual-meeting",
    source=ASSOCIATION,
    original_date=date(2026, 11, 2),
    marking="TLP:CLEAR",
    file_name="annual-report-2025-26.pdf",
    page_target=8,
    publish_in_days=-15,
    cover="arches",
    chapters=("preparedness", "exercises"),
    sections=sections("""
        ## From the chair
        It was a year of small things done often. Members held more exercises than ever, most of them shorter than an
        hour. More papers were shared, and more of them were read. We lost two colleagues whom we had counted on, and
        found out how much had lived in their heads.

        ## The year in figures
        |= Members and activities
        | What | 2024–25 | 2025–26
        | Members at the end of the year | 775 | 823
        | Applications approved | 91 | 104
        | Courses held | 9 | 11
        | People trained | 168 | 214
        | Exercises by the group | 3 | 5
        | Papers shared | 19 | 27

        ## Training
        Eleven courses took place in six cities. The most popular was the shortest: half a day on how crowds move, with
        tape on the floor. Two courses were cancelled for want of participants, both in December, and we shall not try
        December again.

        ## Exercises
        The group wrote a toolkit of small exercises, led four tabletops and one live exercise, and visited colleagues
        abroad. Its rule is that each exercise ends with one thing changed by Monday. The rule was kept nine times in
        ten.

        ## Consultations
        We replied to three consultations. In each we asked for texts that a person with one key and one evening can
        follow. In one of them the published guidance has become a third shorter, and we like to believe that it was us.

        ## Money
        The accounts close with a surplus of £9,700, the second in a row. The committee proposes to use it for a
        coordinator of training. The auditor’s report is in the same folder.

        ## Thanks
        To everyone who gave evidence, held a stopwatch, baked, drove, translated, and to the caretakers who let us turn
        off their lights.
    """),
)

ACCOUNTS = DemoPaper(
    key="accounts-2026",
    title="Accounts and auditor’s report 2025–26",
    description="Income, spending, reserve, and what the honorary auditor has to say about them.",
    folder="annual-meeting",
    source=ASSOCIATION,
    original_date=date(2026, 11, 2),
    marking="TLP:GREEN",
    file_name="accounts-2025-26.pdf",
    page_target=2,
    publish_in_days=-15,
    cover="clock",
    sections=sections("""
        ## Income and spending
        |= Year to 30 September 2026, in pounds
        | Item | 2024–25 | 2025–26
        | Membership fees | 60,400 | 65,800
        | Courses | 23,900 | 28,700
        | Meetings | 8,700 | 9,200
        | Grants and gifts | 5,000 | 4,000
        | Income | 98,000 | 107,700
        | Secretariat | 38,100 | 39,900
        | Courses and trainers | 19,400 | 22,300
        | Meetings and travel | 13,900 | 15,500
        | Website, insurance, audit | 9,600 | 10,600
        | Exercises | 8,200 | 9,700
        | Spending | 89,200 | 98,000
        | Surplus | 8,800 | 9,700

        ## Reserve
        The reserve has grown to £48,600, about six months of spending. The rules ask for no less than three.

        ## The honorary auditor
        I have looked at the books, the bank statements and forty receipts chosen by rolling dice. Everything was in its
        place, with one exception of £11.40 for biscuits, since explained. I recommend that the meeting adopt the
        accounts, and that two people should hold the key to the bank, not one and a half.
    """),
)

WHO_IS_COMING = DemoPaper(
    key="annual-meeting-2025-guests",
    title="Who is coming to the annual meeting of 2025",
    description="Names, trains and what people eat, for those who drove, cooked and met people at the station.",
    folder="annual-meeting",
    source=ASSOCIATION,
    original_date=date(2025, 10, 6),
    marking="TLP:GREEN",
    file_name="annual-meeting-2025-guests.pdf",
    page_target=2,
    publish_in_days=-410,
    expires_in_days=-370,
    cover="clock",
    chapters=("access",),
    sections=sections("""
        ## Who meets whom
        |= Arrivals on the Friday
        | Train | Guests | Met by
        | 14.12 | Four from the north | The stewards’ group
        | 15.40 | Seven from the coast | Two cars from the arena
        | 17.05 | One with a wheelchair | The town’s own bus

        ## At the table
        Eleven of the guests eat no meat, three no nuts and one no garlic. The kitchen has the names; please do not read
        them out.

        ## How long this list is kept
        It was made for one weekend and holds what people told us in confidence. It goes from the members’ view when the
        meeting is over, and ninety days later the file is destroyed.
    """),
)

SLIDES = DemoPaper(
    key="annual-meeting-slides",
    title="The year in ten pictures",
    description="Slides for local meetings: what the association did, what it plans, and how to take part.",
    folder="annual-meeting",
    source=ASSOCIATION,
    original_date=date(2026, 11, 6),
    marking="TLP:GREEN",
    kind="pptx",
    file_name="the-year-in-ten-pictures.pptx",
    page_target=10,
    publish_in_days=-14,
    sections=sections("""
        ## Who we are
        - 823 members in venues, councils, festivals and universities
        - One secretary, one part-time editor, many volunteers
        - Founded in a station buffet after a missed train

        ## What we promised
        - More courses outside the large cities
        - Exercises that fit into an hour
        - Papers that can be found again

        ## What we did
        - Eleven courses, six cities, 214 people
        - Five exercises, one of them in the rain
        - Twenty-seven papers in the File Share

        ## What we learned about crowds
        - People can say how freely they move; they cannot count
        - A scale of five steps ends most arguments
        - Relief has to be made upstream

        ## What we learned about radios
        - Posts have names, and people have breaks
        - Silence is a message as well
        - Forty minutes without a set are survivable, with a bicycle

        ## What we learned about ourselves
        - Too much lived in two people’s heads
        - Deputies are now named, and are practising
        - December is no month for courses

        ## What comes next
        - A coordinator for training, two days a week
        - A model plan for small venues
        - The annual meeting in Sheffield on 19 February

        ## How to take part
        - Join a course, or host one
        - Try an exercise from the toolkit and tell us what failed
        - Write down one near miss

        ## Questions
        - What should we stop doing?
        - Which paper did you look for in vain?
        - Whom should we invite?
    """),
)

BRIEFING_SHEET = DemoPaper(
    key="template-briefing-sheet",
    title="Template: briefing sheet for an event",
    description="One page to fill in, print and read aloud. Change it to suit your place.",
    folder="templates",
    source=ASSOCIATION,
    original_date=date(2026, 3, 30),
    marking="TLP:CLEAR",
    kind="docx",
    file_name="template-briefing-sheet.docx",
    page_target=2,
    publish_in_days=-228,
    sections=sections("""
        ## The event
        |= Fill in before printing
        | Question | Answer
        | What is it, and for whom? |
        | How many are expected, and when is the peak? |
        | Gates open, show begins, show ends |
        | Last train, last bus, and from where |

        ## People
        |= Names and call signs
        | Role | Name | Call sign
        | Duty manager | |
        | Safety officer | |
        | Head steward | |
        | First aid | |
        | Control | |

        ## What is different today
        Two or three sentences. If nothing comes to mind, walk round once more before you write that there is nothing.

        ## What worries us
        Not more than three things, with what we would do about each.

        ## Words
        - The priority word is read out, and everyone says it once.
        - The text for a delay and the text for a stop are on the back.
        - Questions from guests that we cannot answer go to the information point, and not into the radio.

        ## At the end
        Sets and jackets are handed in by name. Near misses go on a card by the door. Thank people, and mean it.
    """),
)

DEBRIEF_FORM = DemoPaper(
    key="template-debrief",
    title="Template: debrief in half an hour",
    description="Questions and a table of actions for the first debrief, on the same evening.",
    folder="templates",
    source=EXERCISES_GROUP,
    original_date=date(2026, 7, 9),
    marking="TLP:GREEN",
    kind="docx",
    file_name="template-debrief.docx",
    page_target=2,
    publish_in_days=-130,
    sections=sections("""
        ## How to use this
        Read the questions aloud, one after another, and write down what is said without discussing it. The most junior
        person speaks first. After twenty minutes look at the list together and choose what has to change.

        ## Four questions
        - What went better than we had expected?
        - What surprised us?
        - What did somebody do that was not in the plan and should be?
        - What nearly went wrong?

        ## Actions
        |= Each with a name and a date
        | What will be different | Who | By when | How we shall know
        | | | |
        | | | |
        | | | |
        | | | |

        ## Before you go home
        Ask whether anyone saw something tonight that stays with them. Say whom they can ring tomorrow. Put the forms
        into the red folder, and the red folder into the safe.
    """),
)

LOG_SHEET = DemoPaper(
    key="template-log-sheet",
    title="Template: log sheet",
    description="To print on both sides and keep by the hundred.",
    folder="templates",
    source=ASSOCIATION,
    original_date=date(2025, 10, 15),
    marking="TLP:CLEAR",
    file_name="template-log-sheet.pdf",
    page_target=2,
    publish_in_days=-365,
    cover="clock",
    versions=(
        DemoVersion("First edition"),
        DemoVersion("A column for the reason of a decision"),
    ),
    sections=sections("""
        ## Head of the sheet
        |= To fill in at the start of the shift
        | Event | Date | Post | Loggist | Clock compared at
        | | | | |

        ## Entries {since 2}
        |= Time, source, fact, decision, reason, name
        | Time | Source | What was known | Decision | Reason | Name
        | | | | | |
        | | | | | |
        | | | | | |
        | | | | | |
        | | | | | |
        | | | | | |
        | | | | | |
        | | | | | |

        ## Rules
        - Write when it happens. If you write later, say so and give both times.
        - One line through a mistake, so that it can still be read, and your initials.
        - No opinions on colleagues, no names of patients.
        - Number the sheets. Hand them in, all of them, also the spoilt ones.
        - Say aloud when you are relieved, and write down by whom.
    """),
)

GROUP_PAPERS = (
    POWER_TABLETOP,
    TOOLKIT,
    LOST_CHILD,
    RADIO_FAILURE,
    COPPER_LANTERN,
    OBSERVER_NOTES,
    INJECTS,
    BUDGET,
    RISK_REGISTER,
    PANEL_REPORT,
    MINUTES_MARCH,
    MINUTES_JUNE,
    MINUTES_SEPTEMBER,
    AGENDA,
    ANNUAL_REPORT,
    ACCOUNTS,
    WHO_IS_COMING,
    SLIDES,
    BRIEFING_SHEET,
    DEBRIEF_FORM,
    LOG_SHEET,
)
