def test_the_language_is_spanish_until_another_is_chosen_and_that_is_remembered(panel):
    pages = [panel.see(path)[1] for path in ("/", "/?lang=xx", "/?lang=en", "/integrations/custom", "/?lang=es", "/")]

    assert ["Configuración" in page for page in pages] == [True, True, False, False, True, True]
    assert "Webhook URL" in pages[3]
