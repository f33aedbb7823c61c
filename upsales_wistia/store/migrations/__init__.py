"""The database's history: numbered files, applied in their order and never changed afterwards.

Each file stands by itself (it copies the tables it speaks of), so that it means the same in years.
"""
