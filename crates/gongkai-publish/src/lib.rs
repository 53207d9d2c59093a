//! What is made for readers of the data: the data dictionary, as Markdown and as JSON, from the registry alone; dataset releases,
//! from a snapshot.

mod dictionary;
mod markdown;
pub mod release;

pub use dictionary::dictionary_json;
pub use markdown::dictionary_markdown;
