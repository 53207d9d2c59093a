//! What is made for readers of the data: the data dictionary, as Markdown and as JSON, from the registry alone; the page about the
//! quality of a snapshot; dataset releases of one; files for desk programs.

mod desk;
mod dictionary;
mod markdown;
mod page;
pub mod release;

pub use desk::{DeskError, DeskFormat, Exported, Unfolded, desk_tables, export};
pub use dictionary::dictionary_json;
pub use markdown::{dictionary_markdown, findings_markdown, series_markdown};
pub use page::{page, page_telling};
