use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::skip;

/// Is a file system in memory of a given size, for as long as it is held: a disk that can be full,
/// or be there for reading only. Needs root.
pub struct SmallDisk {
    dir: TempDir,
}

impl SmallDisk {
    /// Mounts it, or says loudly that this machine does not allow it.
    #[track_caller]
    pub fn mount(bytes: u64) -> Option<Self> {
        let dir = TempDir::with_prefix("breeze-disk-").expect("a temporary directory");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={bytes},mode=0700"), "tmpfs"]);
        let why = match mount.arg(dir.path()).output() {
            Ok(output) if output.status.success() => return Some(Self { dir }),
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        let why = why.lines().next().unwrap_or_default();
        skip(&format!("needs root, to mount a file system: {why}"));
        None
    }

    /// Returns where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Fills it to the last byte.
    #[track_caller]
    pub fn fill(&self) {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(self.filler())
            .expect("room for a file's name");
        let mut chunk = 1 << 20;
        while chunk > 0 {
            while file.write_all(&vec![1; chunk]).is_ok() {}
            chunk /= 2;
        }
        let size = file.metadata().expect("its size").len();
        assert!(size > 0, "there was no room to be filled");
    }

    /// Frees what was filled.
    #[track_caller]
    pub fn free(&self) {
        fs::remove_file(self.filler()).expect("a filled disk");
    }

    /// Lets nobody write on it any more. No file may be open for writing.
    #[track_caller]
    pub fn make_read_only(&self) {
        let mut mount = Command::new("mount");
        mount.args(["-o", "remount,ro"]).arg(self.path());
        let output = mount.output().expect("mount ran before");
        assert!(output.status.success(), "{output:?}");
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a test that failed may have files open.
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[test]
    fn is_full_and_free_again_and_read_only() {
        let Some(disk) = SmallDisk::mount(1 << 20) else { return };
        let file = disk.path().join("file");
        fs::write(&file, [1; 5000]).expect("room");
        disk.fill();
        let full = fs::write(disk.path().join("other"), [1; 10]).expect_err("full");
        assert_eq!(full.kind(), ErrorKind::StorageFull);
        disk.free();
        fs::write(&file, [2; 5000]).expect("room");
        disk.make_read_only();
        let error = fs::write(&file, [3; 10]).expect_err("read-only");
        assert_eq!(error.kind(), ErrorKind::ReadOnlyFilesystem);
        assert_eq!(fs::read(&file).expect("a file"), [2; 5000]);
        let path = disk.path().to_owned();
        drop(disk);
        assert!(!path.exists(), "unmounted and gone");
    }
}
