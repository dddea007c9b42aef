use std::path::Path;

use object::{Object, ObjectSection, ObjectSymbol, SectionFlags, SectionKind, elf};

use crate::Error;
use crate::owner::Owner;

/// A linked program, as far as its sizes go.
pub(crate) struct Image {
    flash: u64,
    symbols: Vec<Symbol>,
}

/// Something in a program that has a name.
struct Symbol {
    /// As the linker knows it.
    raw: String,
    name: String,
    size: u64,
}

/// Names that allocators have, whole; those of Rust's are told by a part.
const ALLOCATORS: [&str; 4] = ["malloc", "calloc", "realloc", "free"];
const RUST_ALLOCATORS: [&str; 5] =
    ["__rust_alloc", "__rust_dealloc", "__rust_realloc", "__rg_", "__rdl_"];

impl Image {
    /// Reads an ELF file.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path)?;
        let file = object::File::parse(&*bytes)?;
        let is_kept = |flags| match flags {
            SectionFlags::Elf { sh_flags } => sh_flags & u64::from(elf::SHF_ALLOC) != 0,
            _ => false,
        };
        let flash = file
            .sections()
            .filter(|section| is_kept(section.flags()))
            .filter(|section| section.kind() != SectionKind::UninitializedData)
            .map(|section| section.size())
            .sum();
        let mut symbols = Vec::new();
        let mut places = std::collections::BTreeSet::new();
        for symbol in file.symbols().filter(|symbol| !symbol.is_undefined()) {
            let raw = symbol.name()?.to_owned();
            // One function may have several names.
            let is_first = symbol.size() == 0 || places.insert((symbol.address(), symbol.size()));
            let size = if is_first { symbol.size() } else { 0 };
            let name = format!("{:#}", rustc_demangle::demangle(&raw));
            symbols.push(Symbol { raw, name, size });
        }
        Ok(Self { flash, symbols })
    }

    /// Returns the bytes that are kept in flash: code, constants, and the first values of variables.
    pub(crate) fn flash(&self) -> u64 {
        self.flash
    }

    /// Returns the bytes of all symbols that go to one account.
    pub(crate) fn flash_of(&self, owner: Owner) -> u64 {
        let own = self.symbols.iter().filter(|symbol| Owner::of(&symbol.name) == owner);
        own.map(|symbol| symbol.size).sum()
    }

    /// Returns the length of a static.
    pub(crate) fn size_of(&self, name: &str) -> Result<u64, Error> {
        let suffix = format!("::{name}");
        let symbol = self.symbols.iter().find(|symbol| symbol.name.ends_with(&suffix));
        symbol.map(|symbol| symbol.size).ok_or_else(|| format!("there is no {name}").into())
    }

    /// Returns the names of all that allocators are made of, or have made for them.
    pub(crate) fn allocator_symbols(&self) -> impl Iterator<Item = &str> {
        let is_of_one = |symbol: &&Symbol| {
            ALLOCATORS.contains(&symbol.raw.as_str())
                || RUST_ALLOCATORS.iter().any(|part| symbol.raw.contains(part))
                || symbol.name.trim_start_matches(['<', '&']).starts_with("alloc::")
        };
        self.symbols.iter().filter(is_of_one).map(|symbol| symbol.name.as_str())
    }

    /// Prints every symbol, the largest first.
    pub(crate) fn print_symbols(&self) {
        let mut symbols: Vec<_> = self.symbols.iter().filter(|symbol| symbol.size > 0).collect();
        symbols.sort_by_key(|symbol| std::cmp::Reverse(symbol.size));
        for Symbol { name, size, .. } in symbols {
            println!("{size:>7} {:?} {name}", Owner::of(name));
        }
    }
}
