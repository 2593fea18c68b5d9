from receiver.cli.text import print_json, print_table


def test_a_document_is_json_that_people_can_read_too(capsys):
    print_json({"name": "Íñigo", "runs": []})

    assert capsys.readouterr().out == '{\n  "name": "Íñigo",\n  "runs": []\n}\n'


def test_a_tables_columns_are_as_wide_as_their_widest_cell(capsys):
    print_table([("1", "slack.post", "dead"), ("12", "crm", "")])

    assert capsys.readouterr().out == "1   slack.post  dead\n12  crm\n"
