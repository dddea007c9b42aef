//! A small world on a virtual clock: one real server, any number of real clients, and byte pipes
//! between them that are slow, narrow, cut, silenced or refused as a scenario asks.
//!
//! Nothing in here waits. The clock jumps to the next thing that happens, so a virtual day takes as
//! long as what happens in it. The same seed gives the same run, byte for byte
//! ([`World::trace_hash`]).
//!
//! Every host is driven exactly as the page of `breeze-core` tells a host to, and every run checks
//! what has to hold in all of them (`ledger.rs`): each message once and in order, none reported as
//! delivered before its recipient kept it, and no host that spins.
//!
//! ```
//! use std::time::Duration;
//! use breeze_tests::world::{Member, World};
//!
//! let mut world = World::new(1);
//! let [alice, bob] = ["alice", "bob"].map(|name| world.join(Member::new(name)));
//! assert!(world.run_until(Duration::from_secs(5), |w| w.is_direct(alice, bob)));
//! world.send(alice, bob, "你好").expect("room");
//! world.run(Duration::from_secs(1));
//! assert_eq!(world.texts(bob), ["你好"]);
//! ```

mod address;
mod disk;
mod driving;
mod faults;
mod file_disk;
mod file_host;
mod files;
mod flow;
mod host;
mod ledger;
mod machine;
mod member;
mod metered;
mod net;
mod pipe;
mod puppet;
mod puppets;
mod queries;
mod rng;
mod seeds;
mod service;
mod shelf;
mod socket;
mod stream;
mod trace;
mod view;
mod wire;
#[allow(clippy::module_inception, reason = "the module is named for its one main type")]
mod world;

pub use file_host::FileNote;
pub use files::{FileId, FileView};
pub use host::HostId;
pub use machine::{ClientMachine, Size};
pub use member::{AckMode, Member};
pub use metered::Meter;
pub use net::Barrier;
pub use pipe::Fragments;
pub use puppet::{Puppet, Said};
pub use rng::Rng;
pub use seeds::seeds;
pub use view::{Note, PeerView, View};
pub use world::World;
