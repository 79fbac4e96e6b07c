"""The access table over HTTP: who gets which paper, by which route. Judged by eye from POLICY.md, not by the code.

Every route shows one of these words for each person and each state of a paper:

    ok   gets it: the page, the bytes, the row of the list
    -    it does not exist for this person: 404, or absent from the list
    in   is sent to sign in
    no   is told that the administration is not theirs: 403
    gone is told that the file has been destroyed for good: 410
"""

from __future__ import annotations

import re

#
# vis  a visitor                                   app  applied, not yet approved
# mem  a current member                            com  a current member in the Committee group
# lap  a member whose membership ended yesterday   sus  a suspended member
# sec  a membership secretary                      aud  an auditor (both are current members besides)
# edi  an editor of these folders, who is in no group
# edc  an editor of these folders, in the Committee group
# edl  an editor of these folders, in the Committee group, whose own membership has lapsed
# eds  as edl, but suspended                       stf  an editor of these folders who never was a member
# oth  an editor of another folder                 adm  an administrator whose own membership is suspended
# ina  a member whose account was switched off, with a session from before
#
# `red, named` names every one of them as a recipient; `red, not named` names somebody else.

PAGE = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
clear                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
green                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
amber                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
amber strict                  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
red, not named                in   -    -    -    -    -    -    -    -    -    -    -    -    -    ok   in
red, named                    in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
committee                     in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
below the committee           in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
below, red, named             in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
embargoed in the committee    in   -    -    -    -    -    -    -    -    ok   -    -    -    -    ok   in
expired                       in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
withdrawn                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
quarantined                   in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
replaced                      in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one waits       in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one is held     in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, former ones closed  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
unknown                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""

# The bytes, whole or in part: as the page, but for papers that have no checked file, which nobody gets.
DOWNLOAD = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
clear                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
green                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
amber                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
amber strict                  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
red, not named                in   -    -    -    -    -    -    -    -    -    -    -    -    -    ok   in
red, named                    in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
committee                     in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
below the committee           in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
below, red, named             in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
embargoed in the committee    in   -    -    -    -    -    -    -    -    ok   -    -    -    -    ok   in
expired                       in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   -    -    -    -    -    -    -    gone gone -    -    gone -    gone in
withdrawn                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
quarantined                   in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced                      in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one waits       in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one is held     in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, former ones closed  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
unknown                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""

# What is made of several files, or beside a file, leaves a destroyed one out as any other that is not there.
WITHOUT_DESTROYED = DOWNLOAD.replace("gone", "-   ")
# Of a TLP:RED paper there is no picture, since its owner hears of whatever leaves.
PICTURES = "\n".join(
    re.sub(r"\bok\b", "- ", line) if re.match(r"red|below, red", line) else line
    for line in WITHOUT_DESTROYED.splitlines()
)

# Versions by number, for the papers that have two.
FIRST_VERSION = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
committee                     in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   -    -    -    -    -    -    -    gone gone -    -    gone -    gone in
withdrawn                     in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   -    -    -    -    -    -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced                      in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one waits       in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one is held     in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, former ones closed  in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
unknown                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""
SECOND_VERSION = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced                      in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
replaced, new one waits       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced, new one is held     in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
replaced, former ones closed  in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
unknown                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""

# Changing in the administration follows Wagtail's permissions for the folder, and not for a closed membership.
ADMIN = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
amber                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, not named                in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, named                    in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
committee                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
below the committee           in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
embargoed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
expired                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
withdrawn                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
quarantined                   in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
replaced, new one waits       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
unknown                       in   no   no   no   no   no   -    -    -    -    -    -    -    -    -    in
"""

# The administration's API besides asks, as Wagtail has it, for the audience of the folder.
API = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
amber                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, not named                in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, named                    in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
committee                     in   no   no   no   no   no   -    -    -    ok   -    -    -    -    ok   in
below the committee           in   no   no   no   no   no   -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
expired                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
withdrawn                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
quarantined                   in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
replaced, new one waits       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
unknown                       in   no   no   no   no   no   -    -    -    -    -    -    -    -    -    in
"""

# Choosing a paper for a post shows it, so that it wants the permission to choose in the folder *and* to read the paper.
CHOOSER = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
green                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
amber                         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
red, not named                in   no   no   no   no   no   -    -    -    -    -    -    -    -    ok   in
red, named                    in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
committee                     in   no   no   no   no   no   -    -    -    ok   -    -    -    -    ok   in
below the committee           in   no   no   no   no   no   -    -    -    ok   -    -    -    -    ok   in
embargoed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
expired                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
destroyed                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
withdrawn                     in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought by a member           in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
brought, not taken in         in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
waiting                       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
quarantined                   in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
replaced, new one waits       in   no   no   no   no   no   -    -    ok   ok   -    -    ok   -    ok   in
unknown                       in   no   no   no   no   no   -    -    -    -    -    -    -    -    -    in
"""

ZIPPED_FOLDERS = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
ours                          in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
ours/committee                in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
ours/no-such-folder           in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
"""

FOLDERS = """
                              vis  app  mem  com  lap  sus  sec  aud  edi  edc  edl  eds  stf  oth  adm  ina
ours                          in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
ours/guidance                 in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
ours/committee                in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
ours/committee/minutes        in   -    -    ok   -    -    -    -    -    ok   -    -    -    -    ok   in
ours/minutes                  in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
minutes                       in   -    -    -    -    -    -    -    -    -    -    -    -    -    -    in
elsewhere                     in   -    ok   ok   -    -    ok   ok   ok   ok   -    -    ok   ok   ok   in
"""
