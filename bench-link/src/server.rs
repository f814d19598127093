//! The server: answers every message at once.

use std::{io, net::SocketAddr, thread};

use tokio::{sync::oneshot, task};

use crate::{
    message::Message,
    transport::{Connection, Transport},
};

/// Answers on every connection to `addr` until the input ends, so that the server never outlives the process that started
/// it.
pub(crate) async fn run<T: Transport>(transport: &T, addr: SocketAddr) -> anyhow::Result<()> {
    let (ended_tx, ended) = oneshot::channel();
    // Only a thread can wait for every kind of input.
    thread::spawn(move || ended_tx.send(io::copy(&mut io::stdin(), &mut io::sink())));
    tokio::select! {
        outcome = transport.serve(addr, || println!("listening"), answer_on) => outcome,
        ended = ended => Ok(ended?.map(drop)?),
    }
}

/// Answers on one connection until it ends; a client just goes.
fn answer_on<C: Connection>(mut connection: C) {
    task::spawn_local(async move {
        while let Ok(asked) = connection.recv().await {
            let answer = Message::decode(&asked)?.answer();
            connection.send(&answer.encode()).await?;
        }
        anyhow::Ok(())
    });
}
