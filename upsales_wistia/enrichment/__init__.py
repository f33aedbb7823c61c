"""What the viewing says: five jobs that ask Mavera about totals, and what came back.

The pure parts (``drops``, ``segments``, ``cta``, ``transcripts``, ``gate``, ``budget``) do no I/O.
"""
