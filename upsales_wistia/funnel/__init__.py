"""What to do with a view, and why: a pure function of what is known.

No input or output, no clock, no database. The same functions serve the run, the dry run,
*why is it not here?* and *what if?*.
"""
