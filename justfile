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
    GONGKAI_PYTHON="$(bash .ci/venv bench)" cargo bench --workspace {{ARGS}}

# What nights cost: a full run, one without change, one with 1 % changed; and peak memory. FOLDER keeps the documents
nights DOCUMENTS="30000" *FOLDER:
    cargo build --release -p gongkai -p gongkai-generator --bins --example country
    python3 .ci/nights.py {{CARGO_TARGET_DIR}}/release/gongkai {{CARGO_TARGET_DIR}}/release/examples/country {{DOCUMENTS}} {{FOLDER}}

# How much faster two executors of Spark read than one; needs Java 17, and nothing else at work
executors REPORTS="20000":
    cargo build --release --workspace --bins
    bash .ci/wheel {{CARGO_TARGET_DIR}}/dist
    bash .ci/spark {{CARGO_TARGET_DIR}}/dist {{REPORTS}} executors

# Readers of containers and documents over broken ones, each for so many seconds from a seed; prints what is wrong
fuzz SECONDS="1800" SEED="1":
    cargo run --release -p gongkai-input --example fuzz -- {{SECONDS}} {{SEED}}
    cargo run --release -p gongkai-extract --example fuzz_documents -- {{SECONDS}} {{SEED}}

# Write the generated documents
docs:
    cargo xtask docs

# Try the page about quality in a browser, on the samples; FOLDER gets screenshots: look at them
page *FOLDER: sample
    bash .ci/page {{CARGO_TARGET_DIR}}/release/gongkai store {{FOLDER}}

# The cookbook on the samples and a generated country, and the files for desk programs on the samples, in DuckDB, pandas, Polars and readers of Excel and Stata files
desk: sample
    cargo build --release --workspace --bins --example country
    bash .ci/nation {{CARGO_TARGET_DIR}}/release {{CARGO_TARGET_DIR}}/nation
    "$(bash .ci/venv-desk)" .ci/cookbook.py {{CARGO_TARGET_DIR}}/nation/store
    "$(bash .ci/venv-desk)" .ci/pages.py store
    "$(bash .ci/venv-desk)" .ci/desk.py {{CARGO_TARGET_DIR}}/release/gongkai store {{CARGO_TARGET_DIR}}/desk-check

# Build the site, check its links, try its search; FOLDER gets screenshots
book *FOLDER:
    bash .ci/book {{CARGO_TARGET_DIR}}/book {{FOLDER}}

# Begin the file of a rule: `just new-rule GK499 what_is_doubted`
new-rule CODE NAME:
    cargo xtask new-rule {{CODE}} {{NAME}}

# Score the samples and, where they are at hand, the shared corpora against their gold
score: _venv
    bash .ci/score

# Releases of the samples in DuckDB 1.4 and 2, Polars, pyarrow, mlcroissant, frictionless, ro-crate-py, and two of them compared
release-check:
    cargo build --release
    "$(bash .ci/venv-release)" .ci/release.py {{CARGO_TARGET_DIR}}/release/gongkai data/sample {{CARGO_TARGET_DIR}}/release-check

# The wheel, an archive with the same binary, and SHA256SUMS of both, in FOLDER (dist/)
wheel *FOLDER:
    bash .ci/wheel {{FOLDER}}

# The Python job on Sail and, with Java 17, on Spark, over so many generated reports, from the wheel in FOLDER (dist/)
spark REPORTS="5000" FOLDER="dist":
    bash .ci/spark {{FOLDER}} {{REPORTS}}

# The whole of CI
ci:
    bash .ci/run

_venv:
    bash .ci/venv
