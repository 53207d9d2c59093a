//! Reads broken documents for so many seconds from a seed, and prints what is wrong, with the run's number, by which it can
//! be repeated: `cargo run --release -p gongkai-extract --example fuzz_documents -- 1800 1 [RUN]`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for developers")]

#[path = "../tests/make/mod.rs"]
mod make;

use make::{Dice, PATIENCE, judge, mutant, seeds};
use std::time::{Duration, Instant};

fn main() {
    let argument = |at: usize| std::env::args().nth(at).and_then(|a| a.parse::<u64>().ok());
    let (seconds, seed) = (argument(1).unwrap_or(60), argument(2).unwrap_or(1));
    let seeds = seeds();
    let (started, mut run, mut wrong) = (Instant::now(), argument(3).unwrap_or(0), 0);
    while started.elapsed() < Duration::from_secs(seconds) {
        run += 1;
        let dice = seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ run.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let bytes = mutant(&seeds, &mut Dice(dice | 1));
        let before = Instant::now();
        let told = judge(&bytes);
        let slow = before.elapsed() > PATIENCE;
        if told.is_err() || slow {
            wrong += 1;
            println!("run {run}: {told:?} in {:?}", before.elapsed());
        }
    }
    println!("{run} broken documents, {wrong} wrong, {:.0} s", started.elapsed().as_secs_f64());
    std::process::exit(i32::from(wrong > 0));
}
