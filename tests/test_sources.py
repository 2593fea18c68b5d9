from receiver.sources import Source


def test_a_source_that_is_printed_shows_no_secret():
    source = Source(name="bakery", secrets=(b"the-secret-of-today", b"the-one-before"))

    assert ("bakery" in repr(source), "secret" in repr(source), "before" in repr(source)) == (True, False, False)
