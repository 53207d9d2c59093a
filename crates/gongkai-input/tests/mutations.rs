//! A short run of the readers over broken containers; `examples/fuzz.rs` runs the same for as long as one likes.

#![allow(clippy::unwrap_used, reason = "helpers of tests are test code too")]

mod make;
#[path = "make/mutate.rs"]
mod mutate;
#[path = "make/tables.rs"]
mod tables;

use make::*;
use mutate::{Dice, judge, mutant, seeds};
use tables::*;

#[test]
fn broken_containers_end_in_reasons() {
    const RUNS: u64 = 6000;
    let seeds = seeds();
    for seed in &seeds {
        judge(seed).unwrap();
    }
    for run in 1..=RUNS {
        let bytes = mutant(&seeds, &mut Dice(run.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        if let Err(why) = judge(&bytes) {
            panic!("run {run}: {why}");
        }
    }
}

#[test]
fn any_beginning_of_a_container_ends_in_reasons() {
    for (at, seed) in seeds().iter().enumerate() {
        for length in (0..seed.len()).step_by(7) {
            if let Err(why) = judge(&seed[..length]) {
                panic!("seed {at} cut at {length}: {why}");
            }
        }
    }
}
