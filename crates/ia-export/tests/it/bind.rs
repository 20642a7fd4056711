//! Taking a port.

use std::net::SocketAddr;

use ia_export::{Limits, Listener, Response, ServeError, Server};

#[test]
fn port_0_gives_a_port_that_is_known_before_it_is_served() {
    let listener = Listener::bind("127.0.0.1:0").unwrap();
    assert_ne!(listener.local_addr().port(), 0);
    let addr = listener.local_addr();
    assert_eq!(listener.serve(|_: &_| Response::text("")).unwrap().addr(), addr);
}

#[test]
fn a_port_in_use_is_told_with_another_port_as_the_remedy() {
    let first = Listener::bind("127.0.0.1:0").unwrap();
    let error = Listener::bind(first.local_addr()).unwrap_err();
    assert!(
        matches!(error, ServeError::AddressInUse { addr } if addr == first.local_addr()),
        "{error:?}"
    );
    assert!(error.to_string().contains("another port, or port 0"), "{error}");
}

#[test]
fn a_port_in_use_is_told_though_a_second_address_is_free() {
    let first = Listener::bind("127.0.0.1:0").unwrap();
    let free = SocketAddr::from(([127, 0, 0, 2], 0));
    let error = Listener::bind(&[first.local_addr(), free][..]).unwrap_err();
    assert!(matches!(error, ServeError::AddressInUse { .. }), "{error:?}");
}

#[test]
fn an_address_of_another_machine_is_told() {
    let error = Listener::bind("192.0.2.1:0").unwrap_err();
    assert!(matches!(error, ServeError::AddressNotAvailable { .. }), "{error:?}");
    assert!(error.to_string().contains("0.0.0.0"), "{error}");
}

#[test]
fn a_port_that_needs_a_privilege_is_told_with_a_higher_one_as_the_remedy() {
    // Whoever runs the tests may have the privilege, so nothing is bound here.
    let error = ServeError::PermissionDenied { addr: SocketAddr::from(([127, 0, 0, 1], 80)) };
    assert!(error.to_string().contains("choose a higher port, or port 0"), "{error}");
}

#[test]
fn the_first_address_that_the_machine_has_is_taken() {
    let foreign = SocketAddr::from(([192, 0, 2, 1], 0));
    let own = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = Listener::bind(&[foreign, own][..]).unwrap();
    assert_eq!(listener.local_addr().ip(), own.ip());
}

#[test]
fn a_text_that_is_no_address_is_told_with_an_example() {
    for text in ["", "localhost", "nonsense:port", "127.0.0.1:99999"] {
        let error = Listener::bind(text).unwrap_err();
        assert!(matches!(error, ServeError::Unresolved { .. }), "{error:?}");
        assert!(error.to_string().contains("127.0.0.1:9464"), "{error}");
    }
}

#[test]
fn no_address_at_all_is_told() {
    let error = Listener::bind(&[][..]).unwrap_err();
    assert!(matches!(error, ServeError::Unresolved { .. }), "{error:?}");
}

#[test]
fn the_url_of_a_server_that_listens_everywhere_can_be_opened() {
    let server = Listener::bind("0.0.0.0:0").unwrap().serve(|_: &_| Response::text("")).unwrap();
    assert_eq!(server.url(), format!("http://127.0.0.1:{}", server.addr().port()));
}

#[test]
fn limits_that_would_lock_everyone_out_are_raised_to_the_least_that_works() {
    let limits = Limits::default().connections(0).header_bytes(0);
    assert_eq!(limits, Limits::default().connections(1).header_bytes(8 * 1024));
}

#[test]
fn a_server_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Server>();
}
