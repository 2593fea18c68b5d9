"""Receivers that the conformance checks are proven with: a right one, its mistakes, and some as people write them."""
