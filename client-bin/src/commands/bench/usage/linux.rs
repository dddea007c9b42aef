use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use super::Memory;

/// Is the time that a process has had of the processors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct CpuTime {
    /// With that of threads that have ended, to the tick.
    ticks: Duration,
    tick: Duration,
    /// That of each thread that is there, to the nanosecond.
    threads: BTreeMap<u32, Duration>,
}

impl CpuTime {
    /// Returns what the process took since an earlier look.
    ///
    /// The threads' own times are exact, but those that came or went in between took more than they
    /// show. So they count only as far as the ticks allow.
    pub(in super::super) fn since(&self, earlier: &Self) -> Duration {
        let coarse = self.ticks.saturating_sub(earlier.ticks);
        let fine = self.threads.iter().map(|(thread, time)| {
            time.saturating_sub(earlier.threads.get(thread).copied().unwrap_or_default())
        });
        // User and system time are each cut to whole ticks, at both looks.
        let slack = self.tick * 2;
        fine.sum::<Duration>().clamp(coarse.saturating_sub(slack), coarse + slack)
    }
}

/// Looks at the time that a process has had.
pub(in super::super) fn cpu_time(pid: u32) -> Option<CpuTime> {
    let tick =
        Duration::from_secs(1) / u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
    let ticks = ticks(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?;
    let mut threads = BTreeMap::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten() {
        let name = entry.file_name();
        let Some(thread) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // It may have ended meanwhile.
        let Ok(text) = fs::read_to_string(entry.path().join("schedstat")) else { continue };
        if let Some(nanos) = text.split(' ').next().and_then(|first| first.parse().ok()) {
            threads.insert(thread, Duration::from_nanos(nanos));
        }
    }
    Some(CpuTime { ticks: tick * ticks, tick, threads })
}

/// Looks at the memory of a process. Only its owner may.
pub(in super::super) fn memory(pid: u32) -> Option<Memory> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    Some(Memory { rss: kilobytes(&text, "Rss:")? * 1024, pss: kilobytes(&text, "Pss:")? * 1024 })
}

/// Reads user and system time, in ticks, as proc_pid_stat(5) has them.
fn ticks(stat: &str) -> Option<u32> {
    // The name of the program stands in brackets, and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    // The first field here is the third of all, the state.
    let mut times = fields.split_whitespace().skip(14 - 3);
    let mut next = || times.next()?.parse::<u32>().ok();
    next()?.checked_add(next()?)
}

fn kilobytes(rollup: &str, name: &str) -> Option<u64> {
    let rest = rollup.lines().find_map(|line| line.strip_prefix(name))?;
    rest.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_system_writes() {
        let stat = "42 (a) b) (c) S 1 42 42 0 -1 4194560 1 0 0 0 123 45 0 0 20 0 3 0 77 1 2 3";
        assert_eq!(ticks(stat), Some(168));
        assert_eq!(ticks("42 (breeze"), None);
        let rollup = "5581-7ffd ---p 0 00:00 0   [rollup]\nRss:                2764 kB\n\
                      Pss:                 512 kB\nPss_Dirty:   7 kB\n";
        assert_eq!((kilobytes(rollup, "Rss:"), kilobytes(rollup, "Pss:")), (Some(2764), Some(512)));
        assert_eq!(kilobytes(rollup, "Swap:"), None);
    }

    #[test]
    fn this_process_takes_time_and_memory() {
        let pid = std::process::id();
        let before = cpu_time(pid).expect("this process");
        let mut turns = 0_u64;
        let after = loop {
            turns = std::hint::black_box(turns + 1);
            if turns.is_multiple_of(1_000_000) {
                let after = cpu_time(pid).expect("this process");
                if after.since(&before) > Duration::from_millis(20) {
                    break after;
                }
            }
        };
        assert_eq!(after.since(&after), Duration::ZERO);
        let memory = memory(pid).expect("this process");
        assert!(memory.rss >= memory.pss && memory.pss > 1 << 16, "{memory:?}");
        assert_eq!(cpu_time(0), None);
    }

    #[test]
    fn threads_that_ended_are_made_up_for() {
        let ms = Duration::from_millis;
        let look = |ticks, threads: &[(u32, u64)]| CpuTime {
            ticks: ms(ticks),
            tick: ms(10),
            threads: threads.iter().map(|(id, time)| (*id, ms(*time))).collect(),
        };
        let since = |later: &CpuTime, earlier: &CpuTime| later.since(earlier).as_millis();
        let earlier = look(100, &[(1, 93), (2, 12)]);
        assert_eq!(since(&look(150, &[(1, 140), (2, 15)]), &earlier), 50);
        assert_eq!(since(&look(150, &[(1, 138), (2, 15)]), &earlier), 48);
        // The second thread did much before it ended.
        assert_eq!(since(&look(400, &[(1, 140)]), &earlier), 280);
        assert_eq!(since(&earlier, &earlier), 0);
    }
}
