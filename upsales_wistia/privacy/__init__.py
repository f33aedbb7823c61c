"""What is kept of people: erased on request, thinned by age, exported. Nobody comes back by itself.

Decides nothing about views; works through the customer's lease like a run.
"""
