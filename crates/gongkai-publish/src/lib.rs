//! What is made for readers of the data: the data dictionary, as Markdown and as JSON, from the registry alone.

mod dictionary;
mod markdown;

pub use dictionary::dictionary_json;
pub use markdown::dictionary_markdown;
