"""A view fetches what is visible, asks for what the marking requires, calls one service, answers."""
