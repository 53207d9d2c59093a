//! Documents made by hand.

use gongkai_model::{Block, Document, Format, Meta, Paragraph, Parsed, Role, Script, TableReading};

pub fn paragraph(text: &str, role: Role) -> Block {
    Block::Paragraph(Paragraph { text: text.to_owned(), role, bytes: None })
}

pub fn document(meta: &[(&str, &str)], blocks: Vec<Block>) -> Document {
    let meta = meta.iter().map(|(n, v)| Meta { name: (*n).to_owned(), value: (*v).to_owned() }).collect();
    let script = Script::Simplified;
    Document { format: Format::Html, charset: "UTF-8".to_owned(), script, meta, blocks, oddities: Vec::new() }
}

/// Two sections of text that name neither place nor year.
pub fn sections() -> Vec<Block> {
    let text = "坚持以公开为常态、不公开为例外，健全机制，明确职责，规范程序，依法、及时、准确公开各类信息，回应社会关切，接受群众监督。";
    ["一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况"]
        .into_iter()
        .flat_map(|heading| [paragraph(heading, Role::Body), paragraph(&text.repeat(3), Role::Body)])
        .collect()
}

/// What the parser says of a document with (or without) the tables of a form.
pub fn parsed(form: &str) -> Parsed {
    let present = form != "narrative";
    let table = |name: &str| TableReading {
        table: name.into(),
        present,
        expected: 175,
        read: 175,
        how: String::new(),
        scope: Default::default(),
    };
    Parsed { form: form.into(), tables: vec![table("disclosure_requests")], ..Parsed::default() }
}
