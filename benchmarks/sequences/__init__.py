"""Random sequences of what may happen to the receiver, checked against a model of what must have arrived."""
