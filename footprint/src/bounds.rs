use crate::figures::Figures;

/// What the client may take, in bytes.
pub(crate) struct Bounds {
    pub(crate) flash_without_crypto: u64,
    pub(crate) flash: u64,
    pub(crate) ram: u64,
}

/// What was reached, rounded up: nothing grows unseen.
pub(crate) const BOUNDS: Bounds =
    Bounds { flash_without_crypto: 78 * 1024, flash: 104 * 1024, ram: 16 * 1024 };

/// What is aimed at, for every target.
pub(crate) const AIMS: Bounds =
    Bounds { flash_without_crypto: 32 * 1024, flash: 64 * 1024, ram: 8 * 1024 };

impl Bounds {
    /// Returns a line for each bound that is exceeded.
    pub(crate) fn exceeded_by(&self, figures: &Figures) -> Vec<String> {
        let all = [
            ("flash without crypto", figures.flash_without_crypto(), self.flash_without_crypto),
            ("flash", figures.flash(), self.flash),
            ("RAM", figures.ram, self.ram),
        ];
        let over = all.into_iter().filter(|(_, figure, bound)| figure > bound);
        over.map(|(what, figure, bound)| format!("{what} {figure}, bound {bound}")).collect()
    }
}
