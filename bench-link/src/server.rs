//! The server: whatever it is asked, it answers at once.

use std::net::SocketAddr;

use tokio::task;

use crate::{
    message::Message,
    transport::{Connection, Transport},
};

/// Answers on every connection to `addr`.
pub(crate) async fn run<T: Transport>(transport: &T, addr: SocketAddr) -> anyhow::Result<()> {
    let listener = transport.listen(addr).await?;
    println!("listening");
    transport.serve(listener, answer_on).await
}

/// Answers on one connection until it ends, whichever way: a client that goes says so by going.
fn answer_on<C: Connection>(mut connection: C) {
    task::spawn_local(async move {
        while let Ok(asked) = connection.recv().await {
            let answer = Message::decode(&asked)?.answer();
            connection.send(&answer.encode()).await?;
        }
        anyhow::Ok(())
    });
}
