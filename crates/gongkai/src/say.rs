//! What people and programs see. Names, titles and texts come from strangers: what would steer a terminal is shown and not
//! obeyed. And nothing fails because nobody listens: a full disk behind standard error ends no run.

use std::borrow::Cow;
use std::io::{ErrorKind, Write};

/// A line on standard error.
pub(crate) fn tell(line: &str) {
    let mut line = one_line(line).into_owned();
    line.push('\n');
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// Several lines on standard error; those after the first stand further in, so that none of them passes for another message.
pub(crate) fn tell_all(lines: &str) {
    let mut text = lines.lines().map(shown).collect::<Vec<_>>().join("\n  ");
    text.push('\n');
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Prints a result. A reader that went away (`| head`) is no failure.
pub(crate) fn print(text: &str) {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    print_raw(format!("{}{end}", shown(text)).as_bytes());
}

/// Prints bytes that are a file.
pub(crate) fn print_raw(bytes: &[u8]) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(bytes).and_then(|()| out.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        drop(out);
        tell(&format!("gongkai: cannot write to standard output: {error}"));
    }
}

/// A text whose lines are its own: control characters and marks that turn the direction of writing are written as JSON does.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && c != '\t' && steers(c))
}

/// A text that is a part of a line: lines and tabs are shown too.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, steers)
}

/// Whether a terminal or a reader does something at the character instead of showing it.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&is_bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !is_bad(c) => out.push(c),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{one_line, shown};

    #[test]
    fn what_would_steer_a_terminal_is_shown() {
        assert_eq!(one_line("年报\u{1b}[2J\u{9b}1m\r\n\u{202e}x"), "年报\\u001b[2J\\u009b1m\\r\\n\\u202ex");
        assert_eq!(shown("a\tb\nc\u{7}"), "a\tb\nc\\u0007");
        assert_eq!(one_line("plain — 表格"), "plain — 表格");
    }
}
