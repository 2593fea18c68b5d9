import socket
from urllib.parse import urlsplit

from tests.support.processes import until


def test_a_request_whose_client_died_in_the_middle_of_it_has_no_effect(world):
    place = urlsplit(world.url)
    seen = []
    world.watch = lambda name, path, stage: seen.append(stage)
    for body in (b'{"a"', b'{"a": 1}'):
        with socket.create_connection((place.hostname, place.port)) as sock:
            sock.sendall(b"POST /forward/x HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n" + body)

    until(lambda: len(seen) == 2, what="the whole request")

    assert [one["body"] for one in world.forward.received] == ['{"a": 1}']
