//! A zip writer (APPNOTE 6.3) that stores files as they are, right or wrong.

/// An archive to be.
#[derive(Clone, Debug, Default)]
pub struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

impl Zip {
    /// A file.
    pub fn file(self, name: &str, content: &[u8]) -> Zip {
        self.two_names(name, name, content)
    }

    /// Another name in the local header than in the directory.
    pub fn two_names(mut self, local: &str, listed: &str, content: &[u8]) -> Zip {
        let offset = self.bytes.len() as u32;
        let crc = crc32(content);
        let header = |name: &str| {
            let length = (content.len() as u32).to_le_bytes();
            [
                &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
                &crc.to_le_bytes(),
                &length,
                &length,
                &(name.len() as u16).to_le_bytes(),
                &[0, 0],
            ]
            .concat()
        };
        self.bytes.extend([&b"PK\x03\x04"[..], &header(local), local.as_bytes(), content].concat());
        let rest = [&[0; 10][..], &offset.to_le_bytes(), listed.as_bytes()].concat();
        self.directory.extend([&b"PK\x01\x02\x14\x00"[..], &header(listed), &rest].concat());
        self.count += 1;
        self
    }

    /// Bytes between two files.
    pub fn junk(mut self, junk: &[u8]) -> Zip {
        self.bytes.extend_from_slice(junk);
        self
    }

    /// The archive.
    pub fn finish(self) -> Vec<u8> {
        self.finish_with_comment(b"")
    }

    /// The archive with a comment at its end.
    pub fn finish_with_comment(self, comment: &[u8]) -> Vec<u8> {
        let (offset, size) = ((self.bytes.len() as u32).to_le_bytes(), (self.directory.len() as u32).to_le_bytes());
        let count = self.count.to_le_bytes();
        let length = (comment.len() as u16).to_le_bytes();
        [&self.bytes[..], &self.directory, b"PK\x05\x06\0\0\0\0", &count, &count, &size, &offset, &length, comment]
            .concat()
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
