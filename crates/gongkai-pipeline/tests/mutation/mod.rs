//! How a figure is changed, and a page in which it can be.

pub mod page;

use gongkai_model::Number;

/// The figure printed otherwise: one more; two digits changed over; a digit too many; nothing for something and
/// something for nothing.
pub fn changed(value: Number) -> Vec<Number> {
    let n = value.as_integer().expect("counts");
    let mut changed = vec![n + 1, swapped(n), n * 10, if n == 0 { 7 } else { 0 }];
    changed.sort_unstable();
    changed.dedup();
    changed.into_iter().filter(|c| *c != n).map(Number::from_integer).collect()
}

/// The first two neighbouring digits that differ, changed over, unless the figure would begin with a zero.
fn swapped(n: i64) -> i64 {
    let mut digits: Vec<char> = n.to_string().chars().collect();
    let differ = |i: &usize| digits[*i] != digits[i + 1] && !(*i == 0 && digits[1] == '0');
    if let Some(i) = (0..digits.len() - 1).find(differ) {
        digits.swap(i, i + 1);
    }
    digits.into_iter().collect::<String>().parse().unwrap()
}
