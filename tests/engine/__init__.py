"""The kill kit: the app and the vendors as real processes, and what is done to them."""
