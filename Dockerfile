# haguard beside an HAProxy, in the host's network namespace:
#   docker run --network host --cap-drop ALL --cap-add NET_ADMIN --cap-add NET_RAW \
#     --cap-add DAC_OVERRIDE --pid host -v /etc/haguard:/etc/haguard:ro -v /run/haproxy:/run/haproxy \
#     -v /etc/haproxy:/etc/haproxy:ro -v /var/lib/haguard:/var/lib/haguard haguard
FROM debian:12-slim AS build
COPY packaging/install-deps.sh /tmp/
RUN /tmp/install-deps.sh build
COPY . /src
# not the release preset: a newer image's compiler may have new warnings
RUN cmake -S /src -B /build -G Ninja -DHAGUARD_TESTS=OFF -DCMAKE_INSTALL_PREFIX=/usr \
 && cmake --build /build \
 && DESTDIR=/stage cmake --install /build --strip

FROM debian:12-slim
RUN apt-get -qq update \
 && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends \
      libcap-ng0 libfmt9 libnl-3-200 libprometheus-cpp-core1.0 libspdlog1.10 libssl3 libsystemd0 \
      libtomlplusplus3 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /stage/ /
# TERM hands the addresses over before the container ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/sbin/haguard"]
CMD ["run"]
