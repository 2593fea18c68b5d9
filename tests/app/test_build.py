from receiver import settings
from receiver.operations import single_source
from receiver.sources import Source


def test_the_environment_describes_the_single_source():
    env = {
        "INBOUNDFLOW_SIGNING_SECRET": "new",
        "INBOUNDFLOW_SIGNING_SECRET_PREVIOUS": "old",
        "INBOUNDFLOW_TIMESTAMP_TOLERANCE_SECONDS": "60",
        "BUSINESS_TIMEZONE": "Europe/Madrid",
        "BUSINESS_LANGUAGE": "es",
    }

    assert single_source(settings.read(env)) == Source(
        name="", secrets=(b"new", b"old"), tolerance_s=60, zone="Europe/Madrid", language="es"
    )
