"""The only outward sockets: Wistia and Upsales as typed calls.

A client asks, waits its turn, and turns the vendor's JSON into frozen dataclasses, or a bad
answer into one of the errors of ``upsales_wistia.errors``. It decides nothing and keeps nothing.
"""
