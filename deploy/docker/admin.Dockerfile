# The command line with the operator's commands. Build from the repository's top folder: docker build -f deploy/docker/admin.Dockerfile .
FROM swift:6.3-bookworm AS build
WORKDIR /src
# Dependencies first: they change less often than the sources.
COPY deploy/setup deploy/setup
RUN deploy/setup/install.sh build
COPY Package.swift .
RUN --mount=type=cache,target=/src/.build,sharing=locked swift package resolve
COPY . .
RUN --mount=type=cache,target=/src/.build,sharing=locked deploy/docker/stage.sh sanitizer /stage

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libcurl4 libexpat1 libpq5 librabbitmq4 libssl3 libutf8proc2 libxlsxwriter4 libzip4 libzstd1 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home sanitizer
COPY --from=build /stage /opt/sanitizer
USER 10001:10001
ENTRYPOINT ["/opt/sanitizer/sanitizer", "admin"]
