# The REST API. Build from the repository's top folder: docker build -f deploy/docker/api.Dockerfile .
FROM swift:6.3-bookworm AS build
WORKDIR /src
# Dependencies first: they change less often than the sources.
COPY deploy/setup deploy/setup
RUN deploy/setup/install.sh build
COPY Package.swift .
RUN --mount=type=cache,target=/src/.build,sharing=locked swift package resolve
COPY . .
RUN --mount=type=cache,target=/src/.build,sharing=locked deploy/docker/stage.sh api /stage

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libcurl4 libexpat1 libpq5 librabbitmq4 libssl3 libutf8proc2 libxlsxwriter4 libzip4 libzstd1 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home sanitizer
COPY --from=build /stage /opt/sanitizer
USER 10001:10001
ENV SANITIZER_HTTP_HOST=0.0.0.0 SANITIZER_HTTP_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s CMD ["curl", "-fsS", "http://127.0.0.1:8080/api/v1/health/ready"]
ENTRYPOINT ["/opt/sanitizer/api"]
