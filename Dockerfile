# haguard with an HAProxy that it runs itself, without root: see docs/containers.md.
ARG BASE=debian:12-slim

FROM ${BASE} AS build
COPY packaging/install-deps.sh /tmp/
RUN /tmp/install-deps.sh build package
COPY . /src
RUN /src/packaging/build-deb.sh --no-lint --output /packages

FROM ${BASE}
# Capabilities of the programs, because few runtimes give any to users other than root. Both must have
# NET_BIND_SERVICE: a program that gains some by its file cannot be looked at by its parent.
RUN --mount=type=bind,from=build,source=/packages,target=/packages \
    apt-get -qq update \
 && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends \
      systemd-standalone-sysusers libcap2-bin tini haproxy /packages/haguard_*.deb \
 && useradd --system --gid haguard --home-dir /nonexistent --no-create-home haguard \
 && install --directory --owner haguard --group haguard /run/haguard /run/haproxy /var/lib/haguard \
 && setcap cap_net_admin,cap_net_raw,cap_net_bind_service+ep /usr/sbin/haguard \
 && setcap cap_net_bind_service+ep /usr/sbin/haproxy \
 && DEBIAN_FRONTEND=noninteractive apt-get -qq purge --yes libcap2-bin \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log
USER haguard
VOLUME /var/lib/haguard
HEALTHCHECK --interval=5s --timeout=6s CMD ["/usr/sbin/haguard", "status"]
# TERM hands the addresses over, and lets HAProxy's clients finish, before the container ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/sbin/haguard"]
CMD ["run"]
