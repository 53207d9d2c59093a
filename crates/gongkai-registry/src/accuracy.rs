//! How well documents are read, stage by stage, as measured: `data/accuracy/measured.toml`. `cargo xtask accuracy --write`
//! writes it; the card of a release prints it.

use crate::source::Source;
use anyhow::{Result, bail};
use serde::Deserialize;

/// What came out where the truth is known.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageAccuracy {
    /// What was read: generated reports, labelled samples, labelled heads.
    pub set: String,
    /// `table`, `grid`, `binding`, `value`, `agency`, `place`, `year`.
    pub stage: String,
    /// Things compared: tables, rows, cells or documents.
    pub n: u64,
    /// As the document says.
    pub right: u64,
    /// Nothing, where the document says something.
    pub null: u64,
    /// Something else than the document says.
    pub wrong: u64,
}

impl StageAccuracy {
    /// The 95 % interval (Wilson) of the share that is right; everything between 0 and 1 where nothing was compared.
    #[allow(clippy::cast_precision_loss)]
    pub fn interval(&self) -> (f64, f64) {
        /// Standard normal quantile of 97.5 %.
        const Z: f64 = 1.959_963_984_540_054;
        if self.n == 0 {
            return (0.0, 1.0);
        }
        let (n, share) = (self.n as f64, self.right as f64 / self.n as f64);
        let middle = share + Z * Z / (2.0 * n);
        let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
    }
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    measured: Vec<StageAccuracy>,
}

const PATH: &str = "accuracy/measured.toml";

pub(crate) fn load(source: &Source) -> Result<Vec<StageAccuracy>> {
    let file: File = source.toml(PATH)?;
    if let Some(bad) = file.measured.iter().find(|m| m.n != m.right + m.null + m.wrong) {
        bail!("data/{PATH}: {}, {}: right, null and wrong do not add up to n", bad.set, bad.stage);
    }
    Ok(file.measured)
}

#[cfg(test)]
mod tests {
    use super::StageAccuracy;

    fn interval(right: u64, n: u64) -> (f64, f64) {
        let (set, stage) = (String::new(), String::new());
        StageAccuracy { set, stage, n, right, null: n - right, wrong: 0 }.interval()
    }

    /// Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3 (the score method without correction); the last by symmetry.
    #[test]
    fn intervals_are_those_of_the_literature() {
        for (right, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
            (20, 20, 0.8389, 1.0),
        ] {
            let (from, to) = interval(right, n);
            assert!((from - low).abs() < 6e-5 && (to - high).abs() < 6e-5, "{right} of {n}: {from} to {to}");
        }
        assert_eq!(interval(0, 0), (0.0, 1.0));
    }
}
