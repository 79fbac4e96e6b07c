"""The site: pages, posts, feeds, settings and operations. Joins people and papers; sits on top of both."""
