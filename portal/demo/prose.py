"""The library of topical chapters from which the sample papers are filled up to their length.

General advice of the kind that any public leaflet gives, and nothing that would help anybody to do harm. `{place}`
stands for the kind of place that a paper is about.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from portal.demo.outline import DemoSection, sections


@dataclass(frozen=True)
class DemoChapter:
    key: str
    title: str
    figure: str
    opening: str
    sections: tuple[DemoSection, ...]


def _chapter(key: str, title: str, figure: str, text: str) -> DemoChapter:
    opening, _, rest = inspect.cleandoc(text).partition("## ")
    return DemoChapter(key, title, figure, " ".join(opening.split()), sections("## " + rest))


CROWDS = _chapter(
    "crowds",
    "How crowds move",
    "density",
    """
    A crowd is not one large animal. It is several thousand people who each want something ordinary: to see, to meet
    somebody, to buy a drink, to get home. Most of what goes wrong begins where the {place} makes two of those ordinary
    wishes meet in a space that was built for one.

    ## Count space before you count people
    Start with the floor. Measure what a person can really stand on, take away the bins, the queue for coffee and the
    pillar that blocks the view, and only then divide. A figure taken from the licence describes the building on paper;
    a figure taken with a tape on the morning describes tonight.

    Density is a local matter. A square that is half empty on average may be dangerously full at its one good corner,
    so give each zone its own limit, its own watcher and its own trigger, and let nobody answer for the average.

    ## Arrivals and departures are different crowds
    People come in over two hours and leave in fifteen minutes. On the way in they are patient, looking for signs and
    holding tickets. On the way out they follow the person in front and the way they came, even where a nearer exit
    stands open beside them.

    Plan the departure first. The widths, the lighting, the last trains and the place where taxis wait decide how the
    evening ends, and none of them can be changed after the final song.

    ## What to watch for
    Trained eyes see trouble early. Movement that slows and then sways, people who raise their arms to breathe, gaps
    that close against a barrier, a murmur that turns into calls for help: each of these is a reason to act before the
    number on the counter says so.

    Give spotters one simple scale, from free movement to no movement, with a picture for each step, and ask them to
    report the step and the direction of change. “Four and rising at the north stair” is worth more than a paragraph.

    ## Slow the flow far from the pinch
    Once people are pressed together, the ones at the back cannot know it and the ones in front cannot undo it. Relief
    has to be made upstream: hold a gate, open a second route, stop the escalator, delay the support act, ask the
    station to keep its doors shut for five minutes.

    Every one of those holding points needs a name, a person, a radio call and a plan for the people who are being
    held. A queue that is told why it waits, and for how long, will wait twice as well.

    ## Words before barriers
    Barriers shape a crowd, but information moves it. A large screen that says which entrance is quiet empties the busy
    one within minutes. A friendly voice at head height does more than a fence, and costs less to store.

    Keep messages short, true and repeated: what has happened, what to do, what comes next. Do not hide a delay. People
    forgive waiting; they do not forgive finding out that they were kept waiting without a word.

    ## Case: The second kiosk
    At an invented harbour fair, queues for food crossed the only path from the ferry. Stewards spent two evenings
    asking people to move along. On the third, somebody turned the kiosk round so that its queue ran along the quay.
    The crossing was clear in ten minutes, nobody had been spoken to, and the stewards went back to watching the water.

    ## Checklist: Before the gates open
    - Each zone has a measured capacity, a watcher and a trigger for action.
    - The way out has been walked at dusk, with the lights that will be on.
    - Holding points are named on the plan and known to the control room.
    - Somebody may delay the start, and everybody knows who it is.
    - The messages for a delay and for a stop are written and within reach.
    - Transport operators have the finishing time and a number to ring.

    ## Questions: To talk over with your team
    - Where did people stand last year that we had not planned for?
    - Which of our routes carries two flows, and when do they meet?
    - How would the person at the furthest gate learn that we are full?
    - Who has the right to stop the show, and have they ever practised?

    ## Who watches what
    A watch that everybody keeps is a watch that nobody keeps. Divide it, write it down and rotate it, because
    attention fades after about forty minutes whatever the person says.

    |= A simple division of the watch
    | Place | Watcher | Looks for | Tells
    | Entrances | Gate supervisor | Queue length, mood, late surge | Control room, every ten minutes
    | Front of stage | Pit supervisor | Sway, pressure, people lifted out | Stage manager at once
    | Routes and stairs | Zone stewards | Slow movement, cross flow | Zone supervisor
    | Outside | Liaison at the station | Platforms, road crossings | Control room and operator
    """,
)

EVACUATION = _chapter(
    "evacuation",
    "Out, in, or stay",
    "routes",
    """
    The word evacuation makes people think of one movement: everybody, at once, out of the nearest door. A good plan
    has at least three answers, because there are days on which the pavement is more dangerous than the {place}.

    ## Three answers, not one
    Full evacuation empties the place. Partial evacuation moves people from the part that is affected to a part that is
    not. Moving people in, or keeping them in, protects them from something outside. Each has its own announcement, its
    own routes and its own sign that it is over.

    Decide in daylight which signs call for which answer, and who decides. On the night there is time to choose from a
    list; there is no time to write one.

    ## The first two minutes
    People hesitate. They finish the drink, look for their coat, ask their friends whether it is real. Research and
    experience agree that this pause is longer than the walk, and that a live voice which says what has happened and
    what to do shortens it more than any bell.

    Staff hesitate too, and their hesitation is seen. Those who have rehearsed their first sentence say it; those who
    have only read the plan look for a supervisor. Rehearse the sentence.

    ## Routes that people believe in
    Guests leave by the door they entered. If the plan needs them to use another, it must be lit, open, staffed and
    visible from where they stand, and somebody must walk through it first. A sign above a closed door persuades few.

    Walk every route yourself, with a pushchair, and write down what you had to step round. What lies there on a
    quiet Tuesday will lie there on the night, and there will be more of it.

    ## Where they arrive
    An assembly point is a promise that someone will be there: to count, to comfort, to keep the road clear and to say
    what happens next. A field without that person is only a place where a crowd gets cold.

    Choose two, in different directions, out of sight of the building and with room for more than you expect. Agree them
    with the neighbours who own the ground and with the services who will want to drive across it.

    ## Coming back, or going home
    The end of an evacuation deserves as much planning as its start. Decide who declares the place safe to enter, how
    tickets are checked again, where lost property and lost people are reunited, and how those who do not want to
    return get home without their coats.

    If people are sent home, tell them when they will hear more and from whom. The first honest sentence on the site of
    the {place} should be there before the first guest is home.

    ## Case: The locked gallery
    In an invented museum a small fire in the café was out before the engines came, yet eleven visitors were found
    forty minutes later in a gallery whose doors had been shut to keep smoke out. Nobody had been told to look behind
    a closed door. The plan now gives each door that closes by itself a person who opens it once more and calls.

    ## Checklist: A plan that can be used
    - Announcements for all three answers are written, recorded and also spoken live.
    - Every member of staff can say their own first sentence without a card.
    - Two assembly points are agreed with owners, neighbours and services.
    - Somebody counts, and there is a figure to count against.
    - Doors that close on their own are checked by a named person.
    - The plan says who ends it, and how guests will hear.

    ## Questions: To ask on a walk round
    - Which exit would I never have found by myself?
    - What would stop us from moving people inside and locking the doors behind them?
    - Who is in the building at three in the afternoon that the evening plan forgets?
    - Where would four hundred people stand if the car park were closed?

    ## Triggers and answers
    A trigger is an observation that needs no discussion. Write them in words that a new colleague understands, and
    keep the list to one page.

    |= Examples of triggers agreed beforehand
    | What is seen | First answer | Who may say it
    | Smoke or fire in one zone | Clear that zone and those beside it | Zone supervisor
    | Alarm without a known cause | Hold, look, decide within two minutes | Duty manager
    | Danger in the street outside | Bring people in and close the doors | Any supervisor
    | Structure or roof in doubt | Clear the whole place | Safety officer
    """,
)

RADIO = _chapter(
    "radio",
    "Saying it once, clearly",
    "network",
    """
    Radios fail less often than the people who hold them. The set is usually charged and the mast usually stands; what
    is missing is a shared way of speaking, so that the one call that matters is heard among the forty that do not.

    ## Think, press, wait, speak
    The commonest lost word is the first one, swallowed because the speaker began before the channel opened. Teach the
    pause: press, breathe, then speak across the microphone and not into it. It takes one morning to learn and one noisy
    evening to prove.

    Say whom you are calling, who you are, where you are and what you need, in that order. If it takes more than two
    breaths, it is a conversation, and it belongs on another channel or on foot.

    ## Names that cannot be confused
    Call signs should describe the post and not the person, because people go for their break. “North gate” survives a
    change of shift; “Dave” does not. Avoid pairs that sound alike in wind, and test them outdoors with the generator
    running.

    Grid references, door numbers and level names must be the same on the map, on the wall and in the mouth. If the
    {place} has two doors called “three”, rename one before the season and not after the report.

    ## Repeating is not a weakness
    Ask for a read-back of anything with a number, a place or a direction in it. The person who repeats shows that they
    have heard; the person who listens has a chance to notice that they said left and meant right.

    Control keeps the rhythm. A controller who acknowledges quickly, in an even voice, makes a channel calm. One who
    answers late teaches everybody to call twice.

    ## Priority and silence
    Agree one word that clears the channel and use it for nothing else. When it is spoken, everyone else stops, and
    nobody starts again until control says so. Practise it weekly, because a word that is never used is not believed.

    Silence has a meaning as well. A post that has not been heard for twenty minutes is called, not assumed. Most of
    the time the battery is flat; sometimes it is not the battery.

    ## When the radio is gone
    Every plan needs the sentence that begins “if the radios fail”. Runners with bicycles, fixed telephones in marked
    places, messages by hand with the time written on them: old tools, and quick ones, provided that people know that
    they have been switched to.

    Mobile telephones are a comfort and not a plan. In a full {place} the network is slow exactly when you need it, and
    a group chat has no controller, no order and no log.

    ## Case: Two red gates
    During an invented street race a first-aider was sent to “the red gate” and stood for six minutes at the wrong one,
    since the sponsor had painted a second arch red that morning. Nobody had erred on the radio. The map now carries
    numbers, the arches carry the same numbers, and colour is left to the sponsor.

    ## Checklist: Issuing a set
    - The battery is full, a spare is signed for, and the earpiece is clean.
    - The holder has made one call and had one answer before leaving.
    - Channel, call sign and priority word are on a card on the back.
    - The holder knows whom to find on foot if the set dies.
    - Sets are counted out by name and counted in by name.

    ## Questions: After the event
    - Which call had to be made twice, and why?
    - Did anyone use a private telephone for something that control needed to hear?
    - How long was the longest time that a post was silent?
    - What did we call things that the map calls something else?

    ## One channel or several
    Several channels divide the noise and also the picture. Start with one, add a second when the first is busy for
    more than half of a minute, and give every added channel a listener in control.

    |= Channels for a middle-sized event
    | Channel | Who | For what
    | 1 Control | Supervisors, duty manager | Incidents and decisions
    | 2 Entrances | Gates, ticketing, search | Queues, counts, refusals
    | 3 Care | First aid, welfare, lost children | Patients and people, no names
    | 4 Works | Power, water, site crew | Faults and deliveries
    """,
)

STEWARDING = _chapter(
    "stewarding",
    "People in bright jackets",
    "rings",
    """
    For most guests the steward is the event. They meet nobody else in authority, and they judge the whole evening by
    whether that one person knew where the water was, and cared. It is also the steward who sees everything first.

    ## Brief people as if they could think
    A briefing that only lists duties makes a steward who waits for orders. Say what tonight is for, who will come, what
    worried us last time and what success looks like, and then the duties. People who know the reason improvise in the
    right direction.

    Keep it to ten minutes, standing, out of the wind, with a map that can be seen from the back. End with a question
    that must be answered aloud, such as where the nearest defibrillator is.

    ## Posts, breaks and eyes
    Nobody watches well for three hours. Plan relief every forty minutes for posts that observe, and more often in heat
    or cold. A relief list that depends on goodwill will leave the least popular post without a break.

    Turn people round. A steward who faces the stage sees the band; a steward who faces the guests sees the guests. It
    sounds obvious, and on most evenings it has to be said again.

    ## Courtesy as a method
    Look up, greet, then ask. A person who has been greeted is remembered, knows that they have been seen, and is easier
    to help later. Those who mean well are pleased; those who do not have lost their cover without anybody having
    accused them of a thing.

    Refusals are easier beside a colleague, a little away from the queue, and with the reason given once. Offer the way
    back in where there is one: the locker, the later entry, the number to ring.

    ## Reporting what does not look right
    Staff hesitate to report because they fear to look foolish or unfair. Give them words that describe and do not
    judge: what was seen, where, when, doing what. How a person looks is not a reason; what a person does may be.

    Thank every report, including the nine that turn out to be a lost tourist. The tenth is only made by someone whose
    first was taken seriously.

    ## Volunteers and agency staff
    A third of the people in jackets may be here for the first time. Pair them with someone who is not, give them the
    simple posts near help, and check on the hour. Do not put the newest person at the furthest gate because nobody
    else wanted it.

    Ask agencies for names and training two weeks before, not numbers on the morning. A count of heads is not a plan
    for them.

    ## Case: The woman with the map
    At an invented garden festival one volunteer drew her own map of the site, with every tap, bench and shaded wall.
    By Sunday it had been copied for all ninety stewards. Complaints about queues fell, because a steward with
    something useful to say does not need to say “move along”.

    ## Checklist: The ten-minute briefing
    - What is tonight, how many people, and what are they like?
    - What has changed since yesterday, including the weather?
    - Where are you, whom do you answer to, and who relieves you when?
    - What are the three words or signals that change everything?
    - Where are first aid, water, the quiet room and the lost children’s point?
    - Ask one of them to say it back.

    ## Questions: For supervisors
    - Which post do people try to avoid, and what would make it better?
    - When did we last thank somebody for a report that came to nothing?
    - Could a steward with little English follow our briefing?
    - Who noticed the most last season, and have we asked how?

    ## Levels of training
    Not everyone needs everything. What matters is that each person has the training for the post they stand on, and
    that somebody has checked it this year.

    |= What each role needs at the least
    | Role | Before the first shift | Within the year
    | Volunteer guide | Site walk, briefing, how to call for help | Conflict at the counter
    | Steward | The above, crowd signs, first sentence | Evacuation drill, awareness course
    | Supervisor | The above, radio, log keeping | Tabletop exercise, welfare of staff
    | Duty manager | The above, decisions on stopping | Multi-agency exercise
    """,
)

STREETS = _chapter(
    "streets",
    "Streets for people on foot",
    "layers",
    """
    Keeping vehicles and people apart is first of all good street design. A pavement that is wide, a crossing where
    people cross and a delivery that comes in the morning prevent far more harm than any special measure, and they
    prevent it every day of the year.

    ## Begin with the ordinary risks
    Most injuries by vehicles at events come from reversing vans, lost taxis and drivers in a hurry. A plan that deals
    with these, by separating times and routes, already does much of the work against rarer and more deliberate harm.

    Draw one map of everything on wheels, from the catering lorry to the mobility scooter, with times. Conflicts that
    nobody has noticed for years become visible as soon as they are in the same picture.

    ## Ask for advice early
    Measures against deliberate attack are a matter for qualified advisers and for products that have been tested to
    recognised standards. The police can point to advisers; the owner of the road has to agree; so do those who run
    buses and drive fire engines. All of this takes months, and none of it is improved by hurry.

    Bring the adviser a clear question: what we want to protect, at which times, what must still pass, and for how many
    years. The answer to a vague question is usually expensive.

    ## Beauty is allowed
    Planters, seats, steps, trees and cycle stands can be made to do their share, if they are designed and fixed for it
    by people who know how. Streets that look like fortresses frighten guests and, in the end, empty the {place} that
    they were meant to protect.

    What looks strong is not always so. An ornament that has not been tested is an ornament, and should not be written
    into a plan as anything else.

    ## Temporary closures
    A closure for one evening needs the order from the authority, the signs, the people and the plan for residents who
    come home in the middle of it. Walk it with a wheelchair user: a line of barriers that keeps out a lorry and also
    a neighbour has not been finished.

    Someone must be able to open each closure for an ambulance, at once, without a search for a key. Write the name of
    that person on the plan and practise the opening.

    ## Queues and gathering places
    Wherever people wait, they are exposed: to weather, to traffic, to boredom. Move the queue off the kerb, bring it
    behind something solid that was there anyway, shorten it by opening earlier, or remove it by timed entry.

    The area outside the gates belongs to nobody in most plans. Agree with the council and the neighbours who looks
    after it, up to where, and until when at night.

    ## Case: The market that moved its vans
    In an invented town the Saturday market unloaded until ten, while shoppers came from nine. For years one steward
    was posted to shout. Then traders were offered free coffee before eight. Nine of ten came early, the street was
    closed at half past eight, and the steward now helps people to cross.

    ## Checklist: For a street or square
    - One map shows all vehicles, times, queues and crossings.
    - The owner of the road, the police and the bus operator have seen it.
    - Emergency access has been driven, with barriers in place.
    - People with wheelchairs, pushchairs and sticks can pass every line.
    - Any protective product is tested, installed as tested, and inspected.
    - Somebody owns the space between the gate and the station.

    ## Questions: To begin a conversation
    - Which vehicle has to be here at all while guests are present?
    - Where do people step into the road, and why there?
    - What would we do in the same street if there were no threat, only children?
    - Who will still look after these measures in five years?

    ## Layers that support each other
    No single measure is enough, and none has to be perfect where others stand behind it. Think in layers from the edge
    of the town to the front row.

    |= Layers, from far to near
    | Layer | Examples | Who leads
    | Journey | Parking away from the site, buses, clear signs | Council and operators
    | Street | Lower speeds, timed deliveries, closures | Highway authority
    | Edge | Kerbs, planters, tested barriers, staffed openings | Organiser with advisers
    | Inside | Separate service routes, spotters for reversing | Site manager
    """,
)

CARE = _chapter(
    "care",
    "Care after a bad day",
    "timeline",
    """
    When the ambulances have gone, a large number of people are left who have no wound that anyone can see. Guests,
    families, stewards, cleaners and the person who made the decision all go home with something. What is done for them
    in the first days decides how many carry it for years.

    ## Safety, calm, contact, hope
    Most people recover with the help of those who are near to them. What they need from us at first is practical: to
    be safe, to be warm, to know where their friends are, to be told the truth in simple words, and to have a say in
    what happens next.

    Nobody has to talk about what they saw, and nobody should be made to. Offer tea, a telephone charger and company,
    and let the person choose. Trained helpers know this; well-meaning ones have to be told.

    ## A place for families
    Families will travel towards the {place} whatever they are asked to do. Open somewhere for them that is not the
    gate: quiet, out of sight of cameras, with toilets, food, someone who speaks their language and a liaison who comes
    every half hour, also when there is nothing new to say.

    Agree beforehand which authority runs it and when, so that the first hour is not spent on finding out whose
    telephone number goes on the notice.

    ## Your own people
    Staff will say that they are fine. Ask again on the third day and in the third week. Keep shifts together where you
    can, let nobody go home alone after the worst of it, and tell the families at home what to expect and whom to ring.

    Supervisors need the same, and a little more, because others lean on them. A manager who takes a free afternoon in
    the open does more for the rota than any leaflet.

    ## Money, time and paper
    Distress is often made worse by small things: the wages for the shift that was cut short, the coat in the closed
    cloakroom, the form that asks for everything again. Appoint one person to remove such stones from the road, with
    authority to spend a modest sum without asking.

    Write down who was there. A list of everyone on duty, including agency and catering staff, is the only way to offer
    help to all of them and not only to those who ask.

    ## Anniversaries and a new normal
    There is no going back to the day before. There is, for most people, a life that is whole again and different.
    Inquests, trials and anniversaries open things that had closed; mark them in the calendar and make room.

    Memorials belong to those who grieve. Ask them, slowly, and accept that they do not agree. Flowers on the pavement
    need an owner, a place to go when it rains, and a decent ending.

    ## Case: The kitchen shift
    After a serious accident at an invented racecourse, support was offered to stewards and first-aiders. Five weeks
    later a chef resigned, then another. The kitchen had looked straight on to the paddock, and nobody had thought of
    it. The list of those on duty is now printed from the payroll and not from the radio log.

    ## Checklist: The first ten days
    - Everyone on duty is on one list, whoever employs them.
    - Each has been spoken to in person, and again after a week.
    - Families have a place, a telephone number and one liaison.
    - Wages, coats and travel home have been dealt with without forms.
    - Professional help is available, free, and known to all.
    - Somebody looks after those who look after others.

    ## Questions: For quiet times
    - Who would ring our staff on the third day, and do they have the numbers?
    - Which of our buildings could be a place for families within two hours?
    - What did we do well last time that nobody wrote down?
    - How do we find those who never ask?

    ## Who can offer what
    Help comes from many hands, and few of them know each other beforehand. A page like this, with real names, spares
    the first day much searching.

    |= Sources of help
    | From | What | When
    | Friends, team and family | Company, food, a listening ear | At once and for long
    | Employer | Time off, pay, a visit, a single contact | From the first day
    | Council and voluntary bodies | Rest centre, family room, transport | Within hours
    | Health service and specialists | Assessment and treatment | From about the fourth week
    """,
)

EXERCISES = _chapter(
    "exercises",
    "Practising on purpose",
    "cycle",
    """
    An exercise is a way to make mistakes while they are cheap. It does not have to be large. The best one that most
    teams can recall took forty minutes, happened in a corridor and ended with somebody moving a key.

    ## Start from one doubt
    Write down the sentence you are least sure of in your plan and build the exercise round it. “The duty manager will
    inform the neighbouring {place}” is a fine start: by which telephone, with what words, and who picks up on Sunday?

    One aim, at most three objectives, each of which can be seen to have been met. An exercise that tests everything
    tests the patience of those present.

    ## Choose the smallest form that answers
    A discussion round a table finds gaps in thinking. A walk-through finds locked doors. A communications test finds
    old numbers. A live exercise finds out whether all of it works together, and costs more than the rest combined, so
    earn it with the smaller ones first.

    Repeat the small ones. Ten short exercises with one lesson each change a team more than one great day with thirty
    lessons in a report.

    ## Make it safe to be wrong
    Say at the beginning that the plan is on trial and the people are not. Put the most senior person among the
    players, not among the judges. Stop it kindly when it gets stuck, say what has been learned so far, and start again
    from a point that helps.

    Begin and end every message with a word that marks it as exercise. Tell the neighbours, the switchboard and the
    police beforehand, and have a word that ends it at once if something real happens.

    ## Injects that teach
    A good inject forces a choice. “The lights go out” is an event; “the lights go out and the head of catering says
    that the ovens are still on” is a choice. Prepare a few more than you need, and leave out those that the players
    have reached by themselves.

    Let time pass. Real incidents have dull half hours in which people get tired and forget to log. If the exercise
    jumps over them, nobody learns what happens there.

    ## The debrief is the exercise
    Hold a short one at once, while faces are still red: what went well, what surprised us, what would we change by
    Monday. Hold a second after two weeks, with the log on the table. Every lesson gets a name and a date, or it is a
    remark.

    Publish what you learned to those who took part, and a little to those who did not. Other places have the same
    locked door.

    ## Case: Forty minutes in a corridor
    An invented theatre asked its ushers one Tuesday what they would do if the house lights failed now. Seven went for
    torches to the same cupboard, which was locked; the eighth had the key and was on the balcony. Torches now hang at
    each door. The exercise cost nothing but biscuits.

    ## Checklist: For whoever runs it
    - One aim, three objectives, and a way to see each of them met.
    - Everyone who might be frightened by it has been told.
    - A stop word, a safety officer and a real first-aid post.
    - Somebody observes and does nothing else.
    - The first debrief is in the invitation, with its room and its end.
    - Lessons have owners and dates before the owners go home.

    ## Questions: To choose the next one
    - Which promise in our plan depends on a single person?
    - What did we last change after an exercise, and has it lasted?
    - Which partner have we never practised with?
    - What would we rather not try out, and why?

    ## Five kinds, compared
    Costs are rough, and vary with the size of the {place}. The last column is what people most often forget.

    |= Kinds of exercise
    | Kind | Takes | Finds | Do not forget
    | Seminar | One hour | Gaps in knowledge | To end with decisions
    | Tabletop | Two to three hours | Gaps in thinking | A scribe
    | Walk-through | Half a day | Locked doors, wrong maps | Permission of the owner
    | Communications test | Minutes | Old numbers, dead spots | Nights and Sundays
    | Live | A day, months before | Whether it all fits | Care for the players
    """,
)

COORDINATION = _chapter(
    "coordination",
    "Deciding together",
    "network",
    """
    In a crisis several organisations arrive, each with a uniform, a law and a way of speaking. Whether they become one
    effort within the hour depends very little on the hour and very much on the years before it.

    ## A shared picture
    People who sit side by side and hold different facts will make different decisions and think each other foolish.
    Begin every meeting with what is known, what is not known, and what has changed since the last one, in that order
    and in one voice.

    Write the picture on a wall where all can see it. Mark what is confirmed and what is rumour, put a time beside every
    entry, and let one person hold the pen.

    ## Who leads, and at what
    Leadership moves. The ambulance service leads on patients while the police lead on the cordon and the council on
    the hall in which people are sleeping. Say it aloud each time it changes, so that nobody waits for a colleague who
    thinks the matter has been handed over.

    The strategic level asks what we want the city to look like next week. It does not move barriers. A chief who asks
    for the position of a single van has left an empty chair at the top of the table.

    ## Trust is made in advance
    You cannot exchange business cards on a cordon. Meet the people who would sit beside you, at their place and not
    only at yours, and settle something small together: a street party, a burst main, a visit. Then ring them twice a
    year for no reason.

    Include those who are usually forgotten: the transport operators, the faith groups, the manager of the shopping
    centre, the person who runs the {place} next door. They hold keys, car parks, lists and loyalty.

    ## Deciding when little is known
    Waiting for certainty is also a decision. Ask what must be decided now, what may be decided later, and what would
    make us change our minds. Record the reasons, not only the result. A decision that was sensible at ten past nine may
    look strange at noon to somebody who was not told what was known.

    Invite the doubter to speak. Rooms in which the most senior person speaks first hear little that is new.

    ## One voice to the public
    Say what happened as far as it is known, what people should do, what is being done, and when they will hear again.
    Keep the appointment even when there is nothing to add. Silence is filled by others within minutes.

    Agree the first statement between all partners beforehand, with blanks. It will never be quite right, and it will be
    out an hour earlier than the perfect one.

    ## Handing over and standing down
    Long incidents are lost at shift changes. Overlap by half an hour, hand over in writing and aloud, and introduce the
    newcomer to every partner in the room. Recovery should begin while the response is still running, with its own
    leader who is not also busy with the response.

    ## Case: The empty chair
    In an invented river city the flood group met with a chair left free for the electricity company, which had never
    come. In the third year somebody drove out to its depot with a cake. Two winters later an engineer from there rang
    at five in the morning, before the alarm, because he knew whom to ring.

    ## Checklist: For the first joint meeting
    - Everyone says who they are, what they can do, and what they worry about.
    - The picture is on the wall: known, unknown, changed.
    - Aims for the next hour, the next day and the next week are agreed.
    - Each decision has a reason and a time in the log.
    - One spokesperson and the time of the next statement are settled.
    - The next meeting is fixed, and it is short.

    ## Questions: For leaders
    - Which partner would I not recognise at the door?
    - Who in my organisation may decide at three in the morning without me?
    - When did I last change my mind in front of others?
    - What would we do on the second day if I were ill?

    ## Levels and their questions
    The names vary from service to service. The questions do not.

    |= Three levels of command
    | Level | Asks | Should leave alone
    | Strategic | What outcome do we want, and what may it cost? | Positions of people and vehicles
    | Tactical | How do we get there with what we have? | Rewriting the aim
    | Operational | What do we do here, now, safely? | Speaking for everyone
    """,
)

BELONGING = _chapter(
    "belonging",
    "A city that people belong to",
    "rings",
    """
    Hateful ideas need lonely listeners. A city cannot argue with every one of them, but it can change the conditions in
    which they are heard: how people meet, whether they are treated fairly, and whether anybody notices when someone
    drifts away.

    ## Everyday contact
    People who share a school gate, a football pitch or an allotment find it harder to believe the worst of each
    other. Contact of this kind is not left to chance by cities that succeed at it. They put the library beside the
    clinic, keep the swimming pool affordable, and think twice before they close a youth club to save the cost of its
    caretaker.

    What counts is contact on equal terms and towards a purpose. A festival of cultures once a year is pleasant. A
    repair workshop every week is stronger.

    ## Fairness that can be seen
    Grievance is the soil of extreme ideas, and much of it is local: the bin that is not emptied in one district, the
    stop and search that always falls on the same boys, the letter that nobody answered. Measure such things by
    neighbourhood, publish them, and mend them in public.

    Treating people fairly is worth doing for its own sake. That it also leaves less room for recruiters of every
    colour is a second reason and not the first.

    ## Noticing early
    Those who first see a change are seldom officials. They are a sister, a coach, a teacher, a colleague at the
    {place}. They will speak to somebody if they know whom, if they trust that the answer will be help, and if they
    believe that asking will not ruin a life.

    So the door has to be low: a telephone number with a person behind it, several ways in, advice before any decision,
    and an honest account of what is done with a name.

    ## Many causes, many doors
    There is no single path into violence and no single profile. Some arrive by way of ideology, more by way of
    friendship, injury, shame or the wish to matter. Help that is shaped to one story misses the others. Work with
    housing, health, schools and employers at one table, and ask each what they could offer to this one person.

    ## Words in public
    Leaders set the tone. When something terrible happens, the first sentences decide whether a whole community feels
    accused or included. Prepare them with people from that community, beforehand, when there is time to listen.

    Online spaces are streets too. A city may not police them, but it can be present there with plain facts, quick
    answers and a sense of humour, and it can support the young people who already do so better than any office.

    ## Measuring without harming
    Ask whether people feel that they belong, whether they trust their neighbours, whether they would call for help.
    Ask everywhere and not only where trouble is expected, for a survey that points at one district has already told
    it what the city thinks.

    ## Case: The bench outside the barber’s
    In an invented port district, a barber put a bench outside and a chessboard on it. Old dockers came, then pupils
    from three schools. When the council redesigned the street, the bench was to go. Forty people wrote. It is now in
    the city’s plan for social cohesion, under infrastructure.

    ## Checklist: For a city’s own plan
    - Housing, schools, health, police and sport wrote it together.
    - Places where people meet are counted as assets and protected.
    - There is one low door for worries, and people can name it.
    - Complaints about unfair treatment are measured by neighbourhood.
    - Words for a terrible day were prepared with those most affected.
    - Young people helped to write it and are paid for their time.

    ## Questions: To ask in the neighbourhood
    - Where do people here meet others who are not like them?
    - Whom would you ring if you worried about a friend?
    - What has been promised here and not been done?
    - Who is missing from this room?

    ## Levers that a city holds
    Few of these look like security policy. That is the point.

    |= Ordinary levers and what they change
    | Lever | What it changes | A first step
    | Housing and planning | Who lives beside whom | Ask of each plan where people will meet
    | Schools and sport | Friendship across lines | Shared teams, mixed trips
    | Public services | Trust in being treated fairly | Publish figures by district
    | Communication | Who feels addressed | Write with residents, not about them
    """,
)

PREPAREDNESS = _chapter(
    "preparedness",
    "Residents who know what to do",
    "cycle",
    """
    The first help at almost every emergency comes from whoever happens to stand there. If those people have thought
    about it once, have learned two or three simple things and know a neighbour by name, the professionals find a
    better situation when they arrive.

    ## Preparation is not fear
    People do not like leaflets that frighten them, and they do not keep them. They do like to be useful. Speak of
    skills rather than threats: how to stop heavy bleeding, how to check on the woman upstairs, how to charge a phone
    without mains, where to meet if the bridge is shut.

    The same habits serve in a flood, a power cut and an attack. One message for all hazards is easier to remember than
    five, and can be repeated without tiring anyone.

    ## Partnerships that last
    A campaign by the council alone reaches those who read what the council sends. Add the supermarket, the housing
    association, the football club, the mosque and the parish, the radio station and the {place} where people go on
    Saturday, and it reaches nearly everyone.

    Partners stay if they get something: training for their own staff, a say in the wording, thanks in public. Write
    down what each brings and what each needs, and look at it again every year.

    ## Training in small portions
    Not many people have a free weekend for a course. Most have twenty minutes. Offer a first-aid corner at the market,
    a short film before the match, an evening for landlords. Teach by doing, with hands and not with slides.

    Those who want more should find a next step: a volunteer group with a leader, a radio, insurance and something to
    do between emergencies. Groups that wait for a disaster dissolve before it comes.

    ## Reaching those at risk
    The people who need warning most are often those whom it reaches least: they are old, new to the country, deaf, at
    work at night, or not fond of the authorities. Find the person whom they do believe and give that person the facts.

    Write at the level of a good newspaper for ten-year-olds. Draw. Translate the six most important sentences rather
    than the whole brochure, and let native speakers read them aloud before they are printed.

    ## Warning and informing
    Test the warning channels when nothing is wrong, and explain afterwards what the test has shown. A siren that people
    first hear in earnest makes them telephone each other to ask what it is.

    A warning that helps says what, where, who, until when, and what to do. It names the sender. It is followed by
    another, and in the end by one that says that it is over.

    ## A process without an end
    Preparedness fades in about a year if it is not refreshed. New people move in, numbers change, the volunteer with
    the key retires. Put a date in the calendar and make it pleasant: a street lunch, with a walk round the shut-off
    taps.

    ## Case: Staircase seven
    In an invented estate, residents of each staircase wrote one page: who can lift, who has a car, who must be woken.
    When the heating failed in January, staircase seven had everyone in three warm flats by eight o’clock. The council
    learned of it from the thank-you card.

    ## Checklist: A campaign worth doing
    - It promises a skill, not a fright.
    - At least five partners outside the council carry it.
    - It can be taken in within twenty minutes.
    - Six sentences exist in every language of the district, and in pictures.
    - It says what to do next, and with whom.
    - A date is set for doing it again.

    ## Questions: For an evening with neighbours
    - Who on our street would not hear a siren?
    - What do we have, between us, that the fire service does not?
    - Where would we meet if we could not get home?
    - Which of us could teach the others something useful in ten minutes?

    ## From knowing to doing
    Awareness is the first rung. It is cheap to climb and easily mistaken for the whole ladder.

    |= A ladder of preparedness
    | Rung | A resident can say | What helps
    | Aware | “I know what might happen here” | Posters, films, school projects
    | Informed | “I know what I would do” | Short courses, a household page
    | Able | “I have done it once” | Drills, hands-on practice
    | Connected | “I know who would do it with me” | Neighbour groups, volunteer roles
    """,
)

EVENTS = _chapter(
    "events",
    "Planning an event from end to end",
    "timeline",
    """
    Every event passes through the same stations: an idea, a plan, a permission, a build, an opening, a show, a way
    home and a field to be cleaned. Safety is easiest to buy at the first of them and most expensive at the last.

    ## Describe the audience honestly
    Who comes, how old are they, how do they travel, what will they drink, whom do they bring, what will make them
    cross? An hour with last year’s stewards gives a better profile than any template, and the profile drives
    everything else: toilets, barriers, first aid, the hour at which it should end.

    Expect the audience to change as the bill does. A second headliner is a second crowd.

    ## Draw the site before you sell it
    Sponsors, caterers and cameras all want the same corner. Fix the routes, the holding areas and the emergency lanes
    on the drawing first, in a colour that nobody else may use, and only then divide the rest.

    Issue one drawing with one number and one date. Most conflicts on site turn out to be two honest people, each with
    a different version in hand.

    ## Build and break
    The days before and after are more dangerous than the show: tired people, lorries, darkness, no audience and
    therefore no stewards. Give them a safety lead, a welfare tent and a time at which work stops.

    Walk the {place} at the end of the build with the people who will run it. Doors that were clear at noon are behind
    a bar at five.

    ## Technology with a purpose
    Cameras, counters, drones and software are worth what the person in front of the screen can do with them. Ask of
    each device: which decision does it improve, who takes it, and what do we do when the network is down?

    Data about guests has owners, limits and an end. Collect what you need for the evening, say so on the ticket, and
    delete it when you said that you would.

    ## A control room that works
    Put in it those who decide, those who know, and those who write it down, and nobody else. Give it a view, a clock,
    a plan on the wall and a door that shuts. Visitors are shown the room before opening and the window afterwards.

    Decide beforehand when the event’s own control hands over to the emergency services, how that is said, and what the
    organiser’s staff do from then on. It should be a sentence that both sides can recite.

    ## The way home
    The last twenty minutes belong to the transport plan. Stagger the ending with a song, a screen or an open bar,
    light the paths, hold the crossing, and keep toilets and water open outside the gates. The evening is over when the
    last platform is empty.

    ## Case: The wrong Saturday
    For an invented lantern walk the railway had been told the date of the year before. Two thousand people stood at a
    closed station. The organisers now send the plan to each partner and ask for one thing back: the finishing time, in
    the partner’s own words.

    ## Checklist: Six weeks to go
    - The audience profile is written and shared with all suppliers.
    - The site drawing has a number, a date and no rival.
    - The capacity of each zone and each route is calculated, and posted.
    - Roles in control are named, with deputies.
    - Build and break have a safety lead and working hours.
    - The transport plan has been read back by each operator.

    ## Questions: For the last planning meeting
    - What would have to happen for us to cancel, and by when must we say so?
    - Which supplier have we not spoken to in person?
    - What is new this year, and who has thought it through?
    - Where is the plan weakest when it rains?

    ## Who signs what
    Signing is a moment of thought. Give each line to somebody who can see it with their own eyes.

    |= Signatures before opening
    | Subject | Signed by | Seen how
    | Structures | Competent engineer | Inspection after the build
    | Routes and exits | Safety officer | On foot, doors opened
    | Stewards in place | Head steward | By post, over the radio
    | First aid ready | Medical lead | In person
    """,
)

RECORDS = _chapter(
    "records",
    "Writing it down",
    "timeline",
    """
    Memory is generous and inaccurate. A log that was kept at the time, in plain words, is the best friend of anyone
    who has to explain a decision, and the best teacher of anyone who has to make the next.

    ## What belongs in a log
    Time, source, fact, decision, reason, name. That is all. “21.14, north gate by radio, queue past the tram stop,
    opened gate C, because the tram is due at 21.20, Shah” needs twelve seconds and will be understood in ten years.

    Leave out opinions about colleagues, and never write something because it will look well. Later readers notice at
    once, and then trust nothing else on the page.

    ## Loggists are made
    A good loggist hears, condenses and asks. They may interrupt anybody in the room with the words “is that a
    decision?” Train more of them than you need, relieve them every two hours, and give them no second task.

    Handwriting still works when the power is off. Whatever the medium, entries are not erased: strike through, correct,
    sign.

    ## Near misses
    For each accident there were many evenings on which it nearly happened. Collect those, without blame and without a
    form of four pages. A postcard by the kettle with “what nearly went wrong today?” brings more than a portal with a
    password.

    Answer each in public within a week, even if the answer is no. People stop reporting when they hear nothing.

    ## Keeping and sharing
    Decide how long each kind of record is kept, who may read it, and who may pass it on. A marking at the top says so
    at a glance, and only helps if everyone keeps to the same few labels.

    Personal details of patients and complainants belong in a separate place with fewer keys. The general log of the
    {place} should be fit to be read aloud in a hall.

    ## From record to change
    A lesson is learned when something is different afterwards: a door, a sentence, a rota. Until then it has only been
    noted. Keep one list of open actions, each with a name, a date and a word on how we shall know, and read it at the
    start of every planning meeting.

    ## Case: Seventeen minutes
    At an inquiry into an invented crush on a footbridge, four organisations had logs that disagreed by up to
    seventeen minutes. No clock had been wrong by more than six; the rest came from writing up afterwards. Control
    rooms in that county now read out the time together at the start of each shift.

    ## Checklist: A log that stands up later
    - Clocks have been compared at the start of the shift.
    - Every entry has time, source, decision, reason and name.
    - Corrections can be seen as corrections.
    - The loggist had no other task, and was relieved.
    - Originals are kept, numbered and locked.
    - Open actions have been read out and given to someone.

    ## Questions: For whoever reads it next
    - Could a stranger follow what we knew at half past nine?
    - Which decisions have no reason beside them?
    - What was said on the radio that is not in the log?
    - Which lesson stands here for the second year running?

    ## How long, and who
    Periods depend on law, insurance and good sense, and should be checked for your own organisation. The table shows
    only the form of such a list.

    |= A list of records, as a pattern
    | Record | Kept for | Read by
    | Event log | As advised by insurer | Safety team, inquiry
    | Training register | While employed, and after | Managers, inspector
    | Near-miss cards | Until answered and published | Everyone
    | Care records | As the law requires | Named few
    """,
)

ACCESS = _chapter(
    "access",
    "Safe for everyone",
    "routes",
    """
    About one guest in five has an impairment, and most of those cannot be recognised by looking. Plans that rely on
    spotting a wheelchair miss nearly all of them. Plans that work for everyone have usually been made together with
    people who know.

    ## Ask, and be told
    Ask at the time of booking what would help in an emergency, in a sentence that does not require a diagnosis. Offer
    a person to talk to. On the day, ask again, since arms get broken and batteries run flat.

    What people tell you is theirs. Let the floor manager know that seat 14 needs a guide to the stairs; nobody needs to
    know the reason.

    ## Sound, light and words
    An alarm that can only be heard is not an alarm for all. Add flashing lights, vibrating pagers where people are
    alone, screens with large text, and staff who look into every toilet. Speak, show and write the same thing.

    Some guests are overwhelmed by noise and crowds long before there is an emergency. A quiet room, with a sign and a
    steward who knows about it, prevents more distress than any announcement can undo.

    ## Refuges are waiting rooms, not destinations
    A refuge on a landing is safe for a time. The plan must say for how long, who comes, with what, and how the person
    waiting can speak to somebody meanwhile. “The fire service will see to it” is not a plan, and the fire service says
    so as well.

    Evacuation chairs need training, and so do the people who sit in them. Some will prefer to be helped down step by
    step, or to shuffle. Ask.

    ## Companions, dogs and equipment
    Nobody should be parted from the person, the animal or the device on which they depend, neither at the door nor on
    the way out. Plan the width for it, and the place to arrive at. Gravel in the dark is no assembly point for a
    wheelchair.

    ## Staff too
    The receptionist with the hearing aid and the technician with the bad knee are part of the plan. Agree something
    with each, in private, and write down only what colleagues must know.

    Practise with them taking part and not with them excused. A drill from which disabled staff are spared has tested
    the plan for other people.

    ## Information beforehand
    Put on the website, where it can be found, how the {place} can be reached, where the steps are, how loud it gets,
    what is searched at the door, and what happens in an emergency. Good information before the visit is half of the
    help during it.

    ## Case: The lift that stayed on
    In an invented concert hall the rule was that lifts stop in an alarm. A guest in a powered chair asked why, since
    this one had been built as an evacuation lift. Nobody had known. The label behind the panel had said so for
    fourteen years.

    ## Checklist: Nobody left behind
    - Booking asks what would help, and someone reads the answers.
    - Alarms reach eyes as well as ears.
    - Each refuge has a way to speak, a light and a maximum wait.
    - Trained people for chairs are on every shift, by name.
    - The quiet room is on the map and in the briefing.
    - Disabled people have tried the plan and said what they think.

    ## Questions: To answer together
    - Could someone who cannot hear learn everything that we announce?
    - How long does the walk from the furthest seat take with a stick?
    - Who looks into the toilets, and in which order?
    - Whom have we asked, and did we pay them for the advice?

    ## Small things that help
    None of these costs much. All were suggested by guests.

    |= Small changes, large effect
    | Change | Helps | First done by
    | Contrasting edge on steps | Everyone in the dark | Site crew
    | Text on the big screen | Deaf guests and noisy rows | Video team
    | A seat every fifty metres | Older guests, pregnant guests | Planners
    | One number for questions | Anyone who is unsure | Box office
    """,
)

WEATHER = _chapter(
    "weather",
    "Heat, wind, water, ice",
    "timeline",
    """
    Weather is the hazard that announces itself, and it still surprises somebody every summer. What is missing is
    seldom the forecast. It is the agreed sentence that begins “when it reaches this, we do that”.

    ## Numbers decided in the cold
    Set the thresholds in winter, with the engineer, the medical lead and whoever will lose money. On the day the sun
    is shining, forty thousand people are singing, and no one wants to be the person who reads out the wind speed.

    Each threshold has two steps, watch and act, with the time that the action takes. If lowering the screens needs
    twenty-five minutes, the decision must come twenty-five minutes before the gust.

    ## Heat
    Hot days begin the day before. Tell people what to bring, let them bring water in, put shade where they queue and
    not only where they sit, and make free water easier to find than beer. Look for the quiet ones; heat makes people
    silent before it makes them fall.

    Staff in dark uniforms at fixed posts suffer first. Shorten the posts, change the uniform, and check the drivers who
    sleep in their cabs.

    ## Wind and structures
    Whatever is higher than a person needs somebody responsible, a limit in writing and an instrument that measures
    where the thing stands. Weather stations at airports are far away and low.

    Practise the clearing of the area below. It is the part that takes longest, and the only part in which guests have
    to be persuaded.

    ## Thunderstorms
    Storms move faster than people. Decide which buildings, vehicles or stands give real shelter, how many they hold and
    how guests get there; if there is nothing, then the answer is to end early and to say so early. Trees, tents and
    open gates are not shelter.

    After the last thunder wait, for as long as your adviser says, and then inspect before you reopen. The {place} that
    people come back to is not the one that they left.

    ## Rain, mud and cold
    Ground that carries a lorry on Thursday may not carry an ambulance on Sunday. Keep one hard route free for
    emergencies, with a tractor at its end. In the cold, think of those who came in costume, those who have been
    dancing, and those who missed the last bus.

    ## After the weather
    Say when the decision to go on, to pause or to stop will be taken, and keep that time. Write down what you measured
    and what you did. Next year’s thresholds are made of this year’s notes.

    ## Case: Twenty minutes of sun
    An invented country show cleared its arena for lightning at three, under a blue sky, to loud complaint. The storm
    came at twenty past. What people remembered was not the wait but the sentence from the loudspeaker: “it will be here
    before the tractors are, and so will you be, dry”.

    ## Checklist: A page on the weather
    - Thresholds for watch and act, with the time that each action takes.
    - One named source of forecasts and one person who reads it.
    - Instruments at the height of the structures.
    - Water and shade, or shelter and blankets, counted against people.
    - A hard route that stays open when the field is soft.
    - Words for a delay, a pause and an end.

    ## Questions: For the weather meeting
    - Which decision did we take too late last time, and why?
    - How many people fit into what we call shelter?
    - Who may stop the show for wind, without asking?
    - What happens to those who have already left home?

    ## Watch and act
    The figures are left blank on purpose. They have to come from your engineer, your ground and your crowd.

    |= A pattern for thresholds
    | Hazard | Watch | Act | Takes
    | Wind at screens | … m/s gusts forecast | … m/s measured | … minutes to lower
    | Heat | … °C forecast | … °C in the queue | … minutes to add water
    | Lightning | … km distant | … km distant | … minutes to clear
    | Rain on ground | … mm in a day | Ruts on the hard route | … hours for matting
    """,
)

VOICE = _chapter(
    "voice",
    "Speaking to the public",
    "layers",
    """
    People can bear bad news. What they cannot bear is to learn it from a stranger’s telephone while those who are
    responsible look for a form of words. Speaking early, plainly and again is a safety measure like any other.

    ## Before anything happens
    Tell guests how the {place} works while they are in a good mood: where the ways out are, what the voice from the
    loudspeaker sounds like, what it will say. An airline does it on each flight, and nobody takes it for a threat.

    Agree with partners who says what. The organiser speaks about the event, the police about a crime, the hospital
    about patients. Where the lines cross, speak together or one after the other, but never against each other.

    ## The first sentence
    The first message need not explain. It has to say that something has happened, where, what people should do, and
    when they will hear more. Four facts fit into two lines, and two lines can be out within ten minutes.

    Do not guess at causes, numbers or names. A figure that has to be corrected upwards is remembered for years, and the
    family of the person who was named too early remembers it for ever.

    ## Rumours
    A rumour fills a gap. Close the gap with a fact before you attack the rumour, and do not repeat it in bold type. If
    you do not know, say so, and say how and when you expect to know.

    Listen as carefully as you speak. Someone should read what guests write, inside and outside, and pass on to control
    what control needs. Now and then the first report of a blocked stair stands in a complaint about the toilets.

    ## Faces and voices
    Choose people who are calm, rested and allowed to say “I am sorry”. Practise with them in front of a camera, with
    unkind questions, twice a year. A sentence that has been spoken aloud once comes out better the second time.

    Staff are spokespeople as well, whether you want it or not. Give everyone on site one sentence for those who ask,
    and the name of somebody to whom they can pass the question.

    ## Everybody, and not only most
    Announce in the languages that are spoken in the queue. Show on the screen what is said through the loudspeaker.
    Use short words. Send the same text to those who are at home and waiting for somebody.

    ## Afterwards
    Thank people. Say what you have learned and what will be different, with dates, and then report that it is. Trust is
    lost in a minute, and is repaired by a series of dull promises that are kept.

    ## Case: Nine words
    At an invented night market the power failed. The manager climbed on a chair with a torch under his chin and called:
    “The lights will be back. Please eat what melts.” People laughed, stayed where they were, and ate. The transformer
    needed half an hour. Nobody complained, apart from the ice-cream seller, who had run out.

    ## Checklist: Ready to speak
    - A first message exists for five kinds of bad evening, with blanks.
    - Two people may send it without asking anyone.
    - Partners have agreed who speaks about what.
    - Loudspeaker, screen and website say the same, within minutes.
    - Somebody listens to what the public says, and tells control.
    - Staff have one sentence, and a name to pass on.

    ## Questions: For the press office and the rest of us
    - How long did our last first message take, from the event to the screen?
    - Who would be hurt by hearing it from us too late?
    - Which of our words do guests not understand?
    - What have we promised in public, and have we done it?

    ## What to say when
    A rhythm helps both sides. Those who know when the next message comes stop asking.

    |= Messages and their times
    | When | Say | Leave out
    | Within ten minutes | What, where, what to do, next message at | Cause, numbers, names
    | Within the hour | What is being done, whom to ring | Praise for yourselves
    | The same night | How people get home, where to find things | Speculation
    | The next days | What is known, who helps, what follows | Anything that families do not yet know
    """,
)

WORDS = _chapter(
    "words",
    "Words we use",
    "rings",
    """
    Half of all misunderstandings between organisations come from words that both of them use and mean differently.
    These are the meanings that our members have agreed on. Yours may be better; what counts is that they are shared.

    ## People and roles
    A role is what somebody does tonight. The same person may have another tomorrow.

    |= Roles, in the order in which a guest meets them
    | Word | What we mean by it
    | Steward | Somebody who guides, watches and helps at a place that has been named to them
    | Supervisor | Somebody who briefs, relieves and listens to up to ten stewards
    | Head steward | The person to whom all supervisors answer
    | Safety officer | Advises on what is safe, and may stop what is not
    | Duty manager | Decides for the organiser while guests are on site
    | Loggist | Writes down what is known and decided, and does nothing else
    | Liaison | Sits with another organisation, knows both, and speaks for one of them
    | Spotter | Watches a part of the crowd and reports on one scale

    ## Places and movements
    Names of places belong on the plan, on the wall and in the mouth, and have to be the same in all three.

    |= From the outer edge to the middle
    | Word | What we mean by it
    | Zone | A part of the site with its own capacity, watcher and trigger
    | Holding point | A place where people can be asked to wait without harm
    | Pinch point | The narrowest place on a route, and often not where one thinks
    | Relief | A second way that can be opened, or a first that can be closed
    | Assembly point | Where people go when they leave, and where somebody waits for them
    | Refuge | A place that is safe for a time, with a way to speak to somebody
    | Evacuation | Moving people out, all of them or those in one part
    | Invacuation | Moving people in, or keeping them in, because outside is worse

    ## Plans and decisions
    A plan is a set of decisions taken early. The rest is background.

    |= Words on paper
    | Word | What we mean by it
    | Profile | A description of who will come, and what they will want to do
    | Capacity | How many people a place can hold and let go again, whichever is fewer
    | Threshold | A figure at which somebody does something, agreed beforehand
    | Trigger | An observation that starts an action without further discussion
    | Inject | A message in an exercise that makes the players choose
    | Debrief | A conversation after which something is different
    | Near miss | What almost happened, and will, unless it is told
    | Marking | A label that says how far a paper may travel
    """,
)

CHAPTERS: dict[str, DemoChapter] = {
    chapter.key: chapter
    for chapter in (
        CROWDS,
        EVACUATION,
        RADIO,
        STEWARDING,
        STREETS,
        CARE,
        EXERCISES,
        COORDINATION,
        BELONGING,
        PREPAREDNESS,
        EVENTS,
        RECORDS,
        ACCESS,
        WEATHER,
        VOICE,
        WORDS,
    )
}
