//! A program from which every entry point of the client can be reached, with inputs of which the
//! compiler knows nothing.
#![no_std]
#![no_main]

#[cfg(feature = "files")]
mod files;

use core::hint::black_box;
use core::net::{IpAddr, Ipv6Addr, SocketAddr};

use breeze_core::Config;
use breeze_core::id::{DisplayName, Epoch, LinkId, MessageId, PublicKey, Ticket, UserId};
use breeze_core::noise::Identity;
use breeze_core::time::Instant;
use breeze_core::wire::Hello;
use breeze_footprint_device::{Device, any};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    #[cfg(all(not(feature = "quiet"), target_has_atomic = "ptr"))]
    breeze_footprint_device::log_everything();
    let _ = run();
    loop {
        core::hint::spin_loop();
    }
}

fn run() -> Option<()> {
    let mut config = Config::new(user(), DisplayName::new(any("")).ok()?, any(0));
    config.server_key = any(Some(key()));
    config.mesh = any(config.mesh);
    config.keepalive = any(config.keepalive);
    config.interest = any(config.interest);
    config.absence = any(config.absence);
    config.limits = any(Hello::HOST);
    config.ticket = Ticket::new(any(&b""[..]))?;
    config.remembers_keys = any(false);
    let mut client = Device::new(config, Identity::from_secret(bytes()), bytes(), now());
    #[cfg(feature = "files")]
    let mut transfers = files::Device::new();
    loop {
        #[cfg(feature = "files")]
        files::step(&mut client, &mut transfers)?;
        step(&mut client);
    }
}

/// Calls whichever entry point.
fn step(client: &mut Device) {
    match any(0) {
        0 => apart(|| client.opened(now(), link(), bytes())),
        1 => apart(|| client.accepted(now(), addr(), bytes())),
        2 => apart(|| client.closed(now(), link())),
        3 => apart(|| {
            black_box(client.received(now(), link(), black_box(&mut [0; 64])));
        }),
        4 => apart(|| client.timeout(now())),
        5 => apart(|| client.poll(now())),
        6 => apart(|| client.transmit(now(), link(), black_box(&mut [0; 64]))),
        7 => apart(|| client.send(now(), &user(), any(""), any(0))),
        8 => apart(|| client.send_numbered(now(), &user(), id(), any(""), any(0))),
        9 => apart(|| client.acknowledge(now(), &user(), id())),
        10 => apart(|| client.resume(now(), &user(), id(), any(0))),
        11 => apart(|| client.watch(now(), &user())),
        12 => apart(|| client.unwatch(&user())),
        13 => apart(|| client.pin(now(), &user(), any(Some(key())), any(false))),
        14 => apart(|| client.is_blocked(&user())),
        15 => apart(|| client.mark_read(now(), &user(), id())),
        16 => apart(|| client.listen_on(any([addr(), addr()]))),
        17 => apart(|| client.moved(now())),
        18 => apart(|| client.close(now())),
        19 => apart(|| client.public_key()),
        20 => apart(|| client.is_stopped()),
        21 => apart(|| client.is_ready()),
        _ => apart(|| client.has_links()),
    }
}

/// Keeps what one entry point takes out of the others' functions.
#[inline(never)]
fn apart<T>(call: impl FnOnce() -> T) {
    black_box(call());
}

fn now() -> Instant {
    Instant::from_millis(any(0))
}

fn link() -> LinkId {
    LinkId::from_bits(any(0))
}

#[inline(never)]
fn user() -> UserId {
    UserId::new(any("a")).unwrap_or_else(|_| {
        loop {
            core::hint::spin_loop();
        }
    })
}

fn id() -> MessageId {
    MessageId { epoch: Epoch::from_bits(any(0)), seq: any(0) }
}

fn key() -> PublicKey {
    PublicKey::from_bytes(bytes())
}

fn addr() -> SocketAddr {
    SocketAddr::new(any(IpAddr::V6(Ipv6Addr::UNSPECIFIED)), any(0))
}

fn bytes() -> [u8; 32] {
    any([0; 32])
}
