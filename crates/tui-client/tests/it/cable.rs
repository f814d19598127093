//! A cable between a program and a server that can be pulled.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A relay to a server, for any number of connections, one after another or at once.
#[derive(Debug)]
pub(crate) struct Cable {
    /// The address for the program to connect to.
    pub(crate) addr: SocketAddr,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    /// Lays a cable to a server.
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let streams = Arc::new(Mutex::new(Vec::new()));
        let pulled = Arc::clone(&streams);
        thread::spawn(move || {
            while let Ok((near, _)) = listener.accept() {
                let Ok(far) = TcpStream::connect(server) else { continue };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    thread::spawn(move || carry(from, to));
                }
                pulled.lock().unwrap().extend([near, far]);
            }
        });
        Self { addr, streams }
    }

    /// Breaks every connection over it. It still takes new ones.
    pub(crate) fn pull(&self) {
        for stream in self.streams.lock().unwrap().drain(..) {
            // It may have ended already.
            let _ended = stream.shutdown(Shutdown::Both);
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 4096];
    let mut step = || -> io::Result<usize> {
        let count = from.read(&mut buffer)?;
        to.write_all(&buffer[..count])?;
        Ok(count)
    };
    while matches!(step(), Ok(1..)) {}
    let _ended = to.shutdown(Shutdown::Both);
}
