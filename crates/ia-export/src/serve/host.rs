//! Whom a request means: the check that keeps web pages from reading what is served on this machine alone.
//!
//! A page may have its own host name point to 127.0.0.1, and the browser then lets it read the answer ("DNS rebinding").
//! The name is still in the request, which gives it away.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::{Version, header};

use super::Request;

/// Whether the request names at most one host, and one where HTTP asks for it. Source: RFC 9112, section 3.2.
pub(super) fn is_clear(request: &Request) -> bool {
    match request.headers().get_all(header::HOST).iter().count() {
        0 => request.version() < Version::HTTP_11,
        count => count == 1,
    }
}

/// Whether the hosts that the request names, in its `Host` header and in its target, are this machine.
pub(super) fn is_local(request: &Request) -> bool {
    let named = request.headers().get(header::HOST);
    let named = named.is_none_or(|host| host.to_str().is_ok_and(means_this_machine));
    let target = request.authority();
    named && target.is_none_or(means_this_machine)
}

/// Whether `host`, which may end in a port, is `localhost` or a loopback address.
fn means_this_machine(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        // The colons of an IPv6 address are within brackets.
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, ""),
    };
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let v6 = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match v6 {
        Some(ip) => ip.parse().is_ok_and(|ip: Ipv6Addr| ip.to_canonical().is_loopback()),
        None => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
        }
    }
}
