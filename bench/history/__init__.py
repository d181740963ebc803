"""What is asked all day, timed over pasts of different length."""
