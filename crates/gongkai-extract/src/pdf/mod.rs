//! PDF (ISO 32000) with a text layer. A library reads the file, its fonts and encodings, and draws; what it draws is
//! collected here, and laid out like any other page.

mod collect;
mod costs;
mod filters;
mod measure;
mod seen;

use crate::Limits;
use crate::html::Parts;
use crate::layout::{self, Page, Upright};
use crate::oddity::{ASKEW_DROPPED, CUT_OFF, RECOGNISED, STRUCK_DROPPED, UNMAPPED, UNSEEN_DROPPED, oddity};
use crate::work::Work;
use collect::{Collector, LimitHit};
use costs::Costs;
use gongkai_model::Problem;
use hayro_interpret::hayro_syntax::object::dict::keys::CONTENTS;
use hayro_interpret::hayro_syntax::object::{Array, Stream};
use hayro_interpret::hayro_syntax::page::Page as PdfPage;
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::Rect;
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, TransformExt, interpret_page};
use memchr::memmem;
use seen::Sorted;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads a PDF.
///
/// # Errors
/// `encrypted`, `damaged: pdf`, `truncated: pdf`, a limit, `no_text_layer` with the number of pages, `unmapped_text`.
pub(crate) fn read(bytes: &[u8], limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    let mut measured = measure::file(bytes, limits, work)?;
    let safe = measured.safe(bytes);
    let opened = catch_unwind(|| Pdf::new(safe)).unwrap_or(Err(LoadPdfError::Invalid));
    let pdf = opened.map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Problem::unreadable("encrypted"),
        LoadPdfError::Decryption(_) => Problem::unreadable("encrypted: in a way that is not known"),
        LoadPdfError::Invalid if is_cut_off(bytes) => Problem::unreadable("truncated: pdf"),
        LoadPdfError::Invalid => Problem::unreadable("damaged: pdf"),
    })?;
    measure::opened(&pdf, &mut measured, limits, work)?;
    let largest = measured.largest;
    let count = pdf.pages().len();
    if count > limits.pages {
        return Err(Problem::unreadable(format!("limit_pages: {count}, {} allowed", limits.pages)));
    }
    if count == 0 && is_cut_off(bytes) {
        return Err(Problem::unreadable("truncated: pdf"));
    }
    let mut parts = lay_out(draw(&pdf, largest, limits, work)?, count, limits, work)?;
    if is_cut_off(bytes) {
        parts.oddities.push(oddity(CUT_OFF, "the file has no end"));
    }
    Ok(parts)
}

/// Whether the end of the file is missing; servers may have put something behind it.
fn is_cut_off(bytes: &[u8]) -> bool {
    const TAIL: usize = 64 << 10;
    let tail = bytes.get(bytes.len().saturating_sub(TAIL)..).unwrap_or(bytes);
    memmem::rfind(tail, b"%%EOF").or_else(|| memmem::rfind(tail, b"startxref")).is_none()
}

/// What the pages show.
#[derive(Default)]
struct Shown {
    pages: Vec<Page>,
    characters: usize,
    unmapped: usize,
    askew: usize,
    struck: usize,
    unseen: usize,
    images: usize,
    /// Characters that are there to be found, and not to be seen: text recognised in a picture.
    recognised: usize,
}

