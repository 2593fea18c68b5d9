"""Plays everything outside the receiver: InboundFlow before it, and the destinations behind it."""
