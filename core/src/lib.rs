//! The Breeze protocol as two state machines, [`Client`] and [`Server`], without sockets, clocks,
//! threads, randomness or memory of their own.
//!
//! The **host** owns all of those. The core takes in the time and the bytes that arrived, and gives
//! out bytes, events and one deadline. It never waits and never panics on what a peer sends. The same
//! inputs give the same outputs, byte for byte, so that a whole network can be tested on a virtual
//! clock. `PROTOCOL.md` says what is on the wire.
//!
//! # Floors
//!
//! Imports go down only.
//!
//! | floor | modules | what lives there |
//! |---|---|---|
//! | 4 | `client`, `server` | the two whole state machines |
//! | 3 | `session`, `route`, `delivery` | one link's life; direct or relay, a pure choice; numbering, acknowledgements, resending |
//! | 2 | `peer_table`, `presence`, `keepalive`, `timer` | tables and clocks |
//! | 1 | [`wire`], [`noise`] | bytes to messages; handshake and records |
//! | 0 | [`id`], [`time`], [`limits`], [`error`], [`io`], `random` | names, time, bounds, errors, what goes in and out, jitter |
//!
//! # The run loop
//!
//! After every call that changes something the host drains [`Client::poll`] until it says
//! [`Output::Wait`](io::Output::Wait); then it waits for a socket or for that instant, whichever
//! comes first. Calling late, early or twice is harmless. This is a whole host, with pipes in memory
//! where others have sockets; a server's loop is the same but for who opens the pipes.
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use breeze_core::id::{DisplayName, LinkId, UserId};
//! use breeze_core::io::{Backlog, Event, Output, Received, ServerEvent, ServerOutput};
//! use breeze_core::noise::Identity;
//! use breeze_core::time::Instant;
//! use breeze_core::{Client, Config, Server, ServerConfig};
//!
//! /// Room for 4 peers, 8 links and 64 blocks of unacknowledged messages, all inside.
//! type Device = Client<4, 8, 64>;
//!
//! /// Does all that the client asks for, and returns when to call `timeout` unless input comes.
//! fn drive(client: &mut Device, now: Instant, pipes: &mut Pipes) -> Instant {
//!     loop {
//!         match client.poll(now) {
//!             // Connect; then call `opened`, or `closed` if that fails.
//!             Output::Open { link, target: _ } => pipes.dialled = Some(link),
//!             // Whenever the pipe can take bytes, until there are none. Nothing of them may be lost.
//!             Output::Transmit(link) => loop {
//!                 let mut buf = [0; 4096];
//!                 match client.transmit(now, link, &mut buf) {
//!                     0 => break,
//!                     len => pipes.to_server.extend(&buf[..len]),
//!                 }
//!             },
//!             // Send what was taken, and close; the link is gone.
//!             Output::Close(_) => pipes.dialled = None,
//!             Output::Event(event) => pipes.events.push(event),
//!             Output::Wait(until) => return until,
//!         }
//!     }
//! }
//!
//! /// Hands over what was received, in place: `inbox` is all that was not dropped before.
//! fn receive(client: &mut Device, now: Instant, pipes: &mut Pipes, link: LinkId) {
//!     loop {
//!         let inbox = &mut pipes.to_client;
//!         let Received { consumed, need, message, .. } = client.received(now, link, inbox);
//!         let goes_on = consumed > 0 || message.is_some();
//!         if let Some(message) = message {
//!             // Keep it first: what is acknowledged never comes again.
//!             println!("{}: {}", message.name, message.text);
//!             client.acknowledge(now, &message.from, message.id);
//!         }
//!         inbox.drain(..consumed);
//!         drive(client, now, pipes);
//!         if !goes_on {
//!             // More has to arrive: the buffer is to hold at least this much.
//!             return pipes.to_client.reserve(need);
//!         }
//!     }
//! }
//!
//! #[derive(Default)]
//! struct Pipes {
//!     dialled: Option<LinkId>,
//!     to_server: Vec<u8>,
//!     to_client: Vec<u8>,
//!     events: Vec<Event>,
//! }
//!
//! // A real host takes all of these from its random source.
//! let (fresh, fresh_too, secret, secret_too, seed) = ([1; 32], [2; 32], [3; 32], [4; 32], 5);
//! let secret_seed = [6; 32];
//! let now = Instant::from_millis(0);
//! let mut server = Server::new(ServerConfig::default(), Identity::from_secret(secret));
//! let user = UserId::new("alice")?;
//! let config = Config::new(user, DisplayName::new("微风")?, seed);
//! let mut client = Device::new(config, Identity::from_secret(secret_too), secret_seed, now);
//!
//! let mut pipes = Pipes::default();
//! client.timeout(now);
//! drive(&mut client, now, &mut pipes);
//! let link = pipes.dialled.expect("it dials its server at once");
//! let far = server.accepted(now, "192.0.2.1:40123".parse()?, fresh)?;
//! client.opened(now, link, fresh_too);
//! drive(&mut client, now, &mut pipes);
//! while !client.is_ready() {
//!     let consumed = server.received(now, far, &mut pipes.to_server).consumed;
//!     pipes.to_server.drain(..consumed);
//!     match server.poll() {
//!         ServerOutput::Transmit(link) => loop {
//!             let mut buf = [0; 16 * 1024];
//!             match server.transmit(now, link, &mut buf) {
//!                 0 => break,
//!                 len => pipes.to_client.extend(&buf[..len]),
//!             }
//!         },
//!         // Does the key own the name? Here everybody is let in.
//!         ServerOutput::Event(ServerEvent::Login { link, .. }) => server.admit(now, link, Backlog::default()),
//!         ServerOutput::Event(_) | ServerOutput::Close(_) | ServerOutput::Wait(_) => {}
//!     }
//!     receive(&mut client, now, &mut pipes, link);
//! }
//! assert!(matches!(pipes.events[..], [Event::Connected { .. }]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! - `alloc` brings [`Server`], whose tables grow with its users. [`Client`] never allocates.
//! - `files` brings [`files`], which run beside a client.
//! - `ring` takes the host's ChaCha20-Poly1305, several times faster than the portable one.
//! - `fuzzing` shows what the targets of `fuzz/` do with their bytes.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(test, feature = "fuzzing"))]
extern crate std;

mod client;
mod delivery;
pub mod error;
#[cfg(feature = "files")]
pub mod files;
#[cfg(all(feature = "alloc", any(test, feature = "fuzzing")))]
pub mod fuzz;
pub mod id;
pub mod io;
mod keepalive;
pub mod limits;
pub mod noise;
mod peer_table;
#[cfg(feature = "alloc")]
mod presence;
mod random;
mod route;
#[cfg(feature = "alloc")]
mod server;
mod session;
#[cfg(test)]
mod test_cases;
pub mod time;
mod timer;
pub mod wire;

pub use client::{Absence, Client, Config, Interest, Mesh};
pub use delivery::{Answer, Custody};
pub use route::Path;
#[cfg(feature = "alloc")]
pub use server::{Server, ServerConfig};
