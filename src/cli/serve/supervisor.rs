//! Tells systemd how far the service is: the protocol of sd_notify(3), a datagram to the socket that `NOTIFY_SOCKET`
//! names. Where nothing names one, nothing is told.

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It takes calls.
    Ready,
    /// It drains.
    Stopping,
}

/// Tells `state`. Nobody has to listen: a failure is said in the log, and changes nothing.
pub fn tell(state: State) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET").and_then(|name| name.into_string().ok()) else { return };
    if let Err(error) = send(&socket, state) {
        tracing::warn!(%error, "systemd was not told");
    }
}

fn send(socket: &str, state: State) -> io::Result<()> {
    let address = match socket.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let words = match state {
        State::Ready => "READY=1",
        State::Stopping => "STOPPING=1",
    };
    UnixDatagram::unbound()?.send_to_addr(words.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_by_its_path_or_its_abstract_name_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify").to_str().unwrap().to_owned();
        let name = format!("freightpass-{}", uuid::Uuid::new_v4());
        let by_path = UnixDatagram::bind(&path).unwrap();
        let by_name = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        for (socket, at) in [(&by_path, path.clone()), (&by_name, format!("@{name}"))] {
            for (state, words) in [(State::Ready, "READY=1"), (State::Stopping, "STOPPING=1")] {
                send(&at, state).unwrap();
                let mut heard = [0; 64];
                let length = socket.recv(&mut heard).unwrap();
                assert_eq!(&heard[..length], words.as_bytes());
            }
        }
        assert!(send(folder.path().join("none").to_str().unwrap(), State::Ready).is_err());
    }
}
