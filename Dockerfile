# syntax=docker/dockerfile:1
# One image for every process of ours: the server, the job worker, and Chroma's server, so that
# client and server of the vectors are always of one version.

FROM node:20-slim AS web
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.11-slim AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 VIRTUAL_ENV=/opt/mnemos
RUN pip install --no-cache-dir uv==0.13.8 && uv venv /opt/mnemos
WORKDIR /src
# The locked dependencies change rarely: a layer of their own.
COPY pyproject.toml requirements.lock ./
RUN uv pip install --no-cache --require-hashes -r requirements.lock
COPY README.md LICENSE NOTICE ./
COPY ops/wheel_hook.py ops/
COPY graph graph
COPY schema schema
COPY platform platform
COPY --from=web /src/platform/mnemos/web platform/mnemos/web
RUN uv pip install --no-cache --no-deps .

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /home/mnemos mnemos \
  && install --directory --owner mnemos --mode 0700 /data
COPY --from=build /opt/mnemos /opt/mnemos
ENV PATH=/opt/mnemos/bin:$PATH PYTHONUNBUFFERED=1 MNEMOS_DATA=/data MNEMOS_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8080
CMD ["mnemos", "serve"]
