"""Pages that say why there is no page."""

from .plural import Texts

# fmt: off
TEXTS: Texts = {
    "error_forbidden": ("This is not allowed here", "Esto no está permitido aquí"),
    "error_forbidden_why": ("The page or the form did not come from this dashboard under its own address.",
                            "La página o el formulario no vino de este panel con su propia dirección."),
    "error_proxy": ("The receiver does not know of its proxy", "El receptor no sabe de su proxy"),
    "error_proxy_why": ("A proxy passed this on, and forms are refused until the receiver knows how many stand before "
                        "it: set FORWARDED_HOPS (1 for one), and start it again.",
                        "Esto llegó por un proxy, y los formularios se rechazan hasta que el receptor sepa cuántos "
                        "tiene delante: define FORWARDED_HOPS (1 si es uno) y reinícialo."),
    "error_right": ("You may not do this", "No puedes hacer esto"),
    "error_right_why": ("Ask whoever set the dashboard up.", "Pregunta a quien configuró el panel."),
    "error_form": ("This form is too old", "Este formulario es demasiado antiguo"),
    "error_form_why": ("Open the page again and send it once more. Cookies must be allowed for this page.",
                       "Abre la página de nuevo y vuelve a enviarlo. Las cookies deben estar permitidas aquí."),
    "error_not_found": ("There is no such page", "Esta página no existe"),
    "error_not_found_why": ("The address may be old, or what it showed was removed.",
                            "Quizá la dirección es antigua, o se borró lo que mostraba."),
    "error_away": ("We cannot read the calls just now", "Ahora no podemos leer las llamadas"),
    "error_away_kept": ("New ones are kept all the same. This page looks again in 10 s.",
                        "Las nuevas se guardan igual. Esta página reintenta en 10 s."),
    "error_away_refused": ("New ones are refused until the database is back: InboundFlow sends them again for a while. "
                           "This page looks again in 10 s.",
                           "Las nuevas se rechazan hasta que vuelva la base de datos: InboundFlow las reenvía un "
                           "tiempo. Esta página reintenta en 10 s."),
    "error_busy": ("Too many pages are open at once", "Hay demasiadas páginas abiertas a la vez"),
    "error_busy_why": ("Calls are received all the same. Try again in a moment.",
                       "Las llamadas se reciben igual. Vuelve a intentar en un momento."),
    "error_large": ("That is too long", "Eso es demasiado largo"),
    "error_large_why": ("Shorten what you wrote, and send it again.", "Acorta lo que escribiste y vuelve a enviarlo."),
    "error_trouble": ("Something went wrong here", "Algo salió mal aquí"),
    "error_trouble_why": ("Calls are received all the same. The log of the web process names the place.",
                          "Las llamadas se reciben igual. El registro del proceso web dice dónde fue."),
}
# fmt: on
