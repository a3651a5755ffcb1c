# The hub's server, its simulator and its clients in one image. How to run it: docs/deploy.md.
#
# The tag names an exact version. To pin the very bytes as well, resolve its digest and write it behind the tag in all
# three places: docker buildx imagetools inspect node:24.21.0-bookworm-slim --format '{{.Manifest.Digest}}'

# --- compile ---
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json tsconfig.json tsconfig.types.json icon.png ./
COPY scripts/build.mjs scripts/emit-types.mjs ./scripts/
COPY src ./src
# `prepare` bundles src/ into dist/.
RUN npm ci --no-audit --no-fund

# --- what runs beside our own code; no package's scripts take part ---
FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund
# A third of it is for compilers and debuggers.
RUN find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# --- the image ---
FROM node:24.21.0-bookworm-slim AS server
LABEL org.opencontainers.image.title="omie-mcp-hub" \
      org.opencontainers.image.licenses="MIT"

# Secrets are mounted, never built in. Each is a file in a mounted directory: a mount of a single file keeps showing the
# old one when an editor or a tool renames a new file over it, and nothing would be reloaded. On 0.0.0.0 the server does
# not start without MCP_AUTH_TOKEN_FILE or a tokens file.
ENV NODE_ENV=production \
    MCP_HOST=0.0.0.0 \
    MCP_PORT=8000 \
    CREDENTIALS_FILE=/run/secrets/hub/credentials.json

WORKDIR /app
# The only place the server may write to: audit lines, if they are wanted.
RUN install -d -o 10001 -g 10001 -m 0750 /var/lib/omie-mcp-hub
COPY --from=dependencies /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./

# A number, so that an orchestrator can see that it is not root. All files above belong to root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.MCP_PORT}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# node is told directly: SIGTERM reaches it, and it drains.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve", "--transports", "sse,http"]
