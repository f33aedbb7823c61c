"""What is remembered, on SQLite or PostgreSQL.

Plain functions that take the customer's number first and give frozen dataclasses back; rows of the
database never leave this package. All of them need an open connection: ``database.session()``.
"""
