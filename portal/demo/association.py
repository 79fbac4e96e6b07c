"""The association of the demo, and the pages that stand by themselves."""

from __future__ import annotations

from portal.demo.blocks import DemoField, DemoPage, Heading, Quote, Table, prose

NAME = "Association of Safe Places"
STRAPLINE = "For people who keep venues, events and cities safe."
CONTACT_EMAIL = "secretary@example.org"
SOCIAL_LINKS = (
    ("Mastodon", "https://mastodon.example/@safeplaces"),
    ("Talks on film", "https://films.example/safeplaces"),
)
FOOTER_TEXT = "Association of Safe Places. An invented association, for demonstration."
MEMBERSHIP_TEXT = (
    "Membership is open to people whose work is the safety of places and events. Apply here "
    "on the site: say what you do and where, and why you would like to join."
)

ABOUT = DemoPage(
    slug="about",
    title="About us",
    introduction="A small professional body for safety officers, security managers and planners in towns and cities.",
    in_menu=True,
    body=(
        prose("""
            Most of our members work alone. A theatre has one safety officer, a council one planner for events, a
            festival somebody who does it beside three other things. They meet the same questions on the same evenings
            and used to find the answers separately. The association exists so that they do not have to.
        """),
        Heading("What we do"),
        prose("""
            - We share papers: guidance by the authorities, and what our own groups have written and tried.
            - We teach: about eleven short courses a year, in different cities.
            - We practise: our exercises group writes exercises that fit into an hour, and comes to help with the first.
            - We answer: when rules are to change, we say what they would mean in a hall with one key holder.
        """),
        Quote(
            "We began in a station buffet, three of us, after a missed train and a long talk about doors.",
            "Ruth Ashdown, chair",
        ),
        Heading("How we work"),
        prose("""
            A committee of nine is elected by the members each February. Two groups, for exercises and for training, are
            open to anyone who wishes to take part. The secretary looks after the register, the editor after this
            website.

            We take no money from makers of equipment, and name no products. Papers are written by members, read by two
            others before they are shared, and looked at again after three years.
        """),
        Heading("What we are not"),
        prose("""
            We are no authority and no consultancy. For advice about a particular place, ask the police adviser, the
            fire service and the council. In an emergency, ring 999.
        """),
    ),
)

JOIN = DemoPage(
    slug="join",
    title="How to join",
    introduction="Who can become a member, what it costs, and how to apply.",
    in_menu=True,
    body=(
        prose("""
            Members are people and not organisations. You can join if the safety of people in buildings, at events or in
            public places is a real part of your work, paid or voluntary, or of your studies.
        """),
        Table(
            "Levels of membership",
            ("Level", "For whom", "Fee for a year"),
            (
                ("Full", "People with responsibility for the safety of a place or an event", "£84"),
                ("Associate", "People who work with them: stewards, transport, suppliers of services", "£48"),
                ("Student", "People who study full time", "£12"),
            ),
        ),
        Heading("How to apply"),
        prose("""
            <a href="/members/apply/">Apply here on the site</a>. We ask for:

            1. your name and where you work, study or volunteer,
            1. what you do there for the safety of people, and why you would like to join,
            1. your e-mail address, which you confirm with a code that we send to it.

            The secretary looks at each application, sometimes with a question, and you hear from us within three
            weeks. Where it stands you see on your own page meanwhile. We take some care because some of our papers are
            written in confidence, and their authors want to know that readers are who they say they are.
        """),
        Heading("What members get"),
        prose("""
            All papers in the File Share that are open to members, reduced fees for courses, the help of the exercises
            group, and a vote at the annual meeting.
        """),
        Heading("If your membership has run out"),
        prose("""
            Sign in with your old address and password: your account is still there and says how to renew. Papers open
            again as soon as the secretary has noted the renewal, usually on the next working day.
        """),
    ),
)

