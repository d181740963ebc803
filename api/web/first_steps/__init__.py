"""The first steps of a territory: itself, its communes, its hours, its people, its first accounts.

Nothing is kept of the way itself: what is done is read from what exists, so that it may be left and resumed.
"""
