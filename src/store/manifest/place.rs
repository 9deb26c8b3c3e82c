//! Where in a JSON text a fault lies, by the names that lead there: a reader says a line and a column.

/// Something that is open: an object with the key that was read last, or an array with a place in it.
enum Open {
    Object(String),
    Array(usize),
}

/// The path to a line and a column, both from 1 on, such as `models.m@1.files[0].bytes`; empty for all of it.
pub fn path(json: &[u8], line: usize, column: usize) -> String {
    let before: usize = json.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    let end = (before + column).min(json.len());
    let mut open = Vec::new();
    let mut text = None;
    let mut at = 0;
    while at < end {
        match json[at] {
            b'{' => open.push(Open::Object(String::new())),
            b'[' => open.push(Open::Array(0)),
            b'}' | b']' => drop(open.pop()),
            b',' => {
                if let Some(Open::Array(index)) = open.last_mut() {
                    *index += 1;
                }
            }
            b':' => {
                if let (Some(Open::Object(key)), Some(text)) = (open.last_mut(), text.take()) {
                    *key = text;
                }
            }
            b'"' => {
                let begin = at + 1;
                at = begin;
                while at < end && json[at] != b'"' {
                    at += if json[at] == b'\\' { 2 } else { 1 };
                }
                text = Some(String::from_utf8_lossy(&json[begin..at.min(end)]).into_owned());
            }
            _ => {}
        }
        at += 1;
    }
    let mut path = String::new();
    for each in open {
        match each {
            Open::Object(key) if key.is_empty() => {}
            Open::Object(key) if path.is_empty() => path = key,
            Open::Object(key) => path = path + "." + &key,
            Open::Array(index) => path = format!("{path}[{index}]"),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_by_what_leads_there() {
        let json = "{\n  \"a\": [{ \"b\\\"c\": 1 },\n {\"d\": \"x,{\", \"e\": 7}],\n \"f\": 2 }";
        let path = |line, column| path(json.as_bytes(), line, column);
        for (line, column, expected) in [
            (1, 1, ""),
            (2, 9, "a[0]"),
            (2, 19, "a[0].b\\\"c"),
            (3, 12, "a[1].d"),
            (3, 20, "a[1].e"),
            (3, 21, "a[1]"),
            (4, 7, "f"),
            (9, 9, ""),
            (0, 0, ""),
        ] {
            assert_eq!(path(line, column), expected, "{line}:{column}");
        }
        assert_eq!(super::path(b"\"\\", 1, 9), "");
        assert_eq!(super::path(b"]]}{\"a", 1, 9), "");
    }
}
