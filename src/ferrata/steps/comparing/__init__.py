"""Compare: two versions on the rows that both were tested on, how sure the difference is, and what lies beneath it.

sides.py      what a version recorded: predictions, the data they are about, parameters, costs
matching.py   rows of both by their content, and what makes versions not comparable
scoring.py    predictions as classes or numbers, and which scores are about them
beneath.py    rows that flipped, slices, calibration, confusion
masking.py    personal data in rows that are shown
latency.py    how long one answer takes
pictures.py   rows that are files of images
uses.py       how often a test set was used to choose
"""
