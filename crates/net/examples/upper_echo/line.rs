//! Lines on a stream.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// Bytes of a line, without its newline. As a datagram with its headers it fits the smallest packet of IPv6: 1,280 bytes (RFC
/// 8200 section 5).
pub(crate) const MAX_LINE: usize = 1024;

/// Reads a line of at most `max` bytes with its newline, which the last one may lack; `None` at the end.
///
/// A stream has no lines: one read brings a part of a line, or several. So this reads on until there is a newline, or more
/// bytes than a line may have.
pub(crate) async fn read_line(
    stream: &mut (impl AsyncBufRead + Unpin),
    max: usize,
) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    stream.take(max as u64 + 1).read_until(b'\n', &mut line).await?;
    if line.len() > max && !line.ends_with(b"\n") {
        return Err(io::Error::other(format!("a line has at most {max} bytes")));
    }
    Ok((!line.is_empty()).then_some(line))
}
