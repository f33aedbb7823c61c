"""What the viewing says: five jobs that ask Mavera about totals, and what came back.

``drops``, ``segments``, ``rates``, ``transcripts``, ``traces``, ``gate`` and ``budget`` are pure.
"""
