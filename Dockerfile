# One image for every form: web, worker and Redis together (as it is), or one of them (give the command).
# Pin it by digest where you build: docker buildx imagetools inspect python:3.13-slim-bookworm
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /src
RUN python -m venv --without-pip /opt/receiver
COPY bin/requirements.txt bin/requirements.txt
RUN pip --python /opt/receiver/bin/python install --no-cache-dir --require-hashes -r bin/requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY receiver receiver
COPY handlers handlers
COPY mock_sender mock_sender
COPY recipes recipes
COPY docs/troubleshooting.md docs/troubleshooting.md
RUN pip --python /opt/receiver/bin/python install --no-cache-dir --no-deps --no-build-isolation --no-index . ./mock_sender

FROM ${BASE}
# redis-server for the form without a Redis of its own; tini ends what a killed process leaves behind.
RUN apt-get update \
 && apt-get install -y --no-install-recommends redis-server tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /data receiver \
 && install -d -o receiver -g receiver -m 0700 /data
COPY --from=build /opt/receiver /opt/receiver
ENV PATH=/opt/receiver/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data
# No VOLUME: Railway builds no image that has one.
USER receiver
WORKDIR /opt/receiver
STOPSIGNAL SIGTERM
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=15s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["tini", "--"]
CMD ["receiver", "up"]
