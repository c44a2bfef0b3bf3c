"""The shapes of answers: a list, a picture, a text, a running job; each fits every client."""
