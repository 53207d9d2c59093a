//! What is made for readers of the data: the data dictionary, as Markdown and as JSON, from the registry alone; the page about the
//! quality of a snapshot; dataset releases of one.

mod dictionary;
mod markdown;
mod page;
pub mod release;

pub use dictionary::dictionary_json;
pub use markdown::{dictionary_markdown, findings_markdown, series_markdown};
pub use page::{page, page_telling};
