//! What is made for readers of the data: the data dictionary, as Markdown and as JSON, from the registry alone; and the page
//! about the quality of a snapshot.

mod dictionary;
mod markdown;
mod page;

pub use dictionary::dictionary_json;
pub use markdown::dictionary_markdown;
pub use page::{page, page_telling};
