use std::fs;

/// Is what a process has of its machine at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resources {
    /// Memory that it has now, in KiB.
    pub memory: u64,
    /// The most that it had since [`forget_peak`](Self::forget_peak), in KiB.
    pub peak: u64,
    /// Files and connections that it has open.
    pub files: usize,
}

impl Resources {
    /// Looks at a process.
    pub fn of(pid: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let value = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let digits = line.and_then(|line| line.split_whitespace().next());
            digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
        };
        let files = fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
        Self { memory: value("VmRSS:"), peak: value("VmHWM:"), files }
    }

    /// Lets the peak be what the process has now. Tells whether this machine can do that: the peak
    /// is one of the whole life of the process otherwise.
    pub fn forget_peak(pid: u32) -> bool {
        fs::write(format!("/proc/{pid}/clear_refs"), "5").is_ok()
    }
}
