//! Accuracy for the card: only what was measured, on which set, with its interval.

use gongkai_registry::StageAccuracy;
use std::fmt::Write;

/// The measurements as Markdown; `None` where there are none.
pub(crate) fn markdown(measured: &[StageAccuracy]) -> Option<String> {
    if measured.is_empty() {
        return None;
    }
    let mut text = "Measured on documents whose content is known, before this release; the interval is Wilson's, at 95 %. *NULL*: printed and not read. \
                    *Wrong*: anything else than what is printed.\n\n| set | stage | compared | right | NULL | wrong | right, 95 % interval |\n|---|---|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for m in measured {
        let (low, high) = m.interval();
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
        let (set, stage) = ("s".to_owned(), "value".to_owned());
        let one = StageAccuracy { set, stage, n: 20, right: 20, null: 0, wrong: 0 };
        let text = markdown(&[one]).unwrap();
        assert!(text.ends_with("| s | value | 20 | 20 | 0 | 0 | 83.887 % to 100.000 % |\n"), "{text}");
        assert_eq!(
            (percent(0.12345678, f64::floor), percent(0.12345678, f64::ceil)),
            ("12.345 %".into(), "12.346 %".into())
        );
    }
}
