use std::env;
use std::io::{Write, stderr};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::device::random;
use crate::{Board, Process, TestServer, free_port};

/// Names the firmware's ELF file; seen from the root of the repository, if it is a relative path.
const FIRMWARE: &str = "BREEZE_FIRMWARE";

/// Where an emulated board finds this machine's loopback.
const HOST: &str = "10.0.2.2";
/// Where the firmware listens, on a network of its own.
const INSIDE: &str = "10.0.2.15:7733";

/// Says how an emulated board with the firmware is to be started.
#[derive(Clone)]
pub struct BoardOptions {
    user: String,
    server: SocketAddr,
    identity: [u8; 32],
    reachable: bool,
}

impl BoardOptions {
    /// Names the user, with a key of its own, and the server.
    pub fn new(user: &str, server: &TestServer) -> Self {
        let (user, server) = (user.to_owned(), server.address());
        Self { user, server, identity: random(), reachable: true }
    }

    /// Tells others an address at which nobody is.
    pub fn unreachable(mut self) -> Self {
        self.reachable = false;
        self
    }

    /// Starts it and waits until it listens, or says why it cannot be started on this machine.
    ///
    /// If `BREEZE_FIRMWARE` names a firmware, it can.
    #[track_caller]
    pub fn start(&self) -> Option<Board> {
        let Some(firmware) = env::var_os(FIRMWARE) else {
            // Not `eprintln`, which is shown for failed tests only.
            let _ = writeln!(
                stderr(),
                "SKIPPED: {FIRMWARE} names no firmware (firmware/test.sh builds one)"
            );
            return None;
        };
        let firmware = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(firmware);
        assert!(firmware.is_file(), "{FIRMWARE}: there is no {}", firmware.display());
        let port = free_port();
        let dir = TempDir::with_prefix("breeze-board-").expect("a temporary directory");
        let monitor = dir.path().join("monitor");
        let command = self.command(&firmware, port, &monitor);
        let process = Process::spawn(&self.user, command, |line| line);
        let board = Board { process, port, monitor, _dir: dir };
        board.wait("listening on ");
        Some(board)
    }

    fn command(&self, firmware: &Path, port: u16, monitor: &Path) -> Command {
        let advertised = if self.reachable { port } else { free_port() };
        let hex = |bytes: [u8; 32]| bytes.map(|byte| format!("{byte:02x}")).concat();
        let words = [
            "firmware".to_owned(),
            format!("server={HOST}:{}", self.server.port()),
            format!("user={}", self.user),
            format!("advertise=127.0.0.1:{advertised}"),
            format!("identity={}", hex(self.identity)),
            format!("seed={}", hex(random())),
        ];
        let words = words.map(|word| format!(",arg={word}")).concat();
        let mut command = Command::new("qemu-system-arm");
        command
            .args(["-machine", "lm3s6965evb", "-display", "none", "-monitor", "none"])
            .args(["-serial", "none", "-chardev", "stdio,id=console,signal=off"])
            .arg("-semihosting-config")
            .arg(format!("enable=on,target=native,chardev=console{words}"))
            .arg("-nic")
            .arg(format!("user,model=stellaris,id=lan,hostfwd=tcp:127.0.0.1:{port}-{INSIDE}"))
            .arg("-qmp")
            .arg(format!("unix:{},server=on,wait=off", monitor.display()))
            .arg("-kernel")
            .arg(firmware);
        command
    }
}
