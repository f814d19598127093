//! The orderly end of a stream.

use std::{io, net::Shutdown};

use socket2::SockRef;
use tokio::net::TcpStream;

/// Ends our half of a stream and reads the peer's half to its end, so that the system does not discard our last bytes
/// because unread ones arrived.
pub(super) async fn finish(stream: &TcpStream) -> io::Result<()> {
    SockRef::from(stream).shutdown(Shutdown::Write)?;
    let mut drained = 0;
    while drained < MAX_DRAINED {
        stream.readable().await?;
        // Not held across the wait, or the task of every link would have room for it all its life.
        let mut scratch = [0; 1024];
        match stream.try_read(&mut scratch) {
            Ok(0) => break,
            Ok(count) => drained += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Bytes read after our end: more than a receive buffer usually holds.
const MAX_DRAINED: usize = 256 * 1024;
