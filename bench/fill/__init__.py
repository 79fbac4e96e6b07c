"""Fills a site with many posts, papers, members, comments and rows of the access record.

    python -m bench.fill 10000

brings the site that the environment names (DATABASE_URL, DATA_DIR) to 10,000 of each, and says how fast. The site has
the demonstration's content already: its posts are what the many look like. Nothing is inspected and no mail is sent.
"""
