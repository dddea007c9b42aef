//! Helpers for the scenarios in `tests/`: the real programs as child processes, and hosts in
//! network namespaces whose cables can be cut.
//!
//! A scenario starts a [`TestServer`] and some [`TestClient`]s and waits for what they report:
//!
//! ```no_run
//! use breeze_tests::{TestClient, TestServer};
//!
//! let server = TestServer::start();
//! let alice = TestClient::start("alice", &server);
//! let bob = TestClient::start("bob", &server);
//! alice.wait_path("bob", "direct");
//! let reference = alice.send("bob", "你好");
//! bob.wait_message("alice", "你好");
//! alice.wait_state(&reference, "delivered");
//! ```
//!
//! Waiting ends with the awaited event, not with a clock; [`PATIENCE`] only bounds it. A failed wait
//! prints the last events and log lines of the process it waited for.

#![forbid(unsafe_code)]

pub mod abuse;
mod attached;
mod binaries;
mod board;
mod board_options;
mod c_program;
mod cable;
mod canary;
mod cli;
mod client;
mod client_options;
mod conversation;
mod device;
mod fake_node;
mod files;
mod foreign;
mod home;
mod host;
mod lan;
mod measured;
mod mesh;
mod needles;
mod office;
mod port;
mod process;
mod process_memory;
mod programs;
pub mod rivals;
mod search;
mod server;
mod server_options;
pub mod sim;
mod skip;
mod small_disk;
mod socket_table;
mod tap;
mod transcript;
pub mod world;

pub use attached::Attached;
pub use binaries::Binaries;
pub use board::Board;
pub use board_options::BoardOptions;
pub use c_program::{CProgram, Checks};
pub use cable::Cable;
pub use canary::canary;
pub use cli::{Cli, CliOutput};
pub use client::TestClient;
pub use client_options::ClientOptions;
pub use conversation::Conversation;
pub use device::Device;
pub use fake_node::FakeNode;
pub use files::{Files, content, expect_content};
pub use foreign::Foreign;
pub use home::Home;
pub use host::Host;
pub use lan::Lan;
pub use measured::measured;
pub use mesh::{expect_direct_chat, wait_mesh, wait_single_links};
pub use needles::Needles;
pub use office::Office;
pub use port::free_port;
pub use process::Process;
pub use process_memory::ProcessMemory;
pub use programs::{ffi_examples, has_program, may_have_program, python_chat};
pub use search::Search;
pub use server::TestServer;
pub use server_options::ServerOptions;
pub use skip::skip;
pub use small_disk::SmallDisk;
pub use socket_table::{Connection, SocketTable};
pub use tap::Tap;
pub use transcript::{Entry, PATIENCE, Transcript};
