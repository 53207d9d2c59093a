//! Numbers as Chinese text writes them: digits of years, months and days, ordinals of headings.

/// Value of a digit of a year written in Chinese.
pub(crate) fn digit(c: char) -> Option<i16> {
    Some(match c {
        '〇' | '○' | '零' | 'Ｏ' | 'O' | 'o' | '0' | '◯' | '０' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// A month or day: one or two Arabic digits, or a Chinese number up to 三十一.
pub(crate) fn small_number(text: &str) -> Option<(u32, &str)> {
    let mut rest = text;
    let mut value = 0;
    let mut count = 0;
    while let Some(d) = rest.chars().next().and_then(|c| c.to_digit(10)) {
        value = value * 10 + d;
        count += 1;
        rest = rest.get(1..)?;
        if count > 2 {
            return None;
        }
    }
    if count > 0 { Some((value, rest)) } else { chinese_number(text) }
}

fn chinese_number(text: &str) -> Option<(u32, &str)> {
    let mut chars = text.chars();
    let mut value: Option<u32> = None;
    let mut ten = false;
    loop {
        let rest = chars.as_str();
        match chars.next() {
            Some('十') if !ten => {
                value = Some(value.unwrap_or(1) * 10);
                ten = true;
            }
            Some('廿') if value.is_none() => {
                value = Some(20);
                ten = true;
            }
            Some(c)
                if digit(c).is_some_and(|d| {
                    d > 0 && (value.is_none() || (ten && value.is_some_and(|v| v % 10 == 0)))
                }) =>
            {
                value = Some(value.unwrap_or(0) + u32::try_from(digit(c)?).ok()?);
            }
            _ => return Some((value?, rest)),
        }
    }
}

/// Whether a character is part of a number, Arabic or Chinese; 十 is not part of a year.
pub(crate) fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || digit(c).is_some()
}

/// The ordinal of a heading and what stands behind it: `一、总体情况`, `（二）主动公开`, `3.申请`, `第四部分 诉讼`.
pub(crate) fn ordinal(line: &str) -> Option<(u32, &str)> {
    let bracketed = line.strip_prefix(['（', '(']);
    let counted = line.strip_prefix('第');
    let (number, rest) = small_number(bracketed.or(counted).unwrap_or(line))?;
    let behind = match (bracketed, counted) {
        (Some(_), _) => rest.strip_prefix(['）', ')']),
        (_, Some(_)) => rest.strip_prefix("部分").or_else(|| rest.strip_prefix(['、', '章'])),
        _ => rest.strip_prefix(['、', '.', '．']),
    };
    Some((number, behind?))
}

/// What stands behind the ordinal of a heading.
pub(crate) fn behind_ordinal(line: &str) -> Option<&str> {
    ordinal(line).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::{behind_ordinal, small_number};

    #[test]
    fn ordinals_of_headings_in_every_writing() {
        for (line, want) in [
            ("四、行政复议情况", Some("行政复议情况")),
            ("十一、附件", Some("附件")),
            ("（三）不予公开", Some("不予公开")),
            ("(2)申请", Some("申请")),
            ("3.申请", Some("申请")),
            ("第四部分诉讼", Some("诉讼")),
            ("第三方评估", None),
            ("一是公开不够", None),
            ("2021年", None),
            ("、", None),
        ] {
            assert_eq!(behind_ordinal(line), want, "{line}");
        }
        assert_eq!(small_number("三十一日"), Some((31, "日")));
    }
}
