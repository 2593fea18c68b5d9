from mock_sender.destinations.faults import Fault, Faults


def test_a_fault_meets_as_many_requests_as_it_says_and_then_none():
    faults = Faults()
    fault = Fault(status=503, times=2)
    faults.add("slack", fault)

    assert [faults.next("slack", "/api/chat.postMessage") for _ in range(3)] == [fault, fault, None]


def test_a_fault_meets_only_its_destination_and_paths_that_hold_its_own():
    faults = Faults()
    fault = Fault(mode="hang", path="append")
    faults.add("sheets", fault)

    met = [faults.next(*request) for request in [("slack", "/append"), ("sheets", "/values"), ("sheets", "/x:append")]]

    assert met == [None, None, fault]


def test_faults_are_met_in_the_order_in_which_they_were_asked_for():
    faults = Faults()
    first, second = Fault(status=429), Fault(status=500)
    faults.add("hubspot", first)
    faults.add("hubspot", second)

    assert [faults.next("hubspot", "/") for _ in range(3)] == [first, second, None]
