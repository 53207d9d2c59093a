//! `heads.tsv`, `heads-held-out.tsv`, `heads-fresh.tsv`, `heads-unseen.tsv`, `heads-sentences.tsv`,
//! `heads-short.tsv` and `heads-prose.tsv`: what a document shows at its head and foot, and what must be read from it.
//!
//! Every level is counted by itself. *Right* is the expected value, or nothing where nothing can be known; *wrong* is
//! any other value; *null* is nothing where something could be known.

mod common;
#[path = "common/heads.rs"]
mod labelled;

use gongkai_registry::Registry;
use gongkai_resolve::Resolver;
use labelled::{LEVELS, heads};

/// Of a thousand: at least so many right, at most so many wrong, at every level.
const RIGHT: usize = 980;
const WRONG: usize = 5;

/// Counts a file, prints the counts, and returns what is not right.
fn score(name: &str, table: &str, at_least: usize) -> Vec<String> {
    let resolver = Resolver::new(Registry::embedded());
    let mut counts = [[0_usize; 3]; 11];
    let mut faults = Vec::new();
    let heads: Vec<_> = heads(table).collect();
    for (number, head) in heads.iter().enumerate() {
        let head = head.as_ref().unwrap_or_else(|| panic!("{name}: head {number} has not the columns"));
        let got = head.read(&resolver);
        for (level, (want, got)) in head.expected.iter().zip(&got).enumerate() {
            let sort = if want == got {
                0
            } else if got.is_some() {
                1
            } else {
                2
            };
            counts[level][sort] += 1;
            if sort > 0 {
                faults.push(format!(
                    "{name}:{}: {}: want {want:?}, got {got:?}: {}",
                    head.line, LEVELS[level], head.title
                ));
            }
        }
    }
    let heads = heads.len();
    println!("{name}: {heads} heads\n{:<10} right  wrong   null", "level");
    let mut failed = false;
    for (level, [right, wrong, null]) in LEVELS.iter().zip(counts) {
        println!("{level:<10} {right:>5}  {wrong:>5}  {null:>5}");
        failed |= right * 1000 < heads * RIGHT || wrong * 1000 > heads * WRONG;
    }
    assert!(heads >= at_least, "{heads}");
    assert!(!failed, "{}", faults.join("\n"));
    faults
}

#[test]
fn heads_are_read_at_every_level() {
    // A head of this file that stops being read is a step back, whatever the share.
    let faults = score("heads.tsv", include_str!("heads.tsv"), 240);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn heads_held_out_are_read_at_every_level() {
    score("heads-held-out.tsv", include_str!("heads-held-out.tsv"), 70);
}

#[test]
fn fresh_heads_are_read_at_every_level() {
    score("heads-fresh.tsv", include_str!("heads-fresh.tsv"), 45);
}

#[test]
fn unseen_heads_are_read_at_every_level() {
    score("heads-unseen.tsv", include_str!("heads-unseen.tsv"), 155);
}

#[test]
fn heads_without_a_title_line_are_read_at_every_level() {
    score("heads-sentences.tsv", include_str!("heads-sentences.tsv"), 45);
}

#[test]
fn short_and_ambiguous_heads_are_read_at_every_level() {
    let faults = score("heads-short.tsv", include_str!("heads-short.tsv"), 20);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn prose_heads_are_read_at_every_level() {
    let faults = score("heads-prose.tsv", include_str!("heads-prose.tsv"), 60);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
