"""What a page of /metrics says, by Prometheus' own parser."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.support.processes import get


def parsed(text):
    """Name and labels → value, of each sample."""
    if isinstance(text, bytes):
        text = text.decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(samples, name, *labels):
    """The samples of one metric: the values of these labels → value."""
    return {tuple(dict(key[1:])[label] for label in labels): value for key, value in samples.items() if key[0] == name}


def scraped(port):
    status, body = get(port, "/metrics")
    assert status == 200, status
    return parsed(body)
