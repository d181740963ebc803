"""The invented territory: two real perimeters, invented carers and patients, and a day that is always alive.

Everything goes through the services that real users go through, at the instants when it would have happened.
"""
