//! Why a server cannot start.

use std::io;
use std::net::SocketAddr;

/// Why a server cannot start. Once it runs, nothing that a client does is an error of the server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Something listens on the port already.
    #[error(
        "cannot listen on {addr}: the port is in use; choose another port, or port 0 to let the system choose"
    )]
    AddressInUse {
        /// The address.
        addr: SocketAddr,
    },
    /// The machine does not have the address.
    #[error(
        "cannot listen on {addr}: it is no address of this machine; \
         use 127.0.0.1 to be reached from this machine alone, or 0.0.0.0 to be reached from everywhere"
    )]
    AddressNotAvailable {
        /// The address.
        addr: SocketAddr,
    },
    /// The system refuses the address for another reason.
    #[error(
        "cannot listen on {addr}: {reason}; try another address, or port 0 to let the system choose"
    )]
    Bind {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        reason: io::Error,
    },
    /// The process may not listen there.
    #[error(
        "cannot listen on {addr}: permission denied; \
         ports under 1024 need a privilege: choose a higher port, or port 0 to let the system choose"
    )]
    PermissionDenied {
        /// The address.
        addr: SocketAddr,
    },
    /// The server's thread does not start.
    #[error(
        "the server's thread cannot start: {reason}; \
         raise the limits of this process on threads and open files, or close some"
    )]
    Start {
        /// What the system said.
        reason: io::Error,
    },
    /// The text is no address, or its host name is not known.
    #[error(
        "the address to listen on cannot be resolved: {reason}; write host:port without a scheme, for example 127.0.0.1:9464"
    )]
    Unresolved {
        /// What the system said.
        reason: io::Error,
    },
}

impl ServeError {
    /// What it means that the system refuses to listen on an address.
    pub(super) fn refused(addr: SocketAddr, reason: io::Error) -> Self {
        match reason.kind() {
            io::ErrorKind::AddrInUse => Self::AddressInUse { addr },
            io::ErrorKind::AddrNotAvailable => Self::AddressNotAvailable { addr },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { addr },
            _ => Self::Bind { addr, reason },
        }
    }
}
