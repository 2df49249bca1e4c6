//! HTTP/2, frame by frame.

use super::*;

pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// The header block of a request, nothing of it indexed.
pub(super) fn block(method: u8, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    block_to("localhost", method, path, more)
}

/// The same to somebody of another name.
pub(super) fn block_to(authority: &str, method: u8, path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut block = vec![method, 0x86];
    let mut put = |name: &[u8], value: &str| {
        block.extend_from_slice(name);
        block.push(u8::try_from(value.len()).unwrap());
        block.extend_from_slice(value.as_bytes());
    };
    put(&[0x04], path);
    put(&[0x01], authority);
    for (name, value) in more {
        let mut literal = vec![0, u8::try_from(name.len()).unwrap()];
        literal.extend_from_slice(name.as_bytes());
        put(&literal, value);
    }
    block
}

pub(super) const GET: u8 = 0x82;
pub(super) const POST: u8 = 0x83;

pub(super) fn get(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &block(GET, path, &[]))
}

/// A request whose body is still to come.
pub(super) fn begun(stream: u32) -> Vec<u8> {
    let fields = [("content-type", "application/json")];
    frame(HEADERS, END_HEADERS, stream, &block(POST, "/v1/certificates/check", &fields))
}

pub(super) async fn connect(site: &Site) -> TcpStream {
    let mut stream = site.connect().await;
    stream.write_all(PREFACE).await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    stream
}

/// The next frame: kind, flags, stream, payload; `None` at the end of the connection.
pub(super) async fn next(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<(u8, u8, u32, Vec<u8>)> {
    in_time(async {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await.ok()?;
        Some((head[3], head[4], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload))
    })
    .await
}
