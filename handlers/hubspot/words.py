"""The handler's own words, in the languages that a business may read."""

from __future__ import annotations

SPANISH = {
    "The caller gave the e-mail address {email}, which is not set here.": (
        "Quien llamó dio el correo {email}, que no se ha puesto aquí."
    ),
    "It belongs to another contact.": "Pertenece a otro contacto.",
    "HubSpot does not accept it.": "HubSpot no lo acepta.",
}


def say(words: str, language: str) -> str:
    return SPANISH[words] if language == "es" else words
