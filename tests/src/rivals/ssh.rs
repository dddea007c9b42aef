use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Is an SSH server on loopback that lets this user in, with keys of its own.
pub struct Ssh {
    dir: PathBuf,
    port: u16,
    server: Child,
}

impl Ssh {
    /// Starts one with its files in an empty folder; `None` if there is none on this machine.
    ///
    /// # Errors
    /// The system's.
    pub fn start(dir: &Path) -> io::Result<Option<Self>> {
        let sshd = Path::new("/usr/sbin/sshd");
        if !sshd.exists() {
            return Ok(None);
        }
        fs::create_dir_all(dir)?;
        for key in ["host", "user"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(dir.join(key))
                .status()?;
            if !made.success() {
                return Err(io::Error::other("ssh-keygen makes no key"));
            }
        }
        // Where sshd, run by root, wants to separate its privileges.
        let _ = fs::create_dir_all("/run/sshd");
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let config = format!(
            "ListenAddress 127.0.0.1\nPort {port}\nHostKey {host}\nAuthorizedKeysFile {user}.pub\n\
             StrictModes no\nUsePAM no\nPidFile none\nSubsystem sftp internal-sftp\n",
            host = dir.join("host").display(),
            user = dir.join("user").display(),
        );
        let path = dir.join("config");
        fs::write(&path, config)?;
        let mut command = Command::new(sshd);
        command.arg("-D").arg("-f").arg(&path).stdin(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn()?;
        let ssh = Self { dir: dir.to_owned(), port, server };
        // There is no other sign that it listens.
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(Some(ssh));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err(io::Error::other("sshd does not listen"))
    }

    /// Copies a file with `scp`.
    ///
    /// # Errors
    /// The system's, or that it failed.
    pub fn scp(&self, from: &Path, to: &Path) -> io::Result<Duration> {
        let mut scp = Command::new("scp");
        scp.arg("-q").arg("-P").arg(self.port.to_string()).args(self.options());
        timed(scp.arg(from).arg(format!("127.0.0.1:{}", to.display())))
    }

    /// Copies a folder with `rsync`; `None` if there is none.
    ///
    /// # Errors
    /// The system's, or that it failed.
    pub fn rsync(&self, from: &Path, to: &Path) -> io::Result<Option<Duration>> {
        if Command::new("rsync").arg("--version").stdout(Stdio::null()).status().is_err() {
            return Ok(None);
        }
        let ssh = format!("ssh -p {} {}", self.port, self.options().join(" "));
        let mut rsync = Command::new("rsync");
        rsync.arg("-a").arg("-e").arg(ssh).arg(from);
        timed(rsync.arg(format!("127.0.0.1:{}/", to.display()))).map(Some)
    }

    fn options(&self) -> Vec<String> {
        let key = self.dir.join("user").display().to_string();
        let known = "UserKnownHostsFile=/dev/null".to_owned();
        let words =
            ["-i", &key, "-o", "StrictHostKeyChecking=no", "-o", &known, "-o", "LogLevel=ERROR"];
        words.map(str::to_owned).to_vec()
    }
}

impl Drop for Ssh {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn timed(command: &mut Command) -> io::Result<Duration> {
    let began = Instant::now();
    let status = command.stdin(Stdio::null()).status()?;
    if status.success() {
        Ok(began.elapsed())
    } else {
        Err(io::Error::other(format!("{command:?} fails: {status}")))
    }
}
