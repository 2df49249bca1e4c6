//! Which field a JSON error is about: the deserialiser tells only the position.

/// An open object or array at the position.
enum Frame {
    Array { element: Option<usize> },
    Object { key: Option<String>, key_follows: bool },
}

/// Longest key that is repeated in an answer.
const SHOWN_KEY_BYTES: usize = 64;

/// The offset of a line and column as serde_json counts them: lines from 1, columns in bytes from 1.
pub(super) fn offset(json: &[u8], line: usize, column: usize) -> usize {
    let before: usize = json.split(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(|line| line.len() + 1).sum();
    (before + column).min(json.len())
}

/// The path, as `identity.iin` or `intermediates[2]`, of what is read last before `end`; empty for the whole.
/// `json` is well-formed up to there.
pub(super) fn path_at(json: &[u8], end: usize) -> String {
    let mut frames: Vec<Frame> = Vec::new();
    let mut bytes = json.iter().enumerate().take(end);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                let mut escaped = false;
                let closing = bytes.find(|(_, byte)| {
                    let closes = **byte == b'"' && !escaped;
                    escaped = **byte == b'\\' && !escaped;
                    closes
                });
                let stop = closing.map_or(end.min(json.len()), |(at, _)| at);
                value_begins(&mut frames);
                if let Some(Frame::Object { key, key_follows: true }) = frames.last_mut() {
                    let shown = stop.min(at + 1 + SHOWN_KEY_BYTES);
                    *key = json.get(at + 1..shown).map(|key| String::from_utf8_lossy(key).into_owned());
                }
            }
            b'{' => {
                value_begins(&mut frames);
                frames.push(Frame::Object { key: None, key_follows: true });
            }
            b'[' => {
                value_begins(&mut frames);
                frames.push(Frame::Array { element: None });
            }
            b'}' | b']' => {
                frames.pop();
            }
            b':' => {
                if let Some(Frame::Object { key_follows, .. }) = frames.last_mut() {
                    *key_follows = false;
                }
            }
            b',' => match frames.last_mut() {
                Some(Frame::Array { element }) => *element = element.map(|index| index + 1),
                Some(Frame::Object { key_follows, .. }) => *key_follows = true,
                None => {}
            },
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => value_begins(&mut frames),
        }
    }
    shown(&frames)
}

fn value_begins(frames: &mut [Frame]) {
    if let Some(Frame::Array { element: element @ None }) = frames.last_mut() {
        *element = Some(0);
    }
}

fn shown(frames: &[Frame]) -> String {
    let mut path = String::new();
    for frame in frames {
        match frame {
            Frame::Array { element: Some(index) } => path.push_str(&format!("[{index}]")),
            Frame::Object { key: Some(key), .. } => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Frame::Array { element: None } | Frame::Object { key: None, .. } => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_at_a_position_is_named() {
        let json = br#"{"a": "x,}\"", "b": {"c": [1, {"d": 5}], "e": 7}}"#;
        for (until, path) in [
            ("{", ""),
            (r#"{"a": "x,}"#, "a"),
            (r#"{"a": "x,}\"", "b""#, "b"),
            (r#"{"a": "x,}\"", "b": {"c": ["#, "b.c"),
            (r#"{"a": "x,}\"", "b": {"c": [1"#, "b.c[0]"),
            (r#"{"a": "x,}\"", "b": {"c": [1, {"d": 5"#, "b.c[1].d"),
            (r#"{"a": "x,}\"", "b": {"c": [1, {"d": 5}], "e": 7"#, "b.e"),
            (r#"{"a": "x,}\"", "b": {"c": [1, {"d": 5}], "e": 7}"#, "b"),
        ] {
            assert!(json.starts_with(until.as_bytes()));
            assert_eq!(path_at(json, until.len()), path, "{until}");
        }
        assert_eq!(path_at(json, usize::MAX), "");
        assert_eq!(path_at(b"", 5), "");
        assert_eq!(offset(b"ab\ncd\n", 2, 1), 4);
        assert_eq!(offset(b"ab", 9, 9), 2);
    }
}
