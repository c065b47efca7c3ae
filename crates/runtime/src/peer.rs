//! Who is at the other end of a unix socket: only the user whose home it is may drive it.
//!
//! Asked by the agent and the server for every connection. The folder of the sockets is closed to others and so are the
//! sockets; this is the second lock, for the day when somebody opens those. Start reading at [`is_ours`].

use nix::unistd::{Uid, geteuid};
use tokio::net::UnixStream;

/// Whether the process that connected belongs to us, or to root, who can do anything anyway.
pub fn is_ours(stream: &UnixStream) -> bool {
    let ours = |uid: u32| uid == geteuid().as_raw() || Uid::from_raw(uid).is_root();
    match stream.peer_cred() {
        Ok(peer) if ours(peer.uid()) => true,
        Ok(peer) => {
            tracing::warn!(
                uid = peer.uid(),
                pid = peer.pid(),
                "another user was turned away from the socket"
            );
            false
        }
        Err(error) => {
            tracing::warn!(%error, "a connection does not say whose it is, and was turned away");
            false
        }
    }
}
