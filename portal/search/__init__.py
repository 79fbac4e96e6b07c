"""One search for the site: what there is to find (`index`), where it is kept (`sqlite`, `postgresql`), and what a
person may find of it (`find`).

Words are folded, split and stemmed here and nowhere else, so that every database finds the same: it is given stems and
asked for stems.
"""