/// Draws the pages of a file whose largest stream has so many bytes, each when it is paid for.
fn draw(pdf: &Pdf, largest: u64, limits: &Limits, work: &Work) -> Result<Shown, Problem> {
    let cache = InterpreterCache::new();
    let settings = InterpreterSettings::default();
    let mut shown = Shown::default();
    let (mut glyphs_left, mut rules_left, mut bytes_left) =
        (limits.glyphs, limits.rules, limits.unpacked_bytes);
    let mut costs = Costs::new(limits, work);
    for page in pdf.pages().iter() {
        let pay = || {
            let bytes = instructions(page, largest, bytes_left)?;
            work.spend(usize::try_from(bytes).unwrap_or(usize::MAX))?;
            costs.page(page)?;
            Ok::<u64, Problem>(bytes)
        };
        let damaged = |_| Err(Problem::unreadable("damaged: pdf page"));
        bytes_left -= catch_unwind(AssertUnwindSafe(pay)).unwrap_or_else(damaged)?;
        let (width, height) = page.render_dimensions();
        let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut collector = Collector::new(area, glyphs_left, limits, work);
        // The library has no way to stop half way but to unwind.
        let drawn = catch_unwind(AssertUnwindSafe(|| {
            let transform = page.initial_transform(true).to_kurbo();
            let mut context = Context::new(transform, area, &cache, pdf.xref(), settings.clone());
            interpret_page(page, &mut context, &mut collector);
        }));
        if let Err(cause) = drawn {
            return Err(match cause.downcast::<LimitHit>() {
                Ok(hit) => hit.0,
                Err(_) => Problem::unreadable("damaged: pdf page"),
            });
        }
        let Collector { scene, rules, unmapped, images, .. } = collector;
        let Sorted { mut seen, recognised, unseen } = scene.sort(work)?;
        glyphs_left = glyphs_left.saturating_sub(seen.len() + recognised.len() + unseen);
        shown.unseen += unseen;
        // Text behind a picture counts where there is little other text.
        if recognised.len() > seen.len() {
            shown.recognised += recognised.len();
            seen.extend(recognised);
        } else {
            shown.unseen += recognised.len();
        }
        let glyphs = seen;
        shown.characters += glyphs.iter().filter(|g| !g.c.is_whitespace()).count();
        shown.unmapped += unmapped;
        shown.images += images;
        let Upright { page, askew, struck } = layout::upright(width, height, &glyphs, rules);
        rules_left = rules_left
            .checked_sub(page.rules.len())
            .ok_or_else(|| Problem::unreadable(format!("limit_rules: {} allowed", limits.rules)))?;
        shown.askew += askew;
        shown.struck += struck;
        shown.pages.push(page);
    }
    Ok(shown)
}

/// Bytes of the instructions that draw a page: the library keeps them all, and pages may share them.
fn instructions(page: &PdfPage<'_>, largest: u64, most: u64) -> Result<u64, Problem> {
    let limit = || Problem::unreadable(format!("limit_unpacked: pages of more than {most} bytes"));
    if let Some(parts) = page.raw().get::<Array<'_>>(CONTENTS) {
        // Where all of them could be the largest, each is looked at.
        let mut left = most;
        if largest.saturating_mul(parts.raw_iter().count() as u64) > most {
            for part in parts.iter::<Stream<'_>>() {
                let bytes = part.decoded_data().map_or(0, |data| data.len() as u64);
                left = left.checked_sub(bytes).ok_or_else(limit)?;
            }
        }
    }
    let bytes = page.page_stream().map_or(0, |stream| stream.len() as u64);
    if bytes > most { Err(limit()) } else { Ok(bytes) }
}

fn lay_out(shown: Shown, count: usize, limits: &Limits, work: &Work) -> Result<Parts, Problem> {
    /// A scanned page has a stamp or a number on it at most.
    const SCANNED: usize = 12;
    let Shown { pages, characters, unmapped, askew, struck, unseen, images, recognised } = shown;
    if characters == 0 || (images >= count && characters < SCANNED * count) {
        return Err(Problem::unreadable(format!("no_text_layer: {count} pages")));
    }
    if unmapped * 2 > characters {
        let why = format!("unmapped_text: {unmapped} of {characters} characters have no known meaning");
        return Err(Problem::unreadable(why));
    }
    let mut parts = layout::read(pages, limits, work)?;
    let mut odd = |count: usize, code, what: &str| {
        if count > 0 {
            parts.oddities.push(oddity(code, format!("{count} characters {what}")));
        }
    };
    odd(unmapped, UNMAPPED, "have no known meaning; each is U+FFFD in the text");
    odd(askew, ASKEW_DROPPED, "that run askew were left out");
    odd(struck, STRUCK_DROPPED, "that a line strikes through were left out");
    odd(unseen, UNSEEN_DROPPED, "that are on the pages and not to be seen were left out");
    odd(recognised, RECOGNISED, "stand behind a picture: somebody's text recognition made them");
    Ok(parts)
}