PRIVACY = DemoPage(
    slug="privacy",
    title="Privacy",
    introduction="What this site keeps about you, why, for how long, and what it does not do.",
    in_menu=False,
    body=(
        Heading("If you only read"),
        prose("""
            You can read every public page without telling us who you are. There are no analytics, no advertising, no
            embedded players and no fonts from elsewhere: your browser makes no request to anybody but this site.

            A cookie is set when you sign in, since the site could not otherwise remember that you have. Another
            protects forms against misuse. Neither follows you anywhere.

            We count how often a post is read, once a day for each reader. What recognises a reader on the same day
            does not say who it was, and is forgotten on the next.
        """),
        Heading("If you are a member"),
        prose("""
            We keep your name, your e-mail address and, if you give it, your telephone number; your membership number
            and level, the organisation and role that you name, and the dates of your membership. The secretary can see
            them.

            Other members find you in the directory only if you tick that on your own page, and see there what you tick
            and nothing more. If you comment on a post, your name and organisation stand beside your words, for
            everybody to read. If you bring a paper, your name stands on its page, for whoever may read it. Otherwise
            other members see nothing of you.
        """),
        Heading("Your visits"),
        prose("""
            When you sign in, we note the time, how you did it and what your browser calls itself; you see it all in the
            sign-in history on your own page. Your internet address is kept while the device is signed in, so that you
            may recognise it in the list of your devices, and no longer.

            We also keep when you were last in the File Share, which papers you opened and which you put aside, so that
            the site can show you what is new and what you read. Which posts and pages you look at is not kept.
        """),
        Heading("The access record"),
        prose("""
            Papers in the File Share are given to us in confidence. We therefore keep a record of who opened and who
            downloaded which paper and when, of refusals, and of who changed anything. It is kept for every member and
            for every officer, the administrator included.

            The record cannot be altered. It is read by the honorary auditor, and by the committee if a paper has
            reached somebody for whom it was not meant. It is not used to judge how diligently anyone reads.
        """),
        Heading("How long"),
        Table(
            "How long we keep what",
            ("What", "How long"),
            (
                ("Your account and membership", "Two years after your membership has ended"),
                ("An application that was not approved", "Six months"),
                (
                    "The access record",
                    "Six years; your name is removed earlier if you ask and nothing stands against it",
                ),
                ("What you write to us through the form", "Until it is dealt with, and no longer than a year"),
                ("A device that is signed in", "Until you sign out, or two weeks after your last visit"),
                ("Your sign-in history", "Six years, as a part of the access record"),
            ),
        ),
        Heading("Your rights"),
        prose("""
            You may ask for a copy of what we keep about you, for a correction, and for your account to be erased.
            Write to <a
            href="mailto:secretary@example.org">secretary@example.org</a>. You have an answer within a month. If you
            are not content with it, you may complain to the Information Commissioner’s Office.
        """),
    ),
)

ACCESSIBILITY = DemoPage(
    slug="accessibility",
    title="Accessibility",
    introduction="What we aim for, what is not good enough yet, and how to tell us.",
    in_menu=False,
    body=(
        prose("""
            This site is made for people who read it in a control room at night, on an old laptop, with a screen reader,
            with a keyboard alone, or with the letters as large as the page. We aim at the Web Content Accessibility
            Guidelines 2.2, level AA.
        """),
        Heading("What you can expect"),
        prose("""
            - Every page works without scripts and without a mouse.
            - Text can be enlarged to four times its size without having to scroll sideways.
            - Running text has a contrast of at least 7 to 1, in the light and in the dark scheme.
            - Headings, lists and tables are marked as such; pictures that say something are described.
            - Nothing moves by itself, and nothing at all moves if your device asks for less motion.
            - Markings of papers are words, never a colour alone.
        """),
        Heading("What is not good enough yet"),
        prose("""
            Papers come from many sources, and some of their PDFs have no structure that a screen reader could use.
            Tell us which one you need and we shall send you its text. Older slides often lack descriptions of their
            diagrams.

            The tools for editors are those of the system that we use, and are not all as good as the pages for readers.
        """),
        Heading("Tell us"),
        prose("""
            If something is in your way, write to <a href="mailto:secretary@example.org">secretary@example.org</a>, say
            which page it was, what you wanted to do and what you use. You have an answer within five working days, and
            what you need in another form meanwhile.
        """),
    ),
)

CONTACT = DemoPage(
    slug="contact",
    title="Contact",
    introduction="Write to us here. The secretary answers within three working days, or says who will.",
    in_menu=False,
    form=(
        DemoField("Your name", "singleline"),
        DemoField("Your e-mail address", "email", help_text="We answer to it, and use it for nothing else."),
        DemoField(
            "What it is about",
            "dropdown",
            choices=(
                "Joining, renewing or changing details",
                "Booking or hosting a course",
                "An exercise",
                "A paper, a notice or a correction",
                "A paper that reached the wrong person",
                "Something else",
            ),
        ),
        DemoField("Your message", "multiline"),
    ),
    receivers=CONTACT_EMAIL,
    thank_you_text=(
        "Your message has reached the secretary, who works on Tuesdays and Thursdays. You have an answer within three "
        "working days, or hear who will give it."
    ),
    body=(
        Heading("If you would rather use your own mail"),
        prose("""
            Write to <a href="mailto:secretary@example.org">secretary@example.org</a>. It is read by the same person on
            the same days.
        """),
        Heading("If you have found a weakness of this site"),
        prose("""
            Thank you. Please write before you tell others, describe how to see it, and give us two weeks. We do not pay
            rewards. We do say thank you by name, if you like.
        """),
        Heading("In an emergency"),
        prose("""
            Do not write to us. Ring 999. To report something that worries you and can wait a few minutes, ring the
            police on 101.
        """),
    ),
)

PAGES: tuple[DemoPage, ...] = (ABOUT, JOIN, PRIVACY, ACCESSIBILITY, CONTACT)
