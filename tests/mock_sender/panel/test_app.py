import pytest

NOWHERE = ["/nope", "/integrations/fax", "/connections/7", "/connections/7/settings", "/connections/7/live",
           "/deliveries/7", f"/deliveries/{2**63}", f"/connections/{10**30}"]  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
def test_what_is_not_there_is_a_page_that_says_so(panel, path):
    status, page = panel.see(path)

    assert (status, "Aquí no hay nada" in page) == (404, True)


@pytest.mark.parametrize("path", ["/connections/7/simulate", "/connections/7/test", "/connections/7/reconnect",
                                  "/connections/7/disconnect", "/deliveries/7/resend", "/integrations/fax"])  # fmt: skip
def test_nothing_can_be_done_with_what_is_not_there(panel, path):
    assert panel.send(path).status_code == 404
