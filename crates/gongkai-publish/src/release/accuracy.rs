//! Accuracy for the card: only what was measured, on which set, with its interval.

use gongkai_registry::Registry;
use std::fmt::Write;

/// What came out of one stage where the truth is known.
pub(crate) struct Measured<'a> {
    pub(crate) set: &'a str,
    pub(crate) stage: &'a str,
    pub(crate) n: u64,
    pub(crate) right: u64,
    pub(crate) null: u64,
    pub(crate) wrong: u64,
    /// 95 % interval of the share that is right.
    pub(crate) interval: (f64, f64),
}

/// What the registry knows of measurements.
pub(crate) fn measured(_registry: &Registry) -> Vec<Measured<'_>> {
    Vec::new()
}

/// The measurements as Markdown; `None` where there are none.
pub(crate) fn markdown(measured: &[Measured<'_>]) -> Option<String> {
    if measured.is_empty() {
        return None;
    }
    let mut text = "Measured on documents whose content is known, before this release; the interval is Wilson's, at 95 %. *NULL*: printed and not read. \
                    *Wrong*: anything else than what is printed.\n\n| set | stage | compared | right | NULL | wrong | right, 95 % interval |\n|---|---|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for m in measured {
        let (low, high) = m.interval;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} to {} |",
            m.set,
            m.stage,
            m.n,
            m.right,
            m.null,
            m.wrong,
            percent(low, f64::floor),
            percent(high, f64::ceil)
        );
    }
    Some(text)
}

/// A share in percent, rounded outwards: an interval is never told narrower than it is.
fn percent(share: f64, round: fn(f64) -> f64) -> String {
    format!("{:.3} %", round(share * 100_000.0) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_measured_is_nothing_said_and_intervals_are_not_narrowed() {
        assert!(markdown(&[]).is_none());
        let one = Measured {
            set: "s",
            stage: "value",
            n: 20,
            right: 20,
            null: 0,
            wrong: 0,
            interval: (0.838_87, 1.0),
        };
        let text = markdown(&[one]).unwrap();
        assert!(text.ends_with("| s | value | 20 | 20 | 0 | 0 | 83.887 % to 100.000 % |\n"), "{text}");
        assert_eq!(
            (percent(0.12345678, f64::floor), percent(0.12345678, f64::ceil)),
            ("12.345 %".into(), "12.346 %".into())
        );
    }
}
