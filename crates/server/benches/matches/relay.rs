//! The least that any server could do: tokio and one thread as in `oxo-server`, but no rules, no rooms and no decoding.

use std::{sync::Arc, time::Duration};

use anyhow::ensure;
use net::{
    frame::{HEADER_BYTES, MAX_FRAME},
    tcp::set_options,
};
use tokio::{
    io::AsyncReadExt,
    net::{
        TcpListener,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

/// Makes pairs of connections in the order of their arrival, and passes what one sends to both.
pub(crate) async fn relay() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening tcp {}", listener.local_addr()?);
    let pairs = async {
        loop {
            let (host, _) = listener.accept().await?;
            let (guest, _) = listener.accept().await?;
            set_options(&host)?;
            set_options(&guest)?;
            let (from_host, to_host) = host.into_split();
            let (from_guest, to_guest) = guest.into_split();
            let pair = Arc::new([to_host, to_guest]);
            tokio::spawn(pass(from_host, Arc::clone(&pair)));
            tokio::spawn(pass(from_guest, pair));
        }
    };
    // A relay that nobody ends any more ends itself.
    timeout(RELAY_LIFE, pairs).await.unwrap_or(Ok(()))
}

/// Passes whole frames until the connection ends or a player does not read.
async fn pass(mut from: OwnedReadHalf, pair: Arc<[OwnedWriteHalf; 2]>) -> anyhow::Result<()> {
    let mut inbound = vec![0; MAX_FRAME];
    let mut arrived = 0;
    loop {
        let count = from.read(&mut inbound[arrived..]).await?;
        if count == 0 {
            return Ok(());
        }
        arrived += count;
        let mut start = 0;
        while let Some(&header) = inbound[start..arrived].first_chunk() {
            let end = start + HEADER_BYTES + usize::from(u16::from_be_bytes(header));
            ensure!(end - start <= MAX_FRAME, "a frame that is too long");
            if end > arrived {
                break;
            }
            for to in &*pair {
                ensure!(to.try_write(&inbound[start..end])? == end - start, "a player does not read");
            }
            start = end;
        }
        inbound.copy_within(start..arrived, 0);
        arrived -= start;
    }
}

/// The life of a relay whose bench was killed.
const RELAY_LIFE: Duration = Duration::from_mins(10);
