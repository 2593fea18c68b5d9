"""Who may use these pages."""

# fmt: off
TEXTS = {
    "nav_people": ("People", "Personas"),
    "people_why": (
        "Each signs in with this name and a password of their own. Tell them the password in another way than by mail.",
        "Cada quien entra con este nombre y su propia contraseña. Dales la contraseña por un medio que no sea correo.",
    ),
    "people_sso": (
        "Or they come in with {name}: then the name is their e-mail address there, and the password stays empty.",
        "O entra con {name}: entonces el nombre es su dirección de correo ahí, y la contraseña se deja vacía.",
    ),
    "people_by_sso": ("Comes in by single sign-on.", "Entra con el inicio de sesión único."),
    "people_no_email": (
        "Without a password the name has to be an e-mail address, such as ana@example.com.",
        "Sin contraseña, el nombre tiene que ser una dirección de correo, como ana@example.com.",
    ),
    "people_nobody": (
        "Nobody yet: everybody signs in with the dashboard's password, and may do everything.",
        "Todavía nadie: todos entran con la contraseña del panel y pueden hacerlo todo.",
    ),
    "people_everywhere": ("At every business", "En todos los negocios"),
    "people_add": ("Add a person", "Añadir a una persona"),
    "people_name": ("Name", "Nombre"),
    "people_role": ("May", "Puede"),
    "people_viewer": ("see calls, with part of the number", "ver llamadas, con parte del número"),
    "people_operator": (
        "also call back, send again, pause and resume", "además devolver llamadas, reenviar, pausar y reanudar",
    ),
    "people_owner": (
        "do everything: also settings, history, erasing and people",
        "hacerlo todo: también ajustes, historial, borrado y personas",
    ),
    "people_none": ("nothing any more: remove", "nada: quitar"),
    "people_save": ("Save", "Guardar"),
    "people_password": ("Another password", "Otra contraseña"),
    "people_new_password": (
        "Password, {n} characters or more; four words are easy to keep",
        "Contraseña, de {n} caracteres o más; cuatro palabras se recuerdan bien",
    ),
    "people_missing": (
        "A name, a role and a password of {n} characters or more are needed.",
        "Hacen falta un nombre, un rol y una contraseña de {n} caracteres o más.",
    ),
    "people_taken": (
        "This name cannot be taken: add a surname, or an initial.",
        "Este nombre no se puede usar: añade un apellido o una inicial.",
    ),
    "people_added": ("{name} can sign in now.", "{name} ya puede entrar."),
    "people_changed": ("{name}: changed.", "{name}: cambiado."),
    "people_password_set": ("{name} has another password, and is signed out.",
                            "{name} tiene otra contraseña, y su sesión se cerró."),
}
# fmt: on
