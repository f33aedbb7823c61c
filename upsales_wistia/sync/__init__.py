"""A run: Wistia is read, the views are sieved, what is new is written into Upsales.

This room decides nothing; it only calls, in order, what decides (``funnel``), keeps
(``store``) and speaks with the vendors (``clients``).
"""
