"""Questions put to the real vendors with a customer's keys: whether it is as we take it to be.

Every question reads only. What the vendors' documents leave open is listed here once, with what
we expect, and with the setting that changes what we do where the answer is another.
"""
