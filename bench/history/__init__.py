"""What is asked all day, timed over pasts of different length: does its cost grow as the years pass?"""
