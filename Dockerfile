# syntax=docker/dockerfile:1
# The version is that of the optional packages of package.json; a test holds both to each other. No digest is pinned,
# since no registry of images could be asked where this was written: add `@sha256:…` to both lines where one can be.
FROM node:26.10.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are a Node runtime for machines without one; the image has its own.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:26.10.0-bookworm-slim AS built
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The bundler comes as an optional package of the platform, so these are not left out here.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY openapi openapi
COPY src src
COPY tools tools
RUN npm run build

FROM node:26.10.0-bookworm-slim
LABEL org.opencontainers.image.title="uab-all-trials" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data BUNDLED_SAMPLE=refuse
# Read by the C library. Each thread that compresses keeps what it once took otherwise, some 20 MB for nobody; and so is
# what a page of megabytes took before it was packed.
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1048576
WORKDIR /app
# Nothing is installed in a running container, and package managers bring packages that scanners must watch.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /opt/yarn* \
  && install -d -o node -g node -m 0750 /data
COPY --from=dependencies /app/node_modules node_modules
# Owned by root: the service cannot change its own code, even where the root is writable.
COPY package.json LICENSE ./
COPY institutions institutions
COPY openapi openapi
COPY sample sample
COPY src src
COPY --from=built /app/dist dist
# Compiled once, here: a start takes half the time. It refuses the port when all is loaded.
RUN node --import ./src/start-lean.js -e "import('./dist/registry-client.js').then(() => import('./dist/documentation.js'))" \
  && { PORT=refused node --import ./src/start-lean.js dist/main.js; test $? -eq 78; }
# `node` by its number: Kubernetes cannot tell from a name that it is not root.
USER 1000:1000
# The only place that is written to: the root may be read-only.
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/health/live').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "--import", "./src/start-lean.js", "dist/main.js"]
