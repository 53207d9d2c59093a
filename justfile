# `just` alone lists the recipes.

export CARGO_TARGET_DIR := env("CARGO_TARGET_DIR", env("HOME") / ".cache/gongkai/target")
shared := env("GONGKAI_SHARED", "../shared")

_default:
    @just --list --unsorted

# Format, lint, architecture and generated docs: what CI checks before the tests
check:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets -- -D warnings
    cargo xtask arch
    cargo xtask docs --check

# All tests
test *ARGS:
    cargo test --release --workspace {{ARGS}}

# Ingest the samples into ./store and ask a first question
sample:
    cargo run --release -- ingest data/sample --store store

# Benchmarks, as ratios against named peers where there are some
bench *ARGS:
    cargo bench --workspace {{ARGS}}

# Readers of containers and documents over broken ones, each for so many seconds from a seed; prints what is wrong
fuzz SECONDS="1800" SEED="1":
    cargo run --release -p gongkai-input --example fuzz -- {{SECONDS}} {{SEED}}
    cargo run --release -p gongkai-extract --example fuzz_documents -- {{SECONDS}} {{SEED}}

# Write the generated documents
docs:
    cargo xtask docs

# Score the samples and, where they are at hand, the shared corpora against their gold
score: _venv
    bash .ci/score

# The whole of CI
ci:
    bash .ci/run

_venv:
    bash .ci/venv
