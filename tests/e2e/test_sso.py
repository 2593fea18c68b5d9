"""Single sign-on in a real browser, with a real web process and a played provider."""

import pytest
from playwright.sync_api import expect

from receiver import operations, settings, store
from receiver.operations import EVERYWHERE
from tests.support.browsing import PASSWORD
from tests.support.processes import free_port, listens, started, until
from tests.support.provider import CLIENT, SECRET, played_provider
from tests.support.web import SECRET as SIGNING
from tests.support.web import SERVE

SOON_MS = 30_000


@pytest.mark.parametrize("script", [True, False])
def test_a_person_signs_in_at_the_provider_and_comes_back_to_the_page(chromium, tmp_path, script):
    with played_provider() as provider:
        port = free_port()
        env = {
            "DATA_DIR": str(tmp_path), "INBOUNDFLOW_SIGNING_SECRET": SIGNING, "DASHBOARD_PASSWORD": PASSWORD,
            "PORT": str(port), "OIDC_ISSUER": provider.url, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET,
            "BUSINESS_LANGUAGE": "es", "OIDC_NAME": "Acme ID",
        }  # fmt: skip
        provider.client.redirect = f"http://127.0.0.1:{port}/sign-in/sso/back"
        db = store.connect(settings.read(env))
        store.migrate(db)
        with started("-c", SERVE, env=env):
            until(lambda: listens(port), what="the server")
            page = chromium.new_context(java_script_enabled=script).new_page()
            page.set_default_timeout(SOON_MS)
            said = []
            page.on("console", lambda message: message.type == "error" and said.append(message.text))

            page.goto(f"http://127.0.0.1:{port}/calls")
            page.get_by_role("link", name="Entrar con Acme ID").click()
            alert = page.get_by_role("alert")
            expect(alert).to_contain_text("Nadie le ha dado acceso a ana@practice.es", timeout=SOON_MS)
            operations.add_person(db, "ana@practice.es", None, "operator", EVERYWHERE)
            page.goto(f"http://127.0.0.1:{port}/calls")
            page.get_by_role("link", name="Entrar con Acme ID").click()

            expect(page).to_have_url(f"http://127.0.0.1:{port}/calls", timeout=SOON_MS)
            expect(page.get_by_role("heading", level=1)).to_have_text("Llamadas")
            assert [line for line in said if "403" not in line] == []
        db.close()
