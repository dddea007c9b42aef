use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::world::Rng;

/// Files in each folder of a tree.
const IN_A_FOLDER: usize = 100;
/// Bytes of a small file, at most; they are of all lengths.
const SMALL: u64 = 16 * 1024;

/// Writes a file of so many bytes that nobody can compress.
///
/// # Errors
/// The system's.
pub fn big_file(path: &Path, size: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    let mut random = Rng::new(size);
    let mut bytes = vec![0; 1 << 20];
    let mut left = size;
    while left > 0 {
        for word in bytes.as_chunks_mut::<8>().0 {
            *word = random.bits().to_le_bytes();
        }
        let len = left.min(bytes.len() as u64) as usize;
        file.write_all(&bytes[..len])?;
        left -= len as u64;
    }
    Ok(())
}

/// Writes so many small files in folders of a hundred, and returns the bytes of all.
///
/// # Errors
/// The system's.
pub fn small_files(folder: &Path, count: usize) -> io::Result<u64> {
    let mut random = Rng::new(count as u64);
    let mut bytes = vec![0; SMALL as usize];
    let mut all = 0;
    for at in 0..count {
        let within = folder.join(format!("folder {:03}", at / IN_A_FOLDER));
        if at % IN_A_FOLDER == 0 {
            fs::create_dir_all(&within)?;
        }
        let len = (random.below(SMALL + 1)) as usize;
        for word in bytes[..len].as_chunks_mut::<8>().0 {
            *word = random.bits().to_le_bytes();
        }
        fs::write(within.join(format!("file {at}")), &bytes[..len])?;
        all += len as u64;
    }
    Ok(all)
}
