//! What a container holds, as lines to compare.

#![allow(dead_code, reason = "every test file uses some")]

use std::ops::ControlFlow;

use gongkai_input::{Container, InputOptions, Met};
use gongkai_model::Capture;

/// What a container of this name holds: its captures, and how many parts only tell about them.
pub fn all_with(name: &str, bytes: &[u8], options: &InputOptions) -> (Vec<Capture>, usize) {
    let (mut captures, mut about) = (Vec::new(), 0);
    Container::of_bytes(name, bytes.to_vec()).each(options, &mut |met| {
        match met {
            Met::Capture(capture) => captures.push(*capture),
            Met::Sidecar(_) => about += 1,
            Met::Hidden | Met::Note(_) => {}
        }
        ControlFlow::Continue(())
    });
    (captures, about)
}

pub fn all(name: &str, bytes: &[u8]) -> Vec<Capture> {
    all_with(name, bytes, &InputOptions::default()).0
}

/// Name and content, or name and reason, a line each.
pub fn told(captures: &[Capture]) -> Vec<String> {
    let line = |c: &Capture| match &c.problem {
        Some(problem) => format!("{} {}: {}", c.container, problem.status.as_str(), problem.reason),
        None => format!("{} = {}", c.container, String::from_utf8_lossy(&c.bytes)),
    };
    captures.iter().map(line).collect()
}

pub fn tell(name: &str, bytes: &[u8]) -> Vec<String> {
    told(&all(name, bytes))
}
