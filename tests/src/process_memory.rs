use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Needles, PATIENCE, Search, skip};

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 20;
/// What the kernel maps into every process and lets nobody read from outside.
const KERNEL: [&str; 3] = ["[vvar]", "[vvar_vclock]", "[vsyscall]"];

/// Is the memory of a running process: all that it could read itself.
pub struct ProcessMemory {
    pid: u32,
}

impl ProcessMemory {
    /// Names the memory of a process that this one has started.
    pub fn of(pid: u32) -> Self {
        Self { pid }
    }

    /// Looks through all of it, while the process is stopped; the process goes on afterwards. None
    /// if this machine does not allow it, which is said.
    #[track_caller]
    pub fn search<'n>(&self, needles: &'n Needles) -> Option<Search<'n>> {
        let memory = match File::open(format!("/proc/{}/mem", self.pid)) {
            Ok(memory) => memory,
            Err(error) => {
                skip(&format!("needs to read the memory of another process: {error}"));
                return None;
            }
        };
        self.signal(Signal::STOP);
        self.wait_stopped();
        let mut search = needles.search();
        let mut end = 0;
        let mut buffer = vec![0; CHUNK];
        for region in self.regions() {
            // Neighbours in memory belong together: an allocation may lie across their border.
            if region.start != end {
                search.gap();
            }
            end = region.start;
            while end < region.end {
                let size = CHUNK.min((region.end - end) as usize);
                match memory.read_at(&mut buffer[..size], end) {
                    Ok(0) => break,
                    Ok(count) => {
                        search.feed(&buffer[..count]);
                        end += count as u64;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    // A file that is mapped beyond its end.
                    Err(_) if region.is_file => break,
                    Err(error) => panic!("memory at {end:x} cannot be read: {error}"),
                }
            }
        }
        self.signal(Signal::CONT);
        Some(search)
    }

    /// Returns all that the process may read, in order.
    #[track_caller]
    fn regions(&self) -> Vec<Region> {
        let maps = fs::read_to_string(format!("/proc/{}/maps", self.pid)).expect("its maps");
        let regions: Vec<_> = maps.lines().filter_map(Region::parse).collect();
        assert!(regions.len() > 3, "{maps}");
        regions
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).expect("a process id");
        kill_process(pid, signal).expect("a process of this one");
    }

    /// Waits until none of its threads runs: a signal only asks for that.
    #[track_caller]
    fn wait_stopped(&self) {
        let limit = Instant::now() + PATIENCE;
        while Instant::now() < limit {
            let threads = fs::read_dir(format!("/proc/{}/task", self.pid)).expect("its threads");
            let is_stopped = |stat: String| {
                // The name before it may hold anything.
                stat.rsplit_once(')').is_some_and(|(_, rest)| rest.starts_with(" T"))
            };
            let mut stats = threads
                .flatten()
                .filter_map(|thread| fs::read_to_string(thread.path().join("stat")).ok());
            if stats.all(is_stopped) {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("process {} does not stop", self.pid);
    }
}

/// Is a part of a process's memory that it may read.
struct Region {
    start: u64,
    end: u64,
    is_file: bool,
}

impl Region {
    /// Reads a line of `/proc/PID/maps`.
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (range, access) = (words.next()?, words.next()?);
        let name = words.nth(3).unwrap_or_default();
        if !access.starts_with('r') || KERNEL.contains(&name) {
            return None;
        }
        let (start, end) = range.split_once('-')?;
        let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16));
        Some(Self { start: start.ok()?, end: end.ok()?, is_file: name.starts_with('/') })
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::Process;

    #[test]
    fn what_a_process_keeps_is_found() {
        let mut command = Command::new("sleep");
        command.arg("600").env("NEEDLE", "in the environment");
        let process = Process::spawn("sleep", command, |line| line);
        let needles =
            Needles::new().with("there", "NEEDLE=in the env").with("not", "elsewhere, no");
        for _ in 0..2 {
            let Some(search) = ProcessMemory::of(process.pid()).search(&needles) else { return };
            let found: Vec<_> = search.found().iter().map(String::as_str).collect();
            assert_eq!(found, ["there"]);
            assert!(search.bytes() > 10_000);
        }
    }
}
